"""An id that the vendor never gave, made of one that it gave: through 32 bits, or through a float."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from simulator.exchange import Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account

MOST_REFS = 10_000
"""How many ids of an account are looked at, the newest first."""

LONGEST_ID = 20
MOST_BODY = 65_536
_IN_JSON = re.compile(rb"(?<![\w.+-])-?[0-9]{1,19}(?![\w.])")
_WORD, _HALF = 2**32, 2**31


@dataclass(frozen=True, slots=True)
class CutId:
    """Where an id came in, and what became of it on its way."""

    place: str
    advice: str


def find_cut(account: Account | None, request: Request, form: Form | MalformedForm) -> CutId | None:
    """Return the first number among a request's parameters that is an id of the account, cut; else None."""
    if account is None:
        return None
    numbers = {value: name for name, value in _numbers(request, form)}
    if not numbers:
        return None
    for ref in _refs(account):
        for cut, how in _cuts(ref):
            if cut != ref and cut in numbers:
                return CutId(numbers[cut], f"{cut} is the id {ref} {how}: keep ids as text, or as 64 bits")
    return None


def _numbers(request: Request, form: Form | MalformedForm) -> Iterator[tuple[str, int]]:
    if isinstance(form, Form):
        for field in form.fields:
            for part in field.value.split(",")[:200]:
                yield from _whole(field.name, part)
    for part in request.path.split("/"):
        yield from _whole("path", part)
    for digits in _IN_JSON.findall(request.body[:MOST_BODY]):
        yield "body", int(digits)


def _whole(name: str, text: str) -> Iterator[tuple[str, int]]:
    text = text.strip()
    if len(text) <= LONGEST_ID and text.isascii() and text.removeprefix("-").isdecimal():
        yield name, int(text)


def _refs(account: Account) -> Iterable[int]:
    kept = islice((*reversed(account.calls), *account.campaigns, *account.clips), MOST_REFS)
    return (int(ref) for ref in kept if isinstance(ref, int) or ref.isdecimal())


def _cuts(ref: int) -> Iterator[tuple[int, str]]:
    yield (ref + _HALF) % _WORD - _HALF, "cut to 32 bits"
    yield ref % _WORD, "cut to 32 bits"
    yield int(float(ref)), "rounded by a float"
