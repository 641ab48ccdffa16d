"""One connection: its requests are answered one after another, each answer in the way it says."""

from __future__ import annotations

from asyncio import BaseTransport, BufferedProtocol
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any

from simulator.engine.real_time import host_seconds
from simulator.serving.reading import Incoming, Reader, of_connection
from simulator.serving.server import Member, Server
from simulator.serving.sockets import reset
from simulator.serving.writing import CONTINUE, Produced, refusal, write_answer
from simulator.web.guard import Refused
from simulator.web.handover import Drip, Hold, Outgoing


class Connection(Member, BufferedProtocol):
    """Reads requests of one client and answers them in order."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._since = self.moved  # it waits for a request, or for its client to close
        self._unsent = 0
        self._answering = self._blocked = False
        self._listening: Hold | None = None  # to a stream

    # -- the transport ----------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin; one connection too many is told so."""
        super().connection_made(transport)
        self._reader = Reader(of_connection(transport), self._server.limits)
        if len(self._server.connections) > self._server.limits.connections:
            self._refuse(503, "too many connections are open")

    def get_buffer(self, _expected: int) -> memoryview:
        """Say where what comes is put: never into new memory, which the system may have to map each time."""
        return self._server.inbox

    def buffer_updated(self, count: int) -> None:
        """Read what came, and answer the first request that is whole."""
        self.moved = host_seconds()
        self._reader.feed(self._server.inbox[:count])
        self._next()
        if len(self._reader.queue) > self._server.bounds.queued:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Stay for what is still to be answered, unless it is a stream: then its listener has left."""
        self._reader.deaf = True
        awaited = self._listening is None and bool(self._answering or self._reader.queue)
        return awaited and self.transport.can_write_eof()  # which TLS cannot

    def pause_writing(self) -> None:
        """Answer nothing more before the client has read."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Go on."""
        self._blocked = False
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Let a stream end."""
        super().connection_lost(error)
        if self._listening is not None:
            self._listening.release()

    # -- answering --------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin to answer what comes next, if nothing is in its way."""
        reader = self._reader
        if self._answering or self._blocked or self.transport.is_closing():
            return
        if reader.queue:
            self._answering = True
            asked = reader.queue.popleft()
            if len(reader.queue) == self._server.bounds.queued:
                self.transport.resume_reading()
            self._answer(asked)
        elif reader.incoming.owes_leave:
            reader.incoming.owes_leave = False
            self.transport.write(CONTINUE)

    def _answer(self, asked: Incoming) -> None:
        workers = self._server.workers
        answer = refusal(asked.refused) if asked.refused else workers.answer(asked.environ)
        if isinstance(answer, Produced) and answer.body.leaves_at_once:
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
                await self._server.workers.run(body.first)
            except Exception:  # whoever waits in vain gets no answer
                body.reset = True
        if body.hold is not None:
            await self._server.wait(body.hold)
        if body.reset:
            reset(self.transport)
        head, content, ends = write_answer(asked, answer, self._may_stay())
        await self._send(head, content, body)
        self._finish(asked, body, ends)

    def _may_stay(self) -> bool:
        return bool(self._reader.queue) or not (self._server.ending.is_set() or self._reader.deaf)

    async def _send(self, head: bytes, content: bytes, body: Outgoing) -> None:
        drip = body.drip or Drip(max(1, len(content)), 0)
        pieces = [content[at : at + drip.size] for at in range(0, len(content), drip.size)]
        self.transport.write(head + b"".join(pieces[:1]))
        for piece in pieces[1:]:
            await self._server.wait(Hold(drip.seconds))
            if self.transport.is_closing():
                return
            self.transport.write(piece)
        if body.stream is not None and not self.transport.is_closing():
            self._listening = Hold(inf, body.stream(partial(self._server.post, self._push)))
            await self._server.wait(self._listening)

    def _push(self, piece: bytes | None) -> None:
        """Send on a piece of a stream; a listener that is far behind has left."""
        if piece is None:
            self.transport.close()
        elif self.transport.get_write_buffer_size() > self._server.bounds.pushed:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(piece)

    def _finish(self, asked: Incoming, body: Outgoing, ends: bool) -> None:
        """Do what is to be done now that an answer was written, and go on or end.

        Where the client still sends, the end is later: closing on that would cost it its answer.
        """
        self._server.workers.leave(body)
        self._since = host_seconds()
        self._answering = False
        if not ends:
            if self._reader.queue or self._reader.incoming.owes_leave:
                self._server.loop.call_soon(self._next)
        elif not asked.unread:
            self.transport.close()
        elif self.transport.can_write_eof():
            with suppress(OSError):  # such as for a client that has left already
                self.transport.write_eof()

    def _refuse(self, status: int, reason: str) -> None:
        self._reader.refuse(Refused(status, reason))
        self._next()

    # -- looked after by the server ---------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""
        bounds, reader, begun = self._server.bounds, self._reader, self._reader.incoming.begun
        unsent, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        if self._unsent != unsent:
            self.moved = now
        if self._unsent:
            if now - self.moved > bounds.unread:
                self.transport.abort()
        elif self._answering or reader.queue:
            return
        elif reader.deaf:
            if now - self.moved > bounds.pause or now - self._since > bounds.linger:
                self.transport.close()
        elif begun is None:
            if now - self._since > bounds.idle:
                self.transport.close()
        elif now - max(begun, self._since) > bounds.request:
            self._refuse(408, f"the request took more than {bounds.request:g} s")

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection: for answers, and bodies under way."""
        reader, unsent = self._reader, self.transport.get_write_buffer_size()
        under_way = not reader.incoming.in_head and now - self.moved < self._server.bounds.body
        return bool(self._answering or reader.queue or unsent or under_way) or super().is_busy(now)
