"""Virtual time and what is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count

Act = Callable[[], None]


def write_length(length: timedelta) -> str:
    """Return a length of time as a scenario writes it."""
    left, parts = round(length.total_seconds() * 1000), ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


class Clock:
    """The one source of time in a world: it moves only forward and only when told, so `now` is read alone.

    Acts due at the same instant happen in the order in which they were scheduled. `cause` is the input in
    whose name things happen now, 0 in nobody's: an act happens in that of the input that scheduled it.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware start time")
        self.start = start
        self.now = start
        self.cause = 0
        self._due: list[tuple[datetime, int, Act, int]] = []
        self._aside: list[tuple[datetime, int, Act, int]] = []
        self._order = count()

    @property
    def next_due(self) -> datetime | None:
        """When the next act is due, or None when the world is idle."""
        return self._due[0][0] if self._due else None

    @property
    def next_subjects(self) -> tuple[object, ...]:
        """What the next act is about, such as a call and its attempt; nothing when the world is idle."""
        act = self._due[0][2] if self._due else None
        return act.args if isinstance(act, partial) else ()

    @property
    def waiting(self) -> int:
        """How many acts are scheduled."""
        return len(self._due)

    def at(self, when: datetime, act: Act) -> None:
        """Schedule `act` for `when`; an instant already past means now, at the next advance."""
        heapq.heappush(self._due, (max(when, self.now), next(self._order), act, self.cause))

    def aside(self, when: datetime, act: Act) -> None:
        """Schedule what recurs for ever, such as a rent: it happens in time, but a world rests meanwhile."""
        heapq.heappush(self._aside, (max(when, self.now), next(self._order), act, self.cause))

    def after(self, delay: timedelta, act: Act) -> None:
        """Schedule `act` for `delay` from now."""
        self.at(self.now + delay, act)

    def advance_to(self, when: datetime, pause: Callable[[], bool] = lambda: False) -> int:
        """Move to `when`, doing everything due on the way; return how many acts were done.

        Stops early, at the instant of the last act done, as soon as `pause()` is true. An instant before
        now changes nothing but does what is due now.
        """
        done, own = 0, self.cause
        target = max(when, self.now)
        while (queue := self._soonest()) and queue[0][0] <= target:
            if pause():
                return done
            self.now, _, act, self.cause = heapq.heappop(queue)
            try:
                act()
            finally:
                self.cause = own
            done += 1
        if not pause():
            self.now = target
        return done

    def is_due(self, when: datetime) -> bool:
        """Return whether an act is due by `when`."""
        queue = self._soonest()
        return bool(queue) and queue[0][0] <= when

    def _soonest(self) -> list[tuple[datetime, int, Act, int]]:
        due, aside = self._due, self._aside
        return aside if aside and (not due or aside[0] < due[0]) else due
