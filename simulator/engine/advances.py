"""Moving a world's clock on: how far, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from simulator.errors import SimulatorError
from simulator.telephony.clock import Clock

HORIZON = timedelta(days=366)
"""How far `until idle` looks before it gives up on a world that never rests."""


END = datetime(9000, 1, 1, tzinfo=UTC)
"""No world comes to this: what is renewed by the month has to have a date that Python can hold."""


def check_moment(until: datetime) -> None:
    """Raise SimulatorError for a moment that no world comes to."""
    if until >= END:
        raise SimulatorError(
            f"time ends before the year {END.year} here", "begin the world again, or move it less far"
        )


def moment_after(now: datetime, length: timedelta) -> datetime:
    """Return when a length has gone by; raises SimulatorError where no world comes to that."""
    until = now + min(length, END - now)
    check_moment(until)
    return until


class Pending(Struct, frozen=True):
    """What was due and is not done: a delivery by its id, or the clock, and why."""

    what: str
    reason: str


class AdvanceResult(Struct, frozen=True, kw_only=True):
    """What happened while time moved; `idle` tells that nothing more is due.

    `deliveries` are the callbacks of which a try came to its end, in that order. What was due and is not done
    is `pending`, with its reason.
    """

    since: datetime
    now: datetime
    acts: int
    deliveries: tuple[str, ...]
    idle: bool
    pending: tuple[Pending, ...] = ()


class Goal:
    """Where a clock is moved to: the instant `until`, or with None to where nothing is due any more."""

    def __init__(self, clock: Clock, since: datetime, until: datetime | None) -> None:
        self._clock = clock
        self._until = until
        self._end = until or since + HORIZON

    def next_stop(self) -> datetime:
        """Return how far the clock may move at once."""
        return self._end if self._until else min(self._clock.next_due or self._clock.now, self._end)

    def reached(self) -> bool:
        """Return whether the clock is there, and all that is due by then is done."""
        due = self._clock.next_due
        if self._until is None and due is None:
            return True
        return self._clock.now >= self._end and (due is None or due > self._end)

    def pending(self) -> Iterator[Pending]:
        """Yield why a clock that should come to rest was left before it did."""
        due = self._clock.next_due
        if self._until is None and due is not None:
            yield Pending("clock", f"not idle after {HORIZON.days} days, next due {due.isoformat()}")
