"""How long requests took, counted by bounds: what an average would hide."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds of the host."""


class Latency:
    """A histogram of how long answers took to make, in seconds; a count may be lost where threads race."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def note(self, seconds: float) -> None:
        """Count one request."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self._counts)

    def below(self) -> Iterator[tuple[float, int]]:
        """Yield each bound with how many took no longer."""
        total = 0
        for bound, count in zip(BOUNDS, self._counts, strict=False):
            total += count
            yield bound, total
