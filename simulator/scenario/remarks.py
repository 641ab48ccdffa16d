"""Remarks on what a scenario says, and how they speak of names that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from simulator.errors import guess

Path = tuple[str | int, ...]
"""The keys and places in lists that lead to a value."""

MOST_REMARKS = 50
"""More than so many nobody reads."""

_SHOWN = 60


class Remark(NamedTuple):
    """What there is to say about the value at `path`, or about its key, and what key was `meant` instead."""

    path: Path
    what: str
    of_key: bool = False
    meant: str = ""


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that nothing of a kind is called `word`, with a guess and the names there are."""
    return f"unknown {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


def lacks(owner: str, kind: str, word: str, known: Iterable[str]) -> str:
    """Say that `owner` has nothing of a kind that is called `word`, with a guess and the names it has."""
    return f"{owner} has no {kind} {word[:_SHOWN]!r}; {guess(word, known)}"
