"""The server: an event loop on sockets that are bound already, until somebody ends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from socket import socket
from ssl import SSLContext

from msgspec import Struct

from simulator.engine.real_time import host_seconds
from simulator.serving.hub import Bounds, Hub
from simulator.serving.protocol import Connection
from simulator.serving.workers import Application, Workers

BACKLOG = 1_024
ACCEPTED_AT_ONCE = 64
"""Connections taken between two looks at the others."""
QUIET_SECONDS = 0.02
"""How long nothing may come in before a server that ends believes that nothing more will."""
ACCEPTING_TURNS = 12
"""Of the loop, from sockets that can be read to connections that are made and heard."""
GOODBYE_TURNS = 25
HELD_UP_SECONDS = 1.0
"""By how much a sweep is late when something has held up the loop."""


if sys.platform == "win32":
    _SystemLoop = asyncio.ProactorEventLoop
else:
    _SystemLoop = asyncio.SelectorEventLoop


class _Loop(_SystemLoop):
    """An event loop whose time no test fakes."""

    def time(self) -> float:
        """Return the host's stopwatch."""
        return host_seconds()


class Listener(Struct, frozen=True):
    """A socket that is bound, and what is spoken there: HTTP where nothing else is said."""

    sock: socket
    tls: SSLContext | None = None
    speak: Callable[[Hub], asyncio.BaseProtocol] = Connection


class Server:
    """Answers HTTP on sockets that are bound already: `run` returns after somebody called `drain`.

    `application` is a WSGI callable, which may know `simulator.web.handover`. A body of `largest_body` bytes
    is still read; of a longer one the application sees the length alone. `answered` is called whenever an
    answer has left, on any thread.
    """

    def __init__(
        self,
        application: Application,
        listeners: Sequence[Listener],
        largest_body: int,
        bounds: Bounds = Bounds(),
        *,
        answered: Callable[[], object] = lambda: None,
    ) -> None:
        self._loop = _Loop()
        self._listeners = listeners
        self._ending = asyncio.Event()
        self.hub = Hub(self._loop, Workers(application, self._loop, answered), largest_body, bounds)

    def run(self) -> None:
        """Answer until drained; returns when every accepted request has its answer and no thread is left."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())
        self.hub.workers.close()

    def drain(self) -> None:
        """Ask for the end: what was accepted is answered, nothing more is; from any thread or signal."""
        self.hub.post(self._ending.set)

    async def _serve(self) -> None:
        accepting = [await self._accept(listener) for listener in self._listeners]
        for listener in self._listeners:
            listener.sock.listen(BACKLOG)
        self._sweep(host_seconds())
        await self._ending.wait()
        self.hub.draining = True
        await _turns(ACCEPTING_TURNS)  # of the backlog, for its clients believe they are connected
        for server in accepting:
            server.close()
        await self._finish()

    async def _accept(self, listener: Listener) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: listener.speak(self.hub),
            sock=listener.sock,
            backlog=ACCEPTED_AT_ONCE,
            ssl=listener.tls,
            ssl_handshake_timeout=None if listener.tls is None else self.hub.bounds.handshake,
        )

    def _sweep(self, due: float) -> None:
        """Let connections end that are silent; not when we were held up, for what they sent may be unread."""
        now = host_seconds()
        if now - due < HELD_UP_SECONDS:
            for connection in list(self.hub.connections):
                connection.sweep(now)
        seconds = self.hub.bounds.sweep
        self._loop.call_later(seconds, self._sweep, now + seconds)

    async def _finish(self) -> None:
        """Answer what was asked, at once what is held back; then end all connections."""
        hub = self.hub
        hub.end_waiting()
        while hub.is_active or hub.workers.tasks or any(c.is_busy(host_seconds()) for c in hub.connections):
            hub.is_active = False
            await asyncio.sleep(QUIET_SECONDS)
        for connection in list(hub.connections):
            connection.transport.close()
        await _turns(GOODBYE_TURNS)
        for connection in list(hub.connections):
            connection.transport.abort()
        await _turns(GOODBYE_TURNS)


async def _turns(count: int) -> None:
    """Let the loop look at its sockets a few times."""
    for _ in range(count):
        await asyncio.sleep(0)
