"""Whom a scenario describes, without counting every number of a run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import inf

from simulator.telephony.phone_numbers import E164


class People:
    """The numbers that a scenario describes, each once: spans of whole numbers, in order."""

    def __init__(self, runs: Iterable[tuple[E164, int]]) -> None:
        """Take the first number of each run and how many there are in it."""
        self._spans: list[tuple[int, int]] = []
        for begin, end in sorted((int(first), int(first) + count) for first, count in runs):
            joined = bool(self._spans) and begin <= self._spans[-1][1]
            low, high = self._spans.pop() if joined else (begin, end)
            self._spans.append((low, max(end, high)))

    def __contains__(self, number: E164) -> bool:
        """Tell whether the scenario describes who answers `number`."""
        place = bisect_right(self._spans, (int(number), inf)) - 1
        return place >= 0 and int(number) < self._spans[place][1]

    def __len__(self) -> int:
        return sum(high - low for low, high in self._spans)
