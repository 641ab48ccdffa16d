"""The server: an event loop on sockets that are bound already, until somebody ends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from socket import socket
from ssl import SSLContext
from typing import Any

from simulator.engine.real_time import host_seconds
from simulator.serving.bounds import Bounds
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


if sys.platform == "win32":
    _SystemLoop = asyncio.ProactorEventLoop
else:
    _SystemLoop = asyncio.SelectorEventLoop


class _Loop(_SystemLoop):
    """An event loop whose time no test fakes."""

    def time(self) -> float:
        """Return the host's stopwatch."""
        return host_seconds()


class Server:
    """Answers HTTP on sockets that are bound already: `run` returns after somebody called `drain`.

    `application` is a WSGI callable, which may know `simulator.web.handover`. A body of `largest_body` bytes
    is still read; of a longer one the application sees the length alone. With `tls` it is HTTPS.
    """

    def __init__(
        self,
        application: Application,
        socks: Sequence[socket],
        largest_body: int,
        tls: SSLContext | None = None,
        bounds: Bounds = Bounds(),
    ) -> None:
        self.draining = False
        self.largest_body = largest_body
        self.bounds = bounds
        self._application = application
        self._socks = socks
        self._tls = tls
        self._asked_to_end = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.connections: dict[Connection, None] = {}
        self._heard = False
        self._wakers: dict[Callable[[], None], None] = {}

    def run(self) -> None:
        """Answer until drained; returns when every accepted request has its answer and no thread is left."""
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(self._serve())
        self.workers.close()

    def drain(self) -> None:
        """Ask for the end: what was accepted is answered, nothing more is; from any thread or signal."""
        self._asked_to_end = True
        if self._loop is not None:
            self.post(self._ending.set)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self.workers = Workers(self._application, loop)
        self._loop = loop
        handshake = None if self._tls is None else self.bounds.handshake
        listeners = [
            await loop.create_server(
                partial(Connection, self),
                sock=sock,
                backlog=ACCEPTED_AT_ONCE,
                ssl=self._tls,
                ssl_handshake_timeout=handshake,
            )
            for sock in self._socks
        ]
        for sock in self._socks:
            sock.listen(BACKLOG)
        loop.call_later(self.bounds.sweep, self._sweep)
        if not self._asked_to_end:
            await self._ending.wait()
        self.draining = True
        await self._accept_the_rest()
        for listener in listeners:
            listener.close()
        await self._finish()

    # -- for connections --------------------------------------------------------------------------------

    def time(self) -> float:
        """Return the seconds of the loop's clock."""
        return host_seconds()

    def hear(self) -> float:
        """Learn that something came in; return the time."""
        self._heard = True
        return host_seconds()

    def admit(self, connection: Connection) -> bool:
        """Learn of a new connection; tell whether there is room for it."""
        self.connections[connection] = None
        if len(self.connections) > self.bounds.connections + self.bounds.spare:
            connection.close(at_once=True)
        return len(self.connections) <= self.bounds.connections

    def forget(self, connection: Connection) -> None:
        """Learn that a connection is over."""
        self.connections.pop(connection, None)

    def call_soon(self, act: Callable[[], object]) -> None:
        """Do something after what is to be done already."""
        asyncio.get_running_loop().call_soon(act)

    def post(self, act: Callable[..., object], *arguments: Any) -> None:
        """Let the loop do something; from any thread, and in vain when it is over."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(act, *arguments)

    def later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Do something once, after a while or when the server ends; return what lets it happen now."""

        def wake() -> None:
            if self._wakers.pop(wake, False) is None:
                timer.cancel()
                act()

        timer = asyncio.get_running_loop().call_later(0 if self.draining else seconds, wake)
        self._wakers[wake] = None
        return wake

    # -- the end ----------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        for connection in list(self.connections):
            connection.sweep(host_seconds())
        asyncio.get_running_loop().call_later(self.bounds.sweep, self._sweep)

    async def _accept_the_rest(self) -> None:
        """Take what waits in the backlog now, for its clients believe they are connected."""
        for _ in range(ACCEPTING_TURNS):
            await asyncio.sleep(0)

    async def _finish(self) -> None:
        """Answer what was asked, at once what is held back; then end all connections."""
        self._heard = True
        for wake in list(self._wakers):
            wake()
        for connection in list(self.connections):
            connection.end_stream()
        while (
            self._heard or self.workers.open or any(each.is_busy(host_seconds()) for each in self.connections)
        ):
            self._heard = False
            await asyncio.sleep(QUIET_SECONDS)
        for turn in range(GOODBYE_TURNS):
            for connection in list(self.connections):
                connection.close(at_once=turn > GOODBYE_TURNS // 2)
            await asyncio.sleep(0)
            if not self.connections:
                return
