"""Which known name a misspelt one probably means: by its letters, its case, its words, its likeness.

Letters that look alike and are not the same are named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 100
"""Letters of a name that are looked at; comparing costs their square."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is most like, or None; other case and other joints count as equal."""
    name, listed = name[:LONGEST], [candidate for candidate in known if candidate != name]
    bare = _bare(name)
    for meant in listed:
        if bare and _bare(meant) == bare:
            return meant
    lowered = {meant.lower(): meant for meant in reversed(listed)}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=0.7)
    if close:
        return lowered[close[0]]
    words = _words(name)
    longer = [meant for meant in listed if words and words < _words(meant)] or [
        meant for meant in listed if len(meant) > 2 and name.lower().startswith(meant.lower())
    ]
    return longer[0] if len(longer) == 1 else None


def advise(name: str, known: Iterable[str]) -> str | None:
    """Return what to write instead of a misspelt name, with the letter that only looks right, or None."""
    listed = list(known)
    letters = find_look_alikes(name, listed)
    if letters:
        meant = next(candidate for candidate in listed if find_look_alikes(name, [candidate]))
        return f"write `{meant}`: {letters}"
    meant_by = nearest(name, listed)
    return f"did you mean `{meant_by}`?" if meant_by else None


def _bare(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.lower()) if name.isascii() else ""


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


_LATIN = "ABCEHIJKMOPSTXYaceijopsxy" + "ABEZHIKMNOPTYXov"
_FOREIGN = "АВСЕНІЈКМОРЅТХУасеіјорѕху" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον"  # of Cyrillic, of Greek
_FOLDED = str.maketrans(_FOREIGN, _LATIN)


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


def find_strange_digits(text: object) -> str | None:
    """Tell of digits that are none of 0 to 9, without saying which they are, or return None."""
    places = [
        place
        for place, letter in enumerate(text if isinstance(text, str) else "", 1)
        if letter.isdecimal() and not letter.isascii()
    ]
    if not places:
        return None
    kind = unicodedata.name(str(text)[places[0] - 1], "a digit").rpartition(" ")[0]
    more = f", and {len(places) - 1} more" if len(places) > 1 else ""
    return f"write 0 to 9: letter {places[0]} is a digit of another alphabet ({kind}){more}"


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
