"""What to say of a name that nobody has: what was probably meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.errors import guess

_SHOWN = 60


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that nothing of a kind is called `word`, with a guess and the names there are."""
    return f"unknown {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


def lacks(owner: str, kind: str, word: str, known: Iterable[str]) -> str:
    """Say that `owner` has nothing of a kind that is called `word`, with a guess and the names it has."""
    return f"{owner} has no {kind} {word[:_SHOWN]!r}; {guess(word, known)}"
