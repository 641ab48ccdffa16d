"""The time of a test's world, moved by the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol, TypedDict, Unpack, cast

from simulator.engine.advances import AdvanceResult
from simulator.engine.real_time import host_seconds
from simulator.engine.sandbox import Sandbox
from simulator.errors import SimulatorError, UnknownName, counted
from simulator.scenario.microsyntax import LENGTH
from simulator.serving.sockets import listening_ports
from simulator.telephony.outbox import DeliveryState
from simulator.testing.given import read_phrase

LOOK_AGAIN_SECONDS = 0.02


class Counts(TypedDict, total=False):
    """So much of what can be waited for; callbacks are those that were taken."""

    callbacks: int
    calls: int
    messages: int
    requests: int


class TimedWorld(Protocol):
    """A world whose time a test moves."""

    @property
    def sandbox(self) -> Sandbox:
        """The world, running."""
        ...

    def settle(self) -> None:
        """Wait until every answer has left, and with it the callbacks that were due at once."""


class WaitedInVain(SimulatorError, TimeoutError):
    """What a test waited for did not come."""


class FixtureClock:
    """The time of a world."""

    def __init__(self, world: TimedWorld) -> None:
        self._world = world

    @property
    def now(self) -> datetime:
        """What time it is, aware."""
        self._world.sandbox.keep_up()
        return self._world.sandbox.now()

    def advance(self, by: timedelta | str) -> AdvanceResult:
        """Move time on by a timedelta or a length such as `3d` or `1h30m`; return what happened.

        When it returns, everything due has happened and callbacks have been delivered. Raises SimulatorError,
        also in a coroutine whose loop serves a receiver, which could answer nobody meanwhile.
        """
        length = _read_length("clock.advance", by)
        refuse_to_block("clock.advance")
        return self._advance(length)

    async def aadvance(self, by: timedelta | str) -> AdvanceResult:
        """Move time on as `advance` does, while the running loop serves whoever lives on it."""
        length = _read_length("clock.aadvance", by)
        return await asyncio.to_thread(self._advance, length)

    def sleep(self, seconds: float) -> None:
        """Move time on as `time.sleep` would let it pass: to be put in its place where a test fakes it."""
        self.advance(timedelta(seconds=seconds))

    async def asleep(self, seconds: float) -> None:
        """Move time on as `asyncio.sleep` would let it pass: to be put in its place where a test fakes it."""
        await self.aadvance(timedelta(seconds=seconds))

    def run_until_idle(self) -> AdvanceResult:
        """Move time on until nothing more is due; return what happened."""
        refuse_to_block("clock.run_until_idle")
        self._world.settle()
        return self._world.sandbox.advance()

    async def arun_until_idle(self) -> AdvanceResult:
        """Move time on as `run_until_idle` does, while the running loop serves whoever lives on it."""
        await asyncio.to_thread(self._world.settle)
        return await asyncio.to_thread(self._world.sandbox.advance)

    def _advance(self, length: timedelta) -> AdvanceResult:
        self._world.settle()
        return self._world.sandbox.advance(length)

    # -- waiting ----------------------------------------------------------------------------------------

    def wait_for(
        self, *, within: timedelta | str = "1d", patience: float = 10.0, **counts: Unpack[Counts]
    ) -> dict[str, int]:
        """Let time pass until there are so many `callbacks`, `calls`, `messages` or `requests`.

        A clock that stands still is moved from one event to the next, by at most `within`; for one that runs,
        it waits for at most `patience` seconds of the host. Returns how many there are. Raises WaitedInVain,
        which tells how many came, and UnknownName.
        """
        refuse_to_block("clock.wait_for")
        return self._wait_for(_read_length("clock.wait_for: within", within), patience, counts)

    async def await_for(
        self, *, within: timedelta | str = "1d", patience: float = 10.0, **counts: Unpack[Counts]
    ) -> dict[str, int]:
        """Wait as `wait_for` does, while the running loop serves whoever lives on it."""
        length = _read_length("clock.await_for: within", within)
        return await asyncio.to_thread(self._wait_for, length, patience, counts)

    def _wait_for(self, within: timedelta, patience: float, awaited: Counts) -> dict[str, int]:
        counts = cast("dict[str, int]", awaited)
        for name in counts:
            if name not in COUNTED:
                raise UnknownName("thing to wait for", name, list(COUNTED))
        world = self._world
        still = world.sandbox.timekeeper is None
        end, late, pause = self.now + within, host_seconds() + patience, Event()
        while True:
            world.settle()
            with world.sandbox.lock:
                present = {name: COUNTED[name](world.sandbox) for name in counts}
                due = world.sandbox.world.clock.next_due
            if all(present[name] >= count for name, count in counts.items()):
                return present
            is_in_vain = (due is None or due > end) if still else host_seconds() > late
            if is_in_vain:
                asked, there = _spell(counts), _spell(present)
                remedy = "nothing more is due" if due is None else f"next is something at {due:%F %T}"
                raise WaitedInVain(f"waited for {asked} in vain; there came {there}", remedy)
            if still and due is not None:
                world.sandbox.advance(due)
            else:
                pause.wait(LOOK_AGAIN_SECONDS)


def _spell(counts: Mapping[str, int]) -> str:
    return ", ".join(counted(count, name.removesuffix("s")) for name, count in counts.items())


def _count_callbacks(sandbox: Sandbox) -> int:
    deliveries = sandbox.world.outbox.deliveries.values()
    return sum(delivery.state is DeliveryState.DELIVERED for delivery in deliveries)


COUNTED: Mapping[str, Callable[[Sandbox], int]] = {
    "callbacks": _count_callbacks,
    "calls": lambda sandbox: sum(1 for _ in sandbox.world.newest_calls()),
    "messages": lambda sandbox: sum(1 for _ in sandbox.world.messages.all()),
    "requests": lambda sandbox: sandbox.recorder.journal.recorded,
}
"""What can be waited for, and how it is counted: callbacks are those that were taken."""


def _read_length(what: str, by: timedelta | str) -> timedelta:
    length = by if isinstance(by, timedelta) else read_phrase(LENGTH, by, what, "or give a timedelta")
    if length < timedelta(0):
        raise SimulatorError(f"{what}: {by} is negative, and time only moves forward")
    return length


def refuse_to_block(what: str) -> None:
    """Raise SimulatorError where this thread's running loop serves a socket, which would answer nobody."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    selector = getattr(loop, "_selector", None)
    ports = sorted(set(listening_ports(selector))) if selector is not None else []
    if selector is None or ports:
        where = f"127.0.0.1:{ports[0]}" if ports else "a receiver"
        name = what.rpartition(".")[2]
        other = {"wait_for": "await_for"}.get(name, f"a{name}")
        raise SimulatorError(
            f"{what} would block the event loop on which {where} lives, so no callback could be taken there",
            f"write `await clock.{other}(...)` instead",
        )
