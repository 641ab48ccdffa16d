"""Where real time comes in: the only module that reads the wall clock or waits.

`datetime.now` is looked up at each call, so a test that freezes the host's time freezes this too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic

LONGEST_NAP = timedelta(milliseconds=50)
SHORTEST_NAP = timedelta(milliseconds=5)
"""Between two rounds, so that a round after each of a thousand requests does not slow them down."""


def host_now() -> datetime:
    """Return the host's time, aware."""
    return datetime.now(UTC)


def host_seconds() -> float:
    """Return seconds that only go on, whatever becomes of the host's time."""
    return monotonic()


class RealTime:
    """Host time turned into a world's time: from `start` on, `pace` times as fast."""

    def __init__(self, start: datetime, pace: float = 1.0) -> None:
        self._origin = host_now()
        self._start = start
        self._pace = pace

    def __call__(self) -> datetime:
        """Return what time it is in the world."""
        return self._start + (host_now() - self._origin) * self._pace

    def skip(self, length: timedelta) -> None:
        """Let the world's time jump ahead by `length`, and run on from there; a step back is none at all."""
        self._start += max(length, timedelta(0))

    def host_length(self, delay: timedelta) -> timedelta:
        """Return how long the host waits while `delay` passes in the world."""
        return delay / self._pace


class Pump:
    """A thread that keeps worlds up with real time and sends what they want sent.

    `work` does one round; it is called again when somebody calls `wake`, and at least every 50 ms.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._woken = Event()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="simulator-pump", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Ask for a round at once."""
        self._woken.set()

    def stop(self) -> None:
        """Do one last round and end; returns when the thread has."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(LONGEST_NAP.total_seconds())
            self._woken.clear()
            self._work()
            self._stopped.wait(SHORTEST_NAP.total_seconds())
