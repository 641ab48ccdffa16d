"""The intercepting proxy: one head is read, and then bytes are carried, to the vendors that are here.

It does not look into what it carries: TLS ends at the listener that has a certificate for each vendor's
name, so a connection through the proxy is one to that listener.
"""

from __future__ import annotations

from asyncio import BaseTransport, Protocol, Task, Transport, wait_for
from contextlib import suppress
from typing import cast

from simulator.engine.real_time import host_seconds
from simulator.serving.hub import Hub, Member
from simulator.serving.proxy_routes import Routes, Way
from simulator.serving.reading import MOST_HEAD, Unreadable
from simulator.serving.sockets import reset, send_at_once
from simulator.serving.writing import refuse

CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
ASKS_FOR_TOKEN = b"Proxy-Authenticate: Basic realm=simulator\r\n"
HEAD_END = b"\r\n\r\n"


class Client(Member):
    """Whoever comes to the proxy: refused, or joined to where the head leads."""

    def __init__(self, hub: Hub, routes: Routes) -> None:
        super().__init__(hub)
        self._routes = routes
        self._head = b""
        self._begun = self._moved = host_seconds()
        self._joining: Task[None] | None = None
        self._far: Far | None = None
        self._refused = self._half_closed = False

    # -- the transport ----------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin; one connection too many is told so."""
        super().connection_made(transport)
        if len(self._hub.connections) > self._bounds.connections:
            self._refuse(Unreadable(503, "too many connections are open"))

    def data_received(self, data: bytes) -> None:
        """Read on in the head, or carry what came."""
        self._hub.is_active = True
        if self._refused:
            return
        self._moved = host_seconds()
        if self._far is not None:
            self._far.transport.write(data)
        else:
            self._head += data
            if HEAD_END in self._head and self._joining is None:
                self._join()
            elif len(self._head) > MOST_HEAD:
                self._refuse(Unreadable(431, f"the head is longer than {MOST_HEAD} bytes"))

    def eof_received(self) -> bool:
        """Let the other side know; it may still have something to say."""
        self._half_closed = True
        if self._far is not None:
            self._far.end_writing()
        return not self._refused and (self._far is not None or self._joining is not None)

    def pause_writing(self) -> None:
        """Let the other side wait."""
        if self._far is not None:
            self._far.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the other side go on."""
        if self._far is not None:
            self._far.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """End the other side in the same way."""
        super().connection_lost(error)
        if self._joining is not None:
            self._joining.cancel()
        if self._far is not None:
            _end(self._far.transport, error)

    # -- finding the way --------------------------------------------------------------------------------

    def _join(self) -> None:
        head, _, rest = self._head.partition(HEAD_END)
        try:
            way = self._routes.find(head)
        except Unreadable as trouble:
            self._refuse(trouble)
            return
        self.transport.pause_reading()
        self._joining = self._hub.loop.create_task(self._connect(way, rest))

    async def _connect(self, way: Way, rest: bytes) -> None:
        opened = self._hub.loop.create_connection(lambda: Far(self), way.host, way.port)
        try:
            _, far = await wait_for(opened, self._bounds.handshake)
        except OSError as error:  # TimeoutError is one
            why = error.strerror or "no answer"
            self._refuse(Unreadable(502, f"cannot connect to {way.host}:{way.port}: {why}"))
            return
        finally:
            self._joining = None
        self._far = far
        if way.head:
            far.transport.write(way.head)
        else:
            self.transport.write(CONNECTED)
        far.transport.write(rest)
        if self._half_closed:
            far.end_writing()
        self.transport.resume_reading()

    def _refuse(self, trouble: Unreadable) -> None:
        self._refused = True
        answer = refuse(trouble)
        if trouble.status == 407:
            answer = answer.replace(b"\r\n", b"\r\n" + ASKS_FOR_TOKEN, 1)
        self._head, self._moved = b"", host_seconds()
        self.transport.write(answer)
        self.end_writing()  # and hear it out: closing on what it still sends would cost it the answer

    # -- from the other side ----------------------------------------------------------------------------

    def carry(self, data: bytes) -> None:
        """Write what the other side sent."""
        self._hub.is_active, self._moved = True, host_seconds()
        self.transport.write(data)

    def end_writing(self) -> None:
        """Tell that the other side has sent everything."""
        with suppress(OSError):
            self.transport.write_eof()

    # -- looked after by the server ---------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """End what does not say where it wants to go, and what has been silent for very long."""
        bounds = self._bounds
        if self._refused:
            if now - self._moved > bounds.pause:
                self.transport.abort()
        elif self._far is None and self._joining is None and now - self._begun > bounds.request:
            self._refuse(Unreadable(408, f"the request took more than {bounds.request:g} s"))
        elif now - self._moved > bounds.carried:
            self.transport.abort()

    def is_busy(self, _now: float) -> bool:
        """Tell whether a server that ends waits for this: while it carries something."""
        far = self._far.transport.get_write_buffer_size() if self._far else 0
        return bool(self._joining or far or self.transport.get_write_buffer_size())


class Far(Protocol):
    """The other side of a client of the proxy."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        self.transport = cast("Transport", transport)
        send_at_once(transport)

    def data_received(self, data: bytes) -> None:
        """Carry what came."""
        self._client.carry(data)

    def end_writing(self) -> None:
        """Tell that the client has sent everything."""
        with suppress(OSError):
            self.transport.write_eof()

    def eof_received(self) -> bool:
        """Let the client know; it may still have something to say."""
        self._client.end_writing()
        return True

    def pause_writing(self) -> None:
        """Let the client wait."""
        self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the client go on."""
        self._client.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """End the client's connection in the same way."""
        _end(self._client.transport, error)


def _end(transport: Transport, error: Exception | None) -> None:
    """Close the other side, or reset it where this one was reset: faults are as exact through a proxy."""
    if isinstance(error, ConnectionResetError):
        reset(transport)
    else:
        transport.close()
