"""What all connections of a server share: its loop, its threads, its bounds, and each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, cast

from msgspec import Struct

from simulator.serving.sockets import send_at_once
from simulator.serving.workers import Workers
from simulator.web.handover import Hold

INBOX = 262_144
"""How many bytes are received at once."""


class Bounds(Struct, frozen=True, kw_only=True):
    """Counts, bytes and seconds; `spare` connections more are told that there are too many.

    `request` is how long one may take to arrive, however steadily it drips; `idle` how long nothing may come
    between two. `pause` is for a client that still sends what nobody reads, in all `linger`; `unread` for one
    that does not read its answer; `body` for the next piece of a body when the server ends;
    `carried` for what a proxy carries.
    """

    connections: int = 2_000
    spare: int = 400
    queued: int = 16
    pushed: int = 1_000_000
    idle: float = 10.0
    request: float = 20.0
    pause: float = 2.0
    linger: float = 30.0
    unread: float = 30.0
    body: float = 1.0
    sweep: float = 1.0
    handshake: float = 60.0
    carried: float = 600.0


class Hub:
    """The meeting point of the connections of one server; those that are open are its `connections`.

    A body of `largest_body` bytes is still read. While it is `draining`, nothing new is waited for.
    `is_active` is True once something came in since it was last set to False. What a connection receives lies
    in the `inbox` of all until it is read, which is at once.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, workers: Workers, largest_body: int, bounds: Bounds
    ) -> None:
        self.loop = loop
        self.workers = workers
        self.largest_body = largest_body
        self.bounds = bounds
        self.draining = False
        self.is_active = False
        self.connections: set[Member] = set()
        self.inbox = memoryview(bytearray(INBOX))
        self._awaited: set[asyncio.Event] = set()

    def post(self, act: Callable[..., object], *arguments: Any) -> None:
        """Let the loop do something; from any thread, and in vain when it is over."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(act, *arguments)

    async def pause(self, seconds: float, hold: Hold | None = None) -> None:
        """Wait a while, or until the server ends or somebody releases the hold."""
        with self.waiting() as over, suppress(TimeoutError):
            if hold is not None:
                hold.on_release(partial(self.post, over.set))
            async with asyncio.timeout(0 if self.draining else seconds):
                await over.wait()

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """Yield what can be waited for; it happens when the server ends, if not before."""
        over = asyncio.Event()
        self._awaited.add(over)
        try:
            yield over
        finally:
            self._awaited.discard(over)

    def end_waiting(self) -> None:
        """Let everything happen now that waits for its time, and streams end."""
        self.is_active = True
        for over in self._awaited:
            over.set()


class Member(asyncio.BaseProtocol):
    """A connection that its server looks after, whatever is spoken on it."""

    transport: asyncio.Transport

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._bounds = hub.bounds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        send_at_once(transport)
        self._hub.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        super().connection_lost(error)
        self._hub.connections.discard(self)

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""
        raise NotImplementedError

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection."""
        raise NotImplementedError
