"""Which known name a misspelt one probably means: by its letters, its case, its words, its likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from simulator.conformance.look_alikes import find_look_alikes

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
