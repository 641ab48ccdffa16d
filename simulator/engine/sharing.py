"""Worlds that several processes share by one Redis: known, joined, led and left."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from simulator.engine.real_time import IdleTime, StreamTime, host_seconds
from simulator.engine.restoring import Origins
from simulator.engine.sandbox import Sandbox
from simulator.errors import StateError, StateUnavailable
from simulator.state.inputs import Segment

if TYPE_CHECKING:
    from simulator.state.streams import Streams

TENDING_SECONDS = 1.0
"""How often leases are renewed, and those taken that nobody holds any more."""


def share(url: str, setup: str) -> Sharing:
    """Return how worlds are shared by the Redis at this URL; raises StateError."""
    try:
        from simulator.state.streams import Streams  # noqa: PLC0415 - an extra
    except ImportError:
        raise StateError("redis-py is not installed", "pip install 'vendor-simulator[redis]'") from None
    streams = Streams(url, host_seconds)
    return Sharing(streams, Origins(setup, streams.address))


class Sharing:
    """What the worlds of a process have to do with those of the others."""

    keeps_in = "redis"

    def __init__(self, streams: Streams, origins: Origins) -> None:
        self.streams = streams
        self.origins = origins
        self._tended = 0.0

    @property
    def promise(self) -> str:
        """Where the inputs are, and what they survive there, in words."""
        return f"{self.streams.address}: {self.streams.promise()}"

    def begin(self, sandbox: Sandbox, *, only_if_new: bool = False) -> bool:
        """Begin a world for all, in the place of the one with its name; return whether that was done."""
        world = sandbox.world
        segment = self.origins.describe(world, sandbox.scenario)
        if not self.streams.begin(segment, only_if_new=only_if_new):
            return False
        known = self.streams.segment(world.name)
        if known is None:
            raise StateUnavailable(f"{self.streams.address} lost {world.name} at once", "ask again")
        self.join(sandbox, *known)
        return True

    def join(self, sandbox: Sandbox, segment: Segment, begun: int) -> None:
        """Make a world what its inputs made of it, and follow them from now on."""
        keeper, time = sandbox.timekeeper, None
        if isinstance(keeper, IdleTime):
            raise StateError("a clock that idles cannot be shared", "serve with --clock real, virtual or x60")
        if keeper is not None:
            time = StreamTime(segment.start, keeper.pace, begun, self.streams.milliseconds)
        sandbox.share(self.streams.follow(segment), time)

    def is_time_to_tend(self) -> bool:
        """Return whether leases have to be looked after again, and note that it is done."""
        if host_seconds() - self._tended < TENDING_SECONDS:
            return False
        self._tended = host_seconds()
        return True

    def unread(self, sandboxes: Iterable[Sandbox]) -> list[str]:
        """Return the worlds that we lead, or that somebody follows here, in which others were asked."""
        awaited = {
            sandbox.shared.stream: sandbox.world.name
            for sandbox in sandboxes
            if sandbox.shared is not None and (sandbox.shared.stream.leads or sandbox.recorder.feed.wake)
        }
        numbers = self.streams.unread(awaited)
        return [world for stream, world in awaited.items() if stream.number in numbers]

    def tend(self, sandboxes: Iterable[Sandbox]) -> None:
        """Keep our leases, take those that are free, tell which answers left, and learn who is gone."""
        machines = [sandbox.shared for sandbox in sandboxes if sandbox.shared is not None]
        self.streams.lead([machine.stream for machine in machines])
        for machine in machines:
            machine.tell_left()
            if machine.stream.has_unread_lease:
                machine.catch_up()
        awaited = set().union(*(machine.awaited() for machine in machines))
        gone = self.streams.gone(sorted(awaited))
        for machine in machines if gone else ():
            machine.give_up(gone)

    def leave(self, sandboxes: Iterable[Sandbox]) -> None:
        """Let others lead at once."""
        for sandbox in sandboxes:
            if sandbox.shared is not None:
                with suppress(StateUnavailable):
                    sandbox.shared.leave()
