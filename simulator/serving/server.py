"""The server: an event loop on sockets that are bound already, until somebody ends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from socket import socket
from ssl import SSLContext

from simulator.engine.real_time import host_seconds
from simulator.serving.bounds import Bounds
from simulator.serving.hub import Hub
from simulator.serving.protocol import Connection
from simulator.serving.workers import Application, Workers

BACKLOG = 1_024
ACCEPTED_AT_ONCE = 64
"""Connections taken between two looks at the others."""
QUIET_SECONDS = 0.02
"""How long nothing may come in before a server that ends believes that nothing more will."""
ACCEPTING_TURNS = 12
"""Of the loop, from sockets that can be read to connections that are made and heard."""
GOODBYE_TURNS = 50
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


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that is bound, and what is spoken there: HTTP where nothing else is said."""

    sock: socket
    tls: SSLContext | None = None
    speak: Callable[[Hub], asyncio.Protocol] = Connection


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
        self._answered = answered
        self._largest_body = largest_body
        self._bounds = bounds
        self._application = application
        self._listeners = listeners
        self._asked_to_end = False
        self._hub: Hub | None = None

    def run(self) -> None:
        """Answer until drained; returns when every accepted request has its answer and no thread is left."""
        with asyncio.Runner(loop_factory=_Loop) as runner:
            hub = runner.run(self._serve())
        hub.workers.close()

    @property
    def hub(self) -> Hub:
        """What its connections share; raises RuntimeError before it runs."""
        if self._hub is None:
            raise RuntimeError("the server does not run yet")
        return self._hub

    def drain(self) -> None:
        """Ask for the end: what was accepted is answered, nothing more is; from any thread or signal."""
        self._asked_to_end = True
        if self._hub is not None:
            self._hub.post(self._ending.set)

    async def _serve(self) -> Hub:
        loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        workers = Workers(self._application, loop, self._answered)
        self._hub = hub = Hub(loop, workers, self._largest_body, self._bounds)
        accepting = [await self._accept(hub, listener) for listener in self._listeners]
        for listener in self._listeners:
            listener.sock.listen(BACKLOG)
        loop.call_soon(self._sweep, hub, host_seconds())
        if not self._asked_to_end:
            await self._ending.wait()
        hub.draining = True
        await self._accept_the_rest()
        for server in accepting:
            server.close()
        await self._finish(hub)
        return hub

    async def _accept(self, hub: Hub, listener: Listener) -> asyncio.Server:
        return await hub.loop.create_server(
            lambda: listener.speak(hub),
            sock=listener.sock,
            backlog=ACCEPTED_AT_ONCE,
            ssl=listener.tls,
            ssl_handshake_timeout=None if listener.tls is None else self._bounds.handshake,
        )

    # -- the end ----------------------------------------------------------------------------------------

    def _sweep(self, hub: Hub, due: float) -> None:
        """Let connections end that are silent; not when we were held up, for what they sent may be unread."""
        now = host_seconds()
        if now - due < HELD_UP_SECONDS:
            for connection in list(hub.connections):
                connection.sweep(now)
        hub.loop.call_later(self._bounds.sweep, self._sweep, hub, now + self._bounds.sweep)

    async def _accept_the_rest(self) -> None:
        """Take what waits in the backlog now, for its clients believe they are connected."""
        for _ in range(ACCEPTING_TURNS):
            await asyncio.sleep(0)

    async def _finish(self, hub: Hub) -> None:
        """Answer what was asked, at once what is held back; then end all connections."""
        hub.is_active = True
        hub.wake_all()
        for connection in list(hub.connections):
            connection.end_stream()
        while (
            hub.is_active or hub.workers.open or any(one.is_busy(host_seconds()) for one in hub.connections)
        ):
            hub.is_active = False
            await asyncio.sleep(QUIET_SECONDS)
        for turn in range(GOODBYE_TURNS):
            for connection in list(hub.connections):
                connection.close(at_once=turn > GOODBYE_TURNS // 2)
            await asyncio.sleep(0)
            if not hub.connections:
                return
