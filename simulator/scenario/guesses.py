"""What to say of a name that nobody has: what was probably meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_SHOWN = 60
_MOST_LISTED = 60


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that nothing of a kind is called `word`, with a guess and the names there are."""
    return f"unknown {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


def lacks(owner: str, kind: str, word: str, known: Iterable[str]) -> str:
    """Say that `owner` has nothing of a kind that is called `word`, with a guess and the names it has."""
    return f"{owner} has no {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


def guess(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'? known: x, y`, without the question where nothing is near."""
    names = [*known]
    lower = {name.lower(): name for name in names}
    near = get_close_matches(word[:_SHOWN].lower(), lower, 1)
    hint = f"did you mean {lower[near[0]]!r}? " if near else ""
    listed = ", ".join(islice(names, _MOST_LISTED)) or "none"
    more = f", and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"{hint}known: {listed}{more}"
