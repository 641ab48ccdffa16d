"""E.164 numbers: a plus sign and up to fifteen digits, the only form the core knows."""

from __future__ import annotations

import re
from typing import NewType

from simulator.telephony.errors import MalformedNumber

E164 = NewType("E164", str)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BARE = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9]|[0-3][0-9][.-](?:0[1-9]|1[0-2])[.-](?:19|20)[0-9]{2}",
    re.ASCII,
)
"""A day as lists have it beside numbers: eight digits, of which no country makes a number written so."""
_DIGITS_OF_A_DATE = 8
_FLOAT = re.compile(r"\+?[0-9]{7,15}\.0", re.ASCII)
"""A number that a table or a program took for a quantity: read on, it would have a digit too many."""

PUNCTUATION = str.maketrans("", "", " -().\u00a0")
"""Takes out what people write between the digits of a number."""


def parse_number(text: str) -> E164:
    """Read a number as people write it: with or without `+`, spaces, dashes, dots and brackets.

    Raises MalformedNumber when what remains is not 7 to 15 ASCII digits led by a country code, for a day such
    as `2026-03-02` or `12.03.2026`, and for a float such as `447700900501.0`.
    """
    if _E164.fullmatch(text):
        return E164(text)
    plain = text.strip().translate(PUNCTUATION)
    if plain.endswith("0") and _FLOAT.fullmatch(text.strip()):
        raise MalformedNumber(text)
    if _E164.fullmatch(plain):
        return E164(plain)
    if len(plain) == _DIGITS_OF_A_DATE and _DATE.fullmatch(text.strip()):
        raise MalformedNumber(text)
    if _BARE.fullmatch(plain):
        return E164("+" + plain)
    raise MalformedNumber(text)


def digits_of(number: E164) -> str:
    """Return the number without its plus sign."""
    return number[1:]
