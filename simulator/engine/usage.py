"""What the worlds of a process take: the time of answers, and memory, of which some is given back."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Container, Iterator, Mapping
from datetime import timedelta
from threading import Lock

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


IDLE_LIFE = timedelta(hours=1)
EMPTY_WORLD = 100_000
"""About what a world takes in which nothing has happened yet, in bytes."""


class MemoryUse:
    """How much each world remembers and when somebody last asked there; safe for threads.

    All together remember `total` bytes, by estimate; `most` is the bound. Times are seconds of the host's
    monotonic clock.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.closed: dict[str, int] = {"idle": 0, "memory": 0}
        self._worlds: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self.total = 0
        self._lock = Lock()

    def note(self, world: str, size: int, now: float) -> bool:
        """Note a request in a world, which remembers `size` bytes now; tell whether all hold too much."""
        with self._lock:
            former, _ = self._worlds.pop(world, (0, 0.0))
            self._worlds[world] = (size + EMPTY_WORLD, now)
            self.total += size + EMPTY_WORLD - former
            return self.total > self.most

    def forget(self, world: str) -> None:
        """Drop a world that is closed."""
        with self._lock:
            self.total -= self._worlds.pop(world, (0, 0.0))[0]

    def too_much(self, spared: Container[str]) -> list[tuple[str, int]]:
        """Return the worlds to close so that the rest fits, those first where nobody asked for longest."""
        chosen: list[tuple[str, int]] = []
        with self._lock:
            excess = self.total - self.most
            for name, (size, _) in self._worlds.items():
                if excess > 0 and name not in spared:
                    chosen.append((name, size))
                    excess -= size
        return chosen

    def idle(self, now: float, spared: Container[str]) -> list[str]:
        """Return the worlds where nobody has asked for an hour."""
        since = now - IDLE_LIFE.total_seconds()
        with self._lock:
            return [name for name, (_, last) in self._worlds.items() if last < since and name not in spared]

    def counts(self) -> Mapping[str, int]:
        """Return how many bytes are remembered and allowed, and how many worlds were closed and why."""
        closed = {f"worlds_closed_{why}": count for why, count in self.closed.items()}
        return {"memory": self.total, "memory_allowed": self.most, **closed}
