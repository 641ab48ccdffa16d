"""Letters that look alike and are not the same: which one stands where, by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_LATIN = "ABCEHIJKMOPSTXYaceijopsxy"
_CYRILLIC = "АВСЕНІЈКМОРЅТХУасеіјорѕху"
_GREEK = {"Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O"}
_GREEK_TOO = {"Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "ο": "o", "ν": "v"}
_FOLDED = str.maketrans({**dict(zip(_CYRILLIC, _LATIN, strict=True)), **_GREEK, **_GREEK_TOO})


def find_look_alikes(text: object, options: Iterable[object]) -> str | None:
    """Name the letters by which `text` only seems to be one of `options`, or return None.

    Either may be the one that is spelt with a foreign letter; full-width letters count as well.
    """
    if not isinstance(text, str) or len(text) > 200:
        return None
    for option in options:
        if isinstance(option, str) and option != text and _fold(option) == _fold(text):
            return _differences(text, option)
    return None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


def _differences(text: str, option: str) -> str | None:
    if len(text) != len(option):
        return None
    differences = [
        f"letter {place} is {_name(came)}, not {_name(meant)}"
        for place, (came, meant) in enumerate(zip(text, option, strict=True), start=1)
        if came != meant
    ]
    return "; ".join(differences)


def _name(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
