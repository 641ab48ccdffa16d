"""Numbers as somebody types them who stands in the place of whoever is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from simulator.telephony.calls import Call
from simulator.telephony.operators import read_number
from simulator.telephony.phone_numbers import E164, PUNCTUATION
from simulator.telephony.world import World

MOST_CALLS = 200

_CODE = re.compile(
    r"\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})", re.ASCII
)
"""A plus and the code of a country (ITU-T E.164): none begins as another one does."""

_AT_HOME = re.compile(r"0([1-9][0-9]{5,13})", re.ASCII)


def read_typed_number(world: World, text: str) -> E164:
    """Return the number that `text` means in a world.

    One that is written as at home, with a leading 0, is that of whom the world knows under it: on the line,
    called lately, described by the scenario, owned by an account, magic. Any other, and where nobody is
    known, is what the vendors' clients mean by it; raises MalformedNumber.
    """
    at_home = _AT_HOME.fullmatch(text.translate(PUNCTUATION))
    if at_home and (known := next(_known(world, at_home[1]), None)):
        return known
    return read_number(world.operators, text)


def _known(world: World, digits: str) -> Iterator[E164]:
    """Yield the numbers that are known and are a country's code before `digits`, the likeliest first."""
    for number in _numbers(world):
        if number.endswith(digits) and number == _code(number) + digits:
            yield number
    stems = [block.first for block in world.people.blocks] + [block.stem for block in world.people.magic]
    for number in (E164(_code(stem) + digits) for stem in stems):
        if world.people.describes(number):
            yield number


def _code(number: str) -> str:
    code = _CODE.match(number)
    return code[0] if code else ""


def _numbers(world: World) -> Iterator[E164]:
    yield from world.lines
    for call in islice(world.newest_calls(), MOST_CALLS):
        yield call.callee if isinstance(call, Call) else call.party
    yield from world.people.listed
    for account in world.accounts.values():
        yield from (*account.numbers, *account.caller_ids)
