"""The server: an event loop on sockets that are bound already, until somebody ends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from socket import socket
from ssl import SSLContext
from typing import Any, cast

from msgspec import Struct

from simulator.engine.real_time import host_seconds
from simulator.serving.sockets import send_at_once
from simulator.serving.workers import Application, Workers
from simulator.web.guard import SizeLimits
from simulator.web.handover import Hold

BACKLOG = 1_024
ACCEPTED_AT_ONCE = 64
"""Connections taken between two looks at the others."""
QUIET_SECONDS = 0.02
"""How long nothing may come in before a server that ends believes that nothing more will."""
TURNS = 25
"""Of the loop, from sockets that can be read to connections that are made and heard, or from their end on."""
HELD_UP_SECONDS = 1.0
"""By how much a sweep is late when something has held up the loop."""
INBOX = 262_144
"""How many bytes are received at once."""


if sys.platform == "win32":
    _SystemLoop = asyncio.ProactorEventLoop
else:
    _SystemLoop = asyncio.SelectorEventLoop


class _Loop(_SystemLoop):
    """An event loop whose time no test fakes."""

    def time(self) -> float:
        """Return the host's stopwatch."""
        return host_seconds()


class Bounds(Struct, frozen=True, kw_only=True):
    """What a server puts up with beside its limits: requests `queued`, bytes `pushed` that wait, and seconds.

    `request` is how long one may take to arrive, however steadily it drips; `idle` how long nothing may come
    between two. `pause` is for a client that still sends what nobody reads, in all `linger`; `unread` for one
    that does not read its answer; `body` for the next piece of a body when the server ends.
    """

    queued: int = 16
    pushed: int = 1_000_000
    idle: float = 10.0
    request: float = 20.0
    pause: float = 2.0
    linger: float = 30.0
    unread: float = 30.0
    body: float = 1.0
    sweep: float = 1.0


class Member(asyncio.BaseProtocol):
    """A connection that its server looks after, whatever is spoken on it: it last `moved` then."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.moved = host_seconds()
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        send_at_once(transport)
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        super().connection_lost(error)
        self._server.connections.discard(self)

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""
        raise NotImplementedError

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection: a moment ago something came."""
        return now - self.moved < QUIET_SECONDS


class Listener(Struct, frozen=True):
    """A socket that is bound, and what is spoken there: with each client by a protocol of its own."""

    sock: socket
    speak: Callable[[Server], Member]
    tls: SSLContext | None = None


class Server:
    """Answers on sockets that are bound already: `run` returns after somebody called `drain`.

    `application` is a WSGI callable, which may know `simulator.web.handover`. Of a body longer than an upload
    may be, by the `limits`, it sees the length alone. `answered` is called whenever an answer has left, on
    any thread.

    Its `connections` are those that are open; they share the `workers`, and the `inbox`, where lies what one
    receives until it is read, which is at once. Once `ending` is set, nothing new is waited for.
    """

    def __init__(
        self,
        application: Application,
        listeners: Sequence[Listener],
        limits: SizeLimits = SizeLimits(),
        bounds: Bounds = Bounds(),
        *,
        answered: Callable[[], object] = lambda: None,
    ) -> None:
        self.loop = _Loop()
        self.workers = Workers(application, self.loop, answered)
        self.limits = limits
        self.bounds = bounds
        self.connections: set[Member] = set()
        self.inbox = memoryview(bytearray(INBOX))
        self.ending = asyncio.Event()
        self._listeners = listeners
        self._holds: set[Hold] = set()

    def run(self) -> None:
        """Answer until drained; returns when every accepted request has its answer and no thread is left."""
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._serve())
        self.workers.close()

    def drain(self) -> None:
        """Ask for the end: what was accepted is answered, nothing more is; from any thread or signal."""
        self.post(self.ending.set)

    def post(self, act: Callable[..., object], *arguments: Any) -> None:
        """Let the loop do something; from any thread, and in vain when it is over."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(act, *arguments)

    async def wait(self, hold: Hold) -> None:
        """Wait as long as a hold says, or until somebody releases it, as the server does when it ends."""
        over = asyncio.Event()
        hold.on_release(partial(self.post, over.set))
        self._holds.add(hold)
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self.ending.is_set() else hold.seconds):
                await over.wait()
        self._holds.discard(hold)
        hold.over()

    async def _serve(self) -> None:
        accepting = [await self._accept(listener) for listener in self._listeners]
        self._sweep(host_seconds())
        await self.ending.wait()
        await _turns()  # of the backlog, for its clients believe they are connected
        for server in accepting:
            server.close()
        for hold in list(self._holds):
            hold.release()
        await asyncio.sleep(QUIET_SECONDS)
        while self.workers.tasks or any(one.is_busy(host_seconds()) for one in self.connections):
            await asyncio.sleep(QUIET_SECONDS)
        for connection in list(self.connections):
            connection.transport.abort()
        await _turns()

    async def _accept(self, listener: Listener) -> asyncio.Server:
        server = await self.loop.create_server(
            partial(listener.speak, self), sock=listener.sock, backlog=ACCEPTED_AT_ONCE, ssl=listener.tls
        )
        listener.sock.listen(BACKLOG)
        return server

    def _sweep(self, due: float) -> None:
        """Let connections end that are silent; not when we were held up, for what they sent may be unread."""
        now = host_seconds()
        if now - due < HELD_UP_SECONDS:
            for connection in list(self.connections):
                connection.sweep(now)
        self.loop.call_later(self.bounds.sweep, self._sweep, now + self.bounds.sweep)


async def _turns() -> None:
    """Let the loop look at its sockets a few times."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
