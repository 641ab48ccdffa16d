"""Ids that are not those of what a request asks for: cut on their way, or the id of something else."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from simulator.exchange import Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.phone_numbers import digits_of

MOST_REFS = 10_000
"""How many of each kind of an account's things are looked at, the newest first."""

MOST_PARTS, MOST_BODY = 200, 65_536
LONGEST_ID, SHORTEST_IN_JSON = 20, 4
_IN_JSON = re.compile(rb'"([\w:.+-]{1,64})"(?!\s*:)|(?<![\w.+"-])(-?[0-9]{1,20})(?![\w."])')
_WORD, _HALF = 2**32, 2**31

KINDS = ("call", "message", "campaign", "group", "clip", "run", "webhook", "number", "label")
"""What may be asked for: the `x-asks` of a contract's errors."""


class CutId(Struct, frozen=True):
    """Where an id came in, and what became of it on its way."""

    place: str
    advice: str


def find_cut(account: Account | None, request: Request, form: Form | MalformedForm) -> CutId | None:
    """Return the first number among a request's values that is an id of the account, cut; else None."""
    if account is None:
        return None
    numbers = {int(text): name for name, text in _values(request, form) if _is_whole(text)}
    for _, owned in _owned(account) if numbers else ():
        refs = (str(ref) for ref in islice(reversed(owned), MOST_REFS))
        for ref in map(int, filter(_is_whole, refs)):
            for cut, how in _cuts(ref):
                if cut != ref and cut in numbers:
                    advice = f"{cut} is the id {ref} {how}: keep ids as text, or as 64 bits"
                    return CutId(numbers[cut], advice)
    return None


def find_mistaken(asked: str, account: Account | None, request: Request, form: Form | MalformedForm) -> str:
    """Return what the first value is that is the id of something else than a kind that was `asked` for."""
    if account is None or not asked:
        return ""
    end = request.path.rstrip("/").rpartition("/")[2]
    shortest = {"body": SHORTEST_IN_JSON}
    values = {
        text.removeprefix("+"): (name, text)
        for name, text in _values(request, form)
        if len(text) >= shortest.get(name, 1) and (name != "path" or text == end)
    }
    for kind, ref in _refs(account, values):
        name, text = values[ref]
        if kind == asked == "call":
            return f"{text} is the id of a call which another operation, or another campaign, tells of"
        if kind != asked and kind not in name:  # in a parameter of its own it is in its place
            what = f"a number stands in {name}" if kind == "number" else f"{text} is the id of a {kind}"
            return f"{what}, where a {asked} is asked for"
    return ""


def _values(request: Request, form: Form | MalformedForm) -> Iterator[tuple[str, str]]:
    """Yield the values by which something may be asked for: parameters, steps of the path, JSON."""
    if isinstance(form, Form):
        for field in form.fields:
            yield from ((field.name, part.strip()) for part in field.value.split(",")[:MOST_PARTS])
    yield from (("path", step) for step in request.path.split("/"))
    if request.body.lstrip()[:1] in (b"{", b"["):
        for text, number in _IN_JSON.findall(request.body[:MOST_BODY]):
            yield "body", (text or number).decode("ascii", "replace")


def _owned(account: Account) -> tuple[tuple[str, Mapping[Any, object]], ...]:
    """Return what an account has that has ids, by kind."""
    return (
        ("call", account.calls),
        ("message", account.messages),
        ("campaign", account.campaigns),
        ("group", account.groups),
        ("clip", account.clips),
        ("run", account.script_runs),
        ("webhook", account.subscriptions),
    )


def _refs(account: Account, among: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield the ids of an account that are among some, then the numbers that it called, newest first."""
    for kind, owned in _owned(account):
        refs = map(str, islice(reversed(owned), MOST_REFS))
        yield from ((kind, ref) for ref in refs if ref in among)
    callees = (digits_of(call.callee) for call in islice(reversed(account.calls.values()), MOST_REFS))
    yield from (("number", callee) for callee in callees if callee in among)


def _is_whole(text: str) -> bool:
    return len(text) <= LONGEST_ID and text.isascii() and text.removeprefix("-").isdecimal()


def _cuts(ref: int) -> Iterator[tuple[int, str]]:
    yield (ref + _HALF) % _WORD - _HALF, "cut to 32 bits"
    yield ref % _WORD, "cut to 32 bits"
    yield int(float(ref)), "rounded by a float"
