"""One connection: its requests are answered one after another, each answer in the way it says."""

from __future__ import annotations

from asyncio import BaseTransport, BufferedProtocol, Event
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from simulator.engine.real_time import host_seconds
from simulator.serving.hub import Hub, Member
from simulator.serving.reading import Incoming, Reader, of_connection
from simulator.serving.sockets import reset
from simulator.serving.writing import CONTINUE, Produced, refusal, write_answer
from simulator.web.guard import Refused
from simulator.web.handover import Drip, Outgoing


class Connection(Member, BufferedProtocol):
    """Reads requests of one client and answers them in order."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._moved = host_seconds()
        self._closing_since: float | None = None
        self._unsent = 0
        self._answering = self._half_closed = self._blocked = False
        self._listener: Event | None = None  # of a stream, set when it has left

    # -- the transport ----------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin; one connection too many is told so."""
        super().connection_made(transport)
        scheme = "http" if transport.get_extra_info("sslcontext") is None else "https"
        port = transport.get_extra_info("sockname")[1]
        environ = of_connection(transport.get_extra_info("peername"), port, scheme)
        self._reader = Reader(environ, self._hub.largest_body)
        beyond = len(self._hub.connections) - self._bounds.connections
        if beyond > self._bounds.spare:
            self.transport.abort()
        elif beyond > 0:
            self._refuse(Refused(503, "too many connections are open"))

    def get_buffer(self, _expected: int) -> memoryview:
        """Say where what comes is put: never into new memory, which the system may have to map each time."""
        return self._hub.inbox

    def buffer_updated(self, count: int) -> None:
        """Read what came, and answer the first request that is whole."""
        self._moved = host_seconds()
        self._hub.is_active = True
        self._reader.feed(self._hub.inbox[:count], self._moved)
        if len(self._reader.queue) > self._bounds.queued:
            self.transport.pause_reading()
        self._next()

    def eof_received(self) -> bool:
        """Stay for what is still to be answered, unless it is a stream: then its listener has left."""
        self._half_closed = True
        awaited = self._listener is None and bool(self._reader.queue or self._answering)
        return awaited and self.transport.can_write_eof()  # which TLS cannot

    def pause_writing(self) -> None:
        """Answer nothing more before the client has read."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Go on."""
        self._blocked = False
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget what nobody waits for any more."""
        super().connection_lost(error)
        self._reader.queue.clear()
        if self._listener is not None:
            self._listener.set()

    # -- answering --------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin to answer what comes next, if nothing is in its way."""
        reader = self._reader
        if self._answering or self._blocked or self.transport.is_closing():
            return
        if reader.queue:
            asked = reader.queue.popleft()
            if len(reader.queue) == self._bounds.queued:
                self.transport.resume_reading()
            self._answering = True
            self._answer(asked)
        elif reader.owes_leave:
            reader.owes_leave = False
            self.transport.write(CONTINUE)

    def _answer(self, asked: Incoming) -> None:
        workers = self._hub.workers
        answer = refusal(asked.refused) if asked.refused else workers.answer(asked.environ, asked.size)
        if isinstance(answer, Produced) and answer.leaves_at_once:
            head, content, ends = write_answer(asked, answer, self._may_stay())
            self.transport.write(head + content)
            self._finish(asked, answer.body, ends)
        else:
            workers.start(self._answer_later(asked, answer))

    async def _answer_later(self, asked: Incoming, answer: Produced | Coroutine[Any, Any, Produced]) -> None:
        """Let an answer leave that takes its time, for the application does or because the answer says so."""
        if not isinstance(answer, Produced):
            answer = await answer
        body = answer.body
        if body.first is not None:
            try:
                await self._hub.workers.run(body.first)
            except Exception:  # whoever waits in vain gets no answer
                body.reset = True
        if body.hold is not None:
            await self._hub.pause(body.hold.seconds, body.hold)
            body.hold.over()
        ends = True
        if body.reset:
            reset(self.transport)
        else:
            head, content, ends = write_answer(asked, answer, self._may_stay())
            await self._send(head, content, body)
        self._finish(asked, body, ends)

    def _may_stay(self) -> bool:
        return bool(self._reader.queue) or not (self._hub.draining or self._half_closed)

    async def _send(self, head: bytes, content: bytes, body: Outgoing) -> None:
        if self.transport.is_closing():
            return
        drip = body.drip or Drip(max(1, len(content)), 0)
        self.transport.write(head + content[: drip.size])
        for start in range(drip.size, len(content), drip.size):
            await self._hub.pause(drip.seconds)
            if self.transport.is_closing():
                return
            self.transport.write(content[start : start + drip.size])
        if body.stream is not None and not self._hub.draining:
            with self._hub.waiting() as self._listener:
                stop = body.stream(partial(self._hub.post, self._push))
                await self._listener.wait()
                stop()

    def _push(self, piece: bytes | None) -> None:
        """Send on a piece of a stream; a listener that is far behind has left."""
        if self.transport.is_closing():
            return
        if piece is None:
            self.transport.close()
        elif self.transport.get_write_buffer_size() > self._bounds.pushed:
            self.transport.abort()
        else:
            self.transport.write(piece)

    def _finish(self, asked: Incoming, body: Outgoing, ends: bool) -> None:
        """Do what is to be done now that an answer was written, and end or go on."""
        self._hub.workers.leave(body)
        if ends:
            self._end(asked.unread)
            return
        self._answering, self._moved = False, host_seconds()
        if self._reader.begun is not None:  # and had to wait until now
            self._reader.begun = self._moved
        if self._reader.queue or self._reader.owes_leave:
            self._hub.loop.call_soon(self._next)

    def _refuse(self, refused: Refused) -> None:
        self._reader.give_up(refused)
        self._next()

    def _end(self, unread: bool) -> None:
        """Close; where the client still sends, later: closing on that would cost it its answer."""
        self._answering, self._reader.deaf = False, True
        self._reader.queue.clear()
        if not unread or self._half_closed:
            self.transport.close()
            return
        self._closing_since = self._moved = host_seconds()
        if self.transport.can_write_eof():
            with suppress(OSError):  # such as for a client that has left already
                self.transport.write_eof()

    # -- looked after by the server ---------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""
        bounds, transport, reader = self._bounds, self.transport, self._reader
        silent = now - self._moved
        unsent, self._unsent = self._unsent, transport.get_write_buffer_size()
        if self._unsent and self._listener is None:
            if self._unsent != unsent:
                self._moved = now
            elif silent > bounds.unread:
                transport.abort()
        elif self._closing_since is not None:
            if silent > bounds.pause or now - self._closing_since > bounds.linger:
                transport.close()
        elif not (self._answering or reader.queue):
            taken = 0.0 if reader.begun is None else now - reader.begun
            if reader.incoming is None and max(silent, taken) > bounds.idle:
                transport.close()
            elif taken > bounds.request:
                self._refuse(Refused(408, f"the request took more than {bounds.request:g} s"))

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection: for answers, and bodies under way."""
        if self.transport.get_write_buffer_size() or self.transport.is_closing():
            return bool(self.transport.get_write_buffer_size())
        incoming = self._reader.incoming
        under_way = incoming is not None and incoming.method and now - self._moved < self._bounds.body
        return bool((self._answering and self._listener is None) or self._reader.queue or under_way)
