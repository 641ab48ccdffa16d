"""What expressions of a run may name, and how much work they may still be: no script holds the process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.vendors.callr.actions.methods import Pattern, refuse, weigh

MOST_WORK = 3_000_000
READING = 10
"""What it costs to read a character of an expression; to look at one of a value costs 1."""


class Work:
    """The work that is left to one run, with all that it sets off."""

    def __init__(self) -> None:
        self.left = MOST_WORK

    @property
    def used_up(self) -> bool:
        """Whether more was asked for than there was."""
        return self.left < 0

    def spend(self, amount: int) -> None:
        """Take that much of it; raises MalformedExpression where there is no more."""
        self.left -= amount
        if self.used_up:
            refuse("so much work in one run")


class Names(dict[str, Any]):
    """Names with their values; whoever computes with them spends the `work` of their run."""

    def __init__(self, values: Mapping[str, Any], work: Work) -> None:
        super().__init__(values)
        self._work = work

    def read(self, text: str) -> None:
        """Spend what it costs to read an expression."""
        self._work.spend(READING * len(text))

    def handle(self, *values: Any) -> None:
        """Spend what it costs to look at values once; a pattern is tried at each place of the others."""
        tries = max((len(value.search.pattern) for value in values if isinstance(value, Pattern)), default=1)
        self._work.spend(tries * weigh(values))
