"""Where real time comes in: the only module that reads the host's clocks or waits.

Time that passes is read from a clock that nobody sets, so a host whose date is put right moves no world. A
date that a test fakes, by freezegun or time-machine, is followed instead: it is what the test means by time.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Lock, Thread

LONGEST_NAP = timedelta(milliseconds=50)
SHORTEST_NAP = timedelta(milliseconds=10)
"""Between two rounds, so that a round after each of a thousand requests does not slow them down."""

PAUSE = timedelta(milliseconds=300)
"""How long a client is silent before an idle clock takes a step, unless somebody says otherwise."""

NOTHING = timedelta(0)
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger("simulator")


def host_now() -> datetime:
    """Return the host's date and time, aware; a test may fake it."""
    return datetime.now(UTC)


def whole(instant: datetime) -> datetime:
    """Return an instant without what is finer than milliseconds.

    No vendor tells more, and who searches by an instant that was told means the row that it was told of.
    """
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def steady() -> timedelta:
    """Return how long the host has run, by a clock that nobody sets and no test fakes."""
    return timedelta(seconds=host_seconds())


def is_faked() -> bool:
    """Return whether a test fakes the host's time, by freezegun or time-machine."""
    if datetime.__module__.startswith("freezegun"):
        return True
    time_machine = sys.modules.get("time_machine")
    return time_machine is not None and bool(time_machine.escape_hatch.is_travelling())


class HostTime:
    """How much host time has passed since it began: steady, or as a test moves it that fakes the date.

    Where a fake ends nothing passes; nor does it where one is moved back. With `only_faked` time passes only
    where a test moves it.
    """

    def __init__(self, only_faked: bool = False) -> None:
        self._only_faked = only_faked
        self._lock = Lock()
        faked, now = _look()
        self._last = faked, NOTHING, now

    def passed(self) -> timedelta:
        """Return the time that has passed so far."""
        was_faked, passed, seen = self._last
        if not was_faked and not is_faked():  # as in nearly all requests
            return passed if self._only_faked else passed + (steady() - seen)
        with self._lock:
            was_faked, passed, seen = self._last
            faked, now = _look()
            if was_faked and faked:
                passed += max(now - seen, NOTHING)
            elif not was_faked and not self._only_faked:
                passed += steady() - seen
            self._last = faked, passed, now
            return passed


class FakedMoves:
    """How far a test has moved a date of the host that it fakes."""

    def __init__(self) -> None:
        self._host = HostTime(only_faked=True)
        self._known = NOTHING

    def take(self) -> timedelta:
        """Return the length of the moves since this was last asked."""
        before, self._known = self._known, self._host.passed()
        return self._known - before


def _look() -> tuple[bool, timedelta]:
    faked = is_faked()
    return faked, host_now() - EPOCH if faked else steady()


host_seconds: Callable[[], float] = (
    partial(time.perf_counter)
    if sys.platform == "win32"
    else partial(time.clock_gettime, time.CLOCK_MONOTONIC)
)
"""Return the seconds of the host's stopwatch, which no test fakes: only differences mean anything."""


class RealTime:
    """Host time turned into a world's time: from `start` on, `pace` times as fast."""

    def __init__(self, start: datetime, pace: float = 1.0) -> None:
        self._host = HostTime()
        self._start = start
        self.pace = pace
        self._stopped: datetime | None = None

    def __call__(self) -> datetime:
        """Return what time it is in the world, in whole milliseconds."""
        if self._stopped is not None:
            return self._stopped
        passed = self._host.passed()
        return whole(self._start + (passed if self.pace == 1 else passed * self.pace))

    def skip(self, length: timedelta) -> None:
        """Set the world's time ahead by `length`, to run on from there; a step back is none at all."""
        self._start += max(length, NOTHING)

    def stop(self) -> None:
        """Stand still: somebody moves the world's clock by hand."""
        self._stopped = self()

    def go_on(self, at: datetime) -> None:
        """Run on from the instant `at`."""
        self._start = at - self._host.passed() * self.pace
        self._stopped = None

    def resume(self, at: datetime, passed: timedelta) -> None:
        """Run on from the instant `at`, that was when the host's time was less by what has `passed`."""
        self.go_on(at + max(passed, NOTHING) * self.pace)

    def note_request(self, wait: timedelta = NOTHING) -> None:
        """Note that a request came or was answered, and by how long its client was told to `wait`."""

    def host_length(self, delay: timedelta) -> timedelta:
        """Return how long the host waits while `delay` passes in the world."""
        return delay / self.pace


