"""Everything that can change a world, in order, with its time; replaying it gives the same world."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from simulator.errors import SimulatorError, StateUnavailable
from simulator.exchange import DeliveryAttempt, Request

MOST_REPEATED = 256
"""So many different requests are looked at for the same one again, as clients ask that poll."""
FIXED_COST = 300
"""Bytes that an input takes besides the request's own, by estimate."""

log = logging.getLogger("simulator")


class RequestArrived(Struct, frozen=True, gc=False):
    """A client's request to a vendor."""

    vendor: str
    request: Request


class ActionTaken(Struct, frozen=True, array_like=True):
    """A tester's hand on the world, by the control plane: `name` with plain `arguments`."""

    name: str
    arguments: Mapping[str, Any]


class DeliverySettled(Struct, frozen=True):
    """What became of the attempt to deliver the `release`-th time that a callback was let out.

    It left after input `after` at the instant `left`.
    """

    ref: str
    release: int
    attempt: DeliveryAttempt
    after: int
    left: datetime


class TimeReached(Struct, frozen=True):
    """Time moved to here on request, and nothing else happened.

    A `pausing` one goes no further than to the first instant at which a callback is due.
    """

    pausing: bool = False


class AnswersLeft(Struct, frozen=True):
    """The answers to inputs of these numbers have left, so callbacks may follow; it is no input itself."""

    numbers: tuple[int, ...]


Cause = RequestArrived | ActionTaken | DeliverySettled | TimeReached | AnswersLeft


def size_of(cause: Cause) -> int:
    """Return how many bytes a cause takes in memory, by estimate."""
    if isinstance(cause, RequestArrived):
        return FIXED_COST + len(cause.request.body) + len(cause.request.query)
    if isinstance(cause, DeliverySettled) and cause.attempt.reply is not None:
        return FIXED_COST + len(cause.attempt.reply.body)
    return FIXED_COST


class Input(Struct, frozen=True):
    """One cause and when it came."""

    at: datetime
    cause: Cause


class SharedInput(Struct, frozen=True):
    """An input as all read it who share a world: taken at `milliseconds`, naming an instant `at` or none."""

    sender: str
    milliseconds: int
    at: datetime | None
    cause: Cause
    is_own: bool


class Segment(Struct, frozen=True, kw_only=True):
    """A world's life since it was opened or reset: what it began as, before its first input.

    `scenario` is its resolved words as JSON, `setup` what of the settings decides how it goes, `version` that
    of the simulator which wrote it. Worlds that begin by the host's clock have their `start`.
    """

    id: int
    world: str
    version: str
    scenario: str
    setup: str
    start: datetime


class IncompleteLog(SimulatorError):
    """A log that dropped inputs cannot be replayed."""


class InputLog:
    """Keeps inputs in order, up to `max_bytes`; beyond that it stops recording and says so when asked.

    `bytes` is what they take, by estimate. Dropping the oldest would be worse: without its beginning a log
    means nothing. Requests without a body that come again and again are kept once. A `durable` one outlives
    the process; one with `sync` survives a loss of power, too, once that has returned.
    """

    durable = False
    sync: Callable[[], None] | None = None

    def __init__(self, max_bytes: int = 64 * 1024 * 1024) -> None:
        self.max_bytes = max_bytes
        self.complete = True
        self.bytes = 0
        self._entries: list[Input] = []
        self._repeated: dict[RequestArrived, RequestArrived] = {}

    def append(self, entry: Input) -> None:
        """Add one input at the end."""
        if not self.complete:
            return
        cause, size = entry.cause, size_of(entry.cause)
        if isinstance(cause, RequestArrived) and not cause.request.body:
            entry = Input(entry.at, self._kept_once(cause))
        if self.bytes + size > self.max_bytes:
            self.complete, self.bytes = False, 0
            self._entries.clear()
            self._repeated.clear()
            return
        self.bytes += size
        self._entries.append(entry)

    def _kept_once(self, cause: RequestArrived) -> RequestArrived:
        """Return the same request as it came before, if it did lately: many a client asks again and again."""
        if len(self._repeated) >= MOST_REPEATED:
            self._repeated.clear()
        return self._repeated.setdefault(cause, cause)

    def __iter__(self) -> Iterator[Input]:
        """Iterate from the first input; raises IncompleteLog when some were dropped."""
        if not self.complete:
            raise IncompleteLog(
                f"the input log passed {self.max_bytes} bytes and was dropped",
                "replay needs every input: give the log more room, or use smaller worlds",
            )
        return iter(self._entries)


class Outage:
    """Tells that the store of inputs fails, and of its return, instead of at each of a thousand attempts."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def __bool__(self) -> bool:
        """Return whether there is one."""
        return self._reason is not None

    def begin(self, problem: StateUnavailable) -> None:
        """Note that the store failed."""
        if self._reason is None:
            line = "%s; what would change a world is answered 503 meanwhile. What helps: %s"
            log.warning(line, problem.message, problem.remedy)
        self._reason = problem.message

    def end(self) -> None:
        """Note that the store works."""
        if self._reason is not None:
            log.warning("what was told is over: %s", self._reason)
        self._reason = None
