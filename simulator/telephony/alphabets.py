"""The alphabets of short messages: what fits GSM 03.38, and into how many parts a text is split."""

from __future__ import annotations

from enum import StrEnum
from math import ceil

GSM_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Letters that take two places, for an escape goes before them."""

UNKNOWN = "?"
"""What a phone shows of a letter that its alphabet lacks."""


class Alphabet(StrEnum):
    """How the letters of a message travel."""

    GSM = "gsm"
    UNICODE = "unicode"


PLACES = {Alphabet.GSM: (160, 153), Alphabet.UNICODE: (70, 67)}
"""How many places one part has: alone, and as one of several, which carry a header each (3GPP TS 23.040)."""

BASIC_PLANE = "\uffff"
"""The last letter of Unicode that takes one place in UCS-2; those after it take a surrogate pair."""


def alphabet_of(text: str) -> Alphabet:
    """Return the smallest alphabet that holds all of `text`."""
    return Alphabet.GSM if GSM_LETTERS.issuperset(set(text) - GSM_EXTENSION) else Alphabet.UNICODE


def spell(text: str, alphabet: Alphabet) -> str:
    """Return `text` as it arrives in `alphabet`: letters that GSM lacks become question marks."""
    if alphabet is Alphabet.UNICODE:
        return text
    known = GSM_LETTERS | GSM_EXTENSION
    return "".join(letter if letter in known else UNKNOWN for letter in text)


def parts_of(text: str, alphabet: Alphabet) -> int:
    """Return how many parts `text` takes: at least one, even when it is empty.

    A letter of two places is never cut over the end of a part: it begins the next one, and the place before
    it stays empty (3GPP TS 23.038 and 23.040).
    """
    if alphabet is Alphabet.GSM:
        widths = [2 if letter in GSM_EXTENSION else 1 for letter in text]
    else:
        widths = [2 if letter > BASIC_PLANE else 1 for letter in text]
    alone, joined = PLACES[alphabet]
    places = sum(widths)
    if places <= alone:
        return 1
    if places == len(widths):
        return ceil(places / joined)
    parts = free = 0
    for width in widths:
        if width > free:
            parts, free = parts + 1, joined
        free -= width
    return parts