class StreamTime(RealTime):
    """A world's time as all know it who share the world: by the clock of the Redis that takes its inputs.

    The world began at `start`, when that clock said `begun`; now it says `now`, all in milliseconds.
    """

    def __init__(self, start: datetime, pace: float, begun: int, now: int) -> None:
        super().__init__(start, pace)
        self._begun = begun
        self._skipped = NOTHING
        self.sync(now)

    def __call__(self) -> datetime:
        """Return what time it is in the world, as far as can be known without asking."""
        return self._stopped or self._at((steady() + self._ahead) / MILLISECOND)

    def sync(self, now: int) -> None:
        """Note what the other clock says."""
        self._ahead = now * MILLISECOND - steady()

    def note(self, milliseconds: int, at: datetime | None = None) -> datetime:
        """Return when an input came that was taken then; from where it moved time to, `at`, time runs on."""
        reached = self._at(milliseconds)
        if at is None:
            return reached
        self._skipped += at - reached
        return at

    def go_back(self, length: timedelta) -> None:
        """Run on from earlier than noted: time was moved less far than was asked for."""
        self._skipped -= length

    def go_on(self, at: datetime) -> None:
        """Run on from where the inputs have brought the world."""
        del at
        self._stopped = None

    def _at(self, milliseconds: float) -> datetime:
        return whole(self._start + (milliseconds - self._begun) * MILLISECOND * self.pace + self._skipped)


class IdleTime(RealTime):
    """Host time that begins with the first request, and may step ahead after a `pause` without any.

    A client that was told to wait, for no longer than `LONGEST_WAIT`, is not silent before its wait is over:
    no step shortens it.
    """

    LONGEST_WAIT = timedelta(minutes=1)

    def __init__(self, start: datetime, pause: timedelta = PAUSE) -> None:
        super().__init__(start)
        self.pause = pause
        self._by_hand = False
        self._silent_since: timedelta | None = None
        self._stopped = start

    @property
    def silent(self) -> bool:
        """Whether the client has asked something, and nothing since for as long as the pause."""
        return self._silent_since is not None and steady() - self._silent_since >= self.pause

    def note_request(self, wait: timedelta = NOTHING) -> None:
        """Note a request, from which the silence counts, after the `wait` that its client was told."""
        begins = self._silent_since is None
        until = steady() + (wait if wait <= self.LONGEST_WAIT else NOTHING)
        self._silent_since = max(until, self._silent_since or until)
        if begins and not self._by_hand:
            super().go_on(self())

    def stop(self) -> None:
        """Stand still: the world's clock is moved by hand."""
        self._by_hand = True
        super().stop()

    def begin_again(self, at: datetime) -> None:
        """Stand at the instant `at` until the next request, as if none had come before."""
        self._silent_since = None
        self.go_on(at)

    def resume(self, at: datetime, passed: timedelta) -> None:
        """Stand at the instant `at` until the next request, whatever has passed meanwhile."""
        del passed
        self.go_on(at)

    def go_on(self, at: datetime) -> None:
        """Run on from the instant `at`; before the first request, stand there."""
        self._by_hand = False
        super().go_on(at)
        if self._silent_since is None:
            self._stopped = at


def nap_after(round_length: timedelta) -> timedelta:
    """Return how long a pump rests after a round: with much to look at, most of the time is for requests."""
    return min(max(3 * round_length, SHORTEST_NAP), LONGEST_NAP)


class Pump:
    """A thread that keeps worlds up with real time and sends what they want sent.

    `work` does one round; it is called again when somebody calls `wake`, and at least every 50 ms. A round
    that fails is logged and the next one done: `stop` raises the first failure.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._woken = Event()
        self._stopped = Event()
        self._failure: Exception | None = None
        self._thread = Thread(target=self._run, name="simulator-pump", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Ask for a round at once."""
        if not self._woken.is_set():  # which is quick, for it is done after every answer
            self._woken.set()

    def stop(self) -> None:
        """End; returns when the thread has, and raises what the first round that failed did."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(LONGEST_NAP.total_seconds())
            self._woken.clear()
            begun = steady()
            try:
                self._work()
            except Exception as failure:
                log.exception("the pump failed: this is a bug of the simulator, please report it")
                self._failure = self._failure or failure
            self._stopped.wait(nap_after(steady() - begun).total_seconds())
