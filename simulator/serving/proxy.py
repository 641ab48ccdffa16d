"""The intercepting proxy: one head is read, and then bytes are carried, to the vendors that are here.

It does not look into what it carries: TLS ends at the listener that has a certificate for each vendor's
name, so a connection through the proxy is one to that listener.
"""

from __future__ import annotations

from asyncio import BaseTransport, Protocol, Task, Transport, wait_for
from contextlib import suppress
from functools import partial
from typing import cast

from simulator.engine.real_time import host_seconds
from simulator.serving.proxy_routes import Routes, Way
from simulator.serving.reading import Incoming
from simulator.serving.server import Member, Server
from simulator.serving.sockets import reset, send_at_once
from simulator.serving.writing import refusal, write_answer
from simulator.web.guard import Refused

CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
ASKS_FOR_TOKEN = ("Proxy-Authenticate", "Basic realm=simulator")
HEAD_END = b"\r\n\r\n"
CONNECT_SECONDS = 60.0
CARRIED_SECONDS = 600.0
"""How long a host may take to be reached, and nothing be carried."""


class Side(Protocol):
    """One side of what is carried: what comes here goes to the `other` one, in the same way."""

    transport: Transport

    def __init__(self, other: Side | None = None) -> None:
        self.other = other

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        self.transport = cast("Transport", transport)
        send_at_once(transport)

    def data_received(self, data: bytes) -> None:
        """Carry what came."""
        if self.other is not None:
            self.other.take(data)

    def take(self, data: bytes) -> None:
        """Write what the other side sent."""
        self.transport.write(data)

    def eof_received(self) -> bool:
        """Let the other side know; it may still have something to say."""
        if self.other is not None:
            self.other.end_writing()
        return self.other is not None

    def end_writing(self) -> None:
        """Tell that the other side has sent everything."""
        with suppress(OSError):
            self.transport.write_eof()

    def pause_writing(self) -> None:
        """Let the other side wait."""
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the other side go on."""
        if self.other is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the other side, or reset it where this one was: faults are as exact through a proxy."""
        if self.other is not None and isinstance(error, ConnectionResetError):
            reset(self.other.transport)
        elif self.other is not None:
            self.other.transport.close()


class Client(Member, Side):
    """Whoever comes to the proxy: refused, or joined to where the head leads."""

    def __init__(self, server: Server, routes: Routes) -> None:
        Member.__init__(self, server)
        Side.__init__(self)
        self._routes = routes
        self._head = b""
        self._begun = self.moved
        self._joining: Task[None] | None = None
        self._refused = self._half_closed = False

    # -- the transport ----------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin; one connection too many is told so."""
        super().connection_made(transport)
        if len(self._server.connections) > self._server.limits.connections:
            self._refuse(Refused(503, "too many connections are open"))

    def data_received(self, data: bytes) -> None:
        """Read on in the head, or carry what came."""
        if self._refused:
            return
        self.moved = host_seconds()
        if self.other is not None:
            super().data_received(data)
            return
        self._head += data
        if HEAD_END in self._head and self._joining is None:
            self._join()
        elif len(self._head) > (most := self._server.limits.head):
            self._refuse(Refused(431, f"the head is longer than {most} bytes"))

    def take(self, data: bytes) -> None:
        """Write what the other side sent."""
        self.moved = host_seconds()
        super().take(data)

    def eof_received(self) -> bool:
        """Let the other side know, as soon as there is one."""
        self._half_closed = True
        return not self._refused and (super().eof_received() or self._joining is not None)

    def connection_lost(self, error: Exception | None) -> None:
        """End the other side in the same way."""
        super().connection_lost(error)
        if self._joining is not None:
            self._joining.cancel()

    # -- finding the way --------------------------------------------------------------------------------

    def _join(self) -> None:
        head, _, rest = self._head.partition(HEAD_END)
        try:
            way = self._routes.find(head)
        except Refused as refused:
            self._refuse(refused)
            return
        self.transport.pause_reading()
        self._joining = self._server.loop.create_task(self._connect(way, rest))

    async def _connect(self, way: Way, rest: bytes) -> None:
        opened = self._server.loop.create_connection(partial(Side, self), way.host, way.port)
        try:
            _, far = await wait_for(opened, CONNECT_SECONDS)
        except OSError as error:  # TimeoutError is one
            why = error.strerror or "no answer"
            self._refuse(Refused(502, f"cannot connect to {way.host}:{way.port}: {why}"))
            return
        finally:
            self._joining = None
        self.other = far
        if way.head:
            far.transport.write(way.head)
        else:
            self.transport.write(CONNECTED)
        far.transport.write(rest)
        if self._half_closed:
            far.end_writing()
        self.transport.resume_reading()

    def _refuse(self, refused: Refused) -> None:
        self._refused = True
        self._head, self.moved = b"", host_seconds()
        answer = refusal(refused)
        if refused.status == 407:
            answer.headers = (ASKS_FOR_TOKEN, *answer.headers)
        head, content, _ = write_answer(Incoming(keeps_open=False), answer, may_stay=False)
        self.transport.write(head + content)
        self.end_writing()  # and hear it out: closing on what it still sends would cost it the answer

    # -- looked after by the server ---------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """End what does not say where it wants to go, and what has been silent for very long."""
        bounds = self._server.bounds
        if self._refused:
            if now - self.moved > bounds.pause:
                self.transport.abort()
        elif self.other is None and self._joining is None and now - self._begun > bounds.request:
            self._refuse(Refused(408, f"the request took more than {bounds.request:g} s"))
        elif now - self.moved > CARRIED_SECONDS:
            self.transport.abort()

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this: while it carries something."""
        far = self.other.transport.get_write_buffer_size() if self.other else 0
        carries = bool(self._joining or far or self.transport.get_write_buffer_size())
        return carries or super().is_busy(now)
