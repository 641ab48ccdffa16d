"""One connection: llhttp reads what comes, requests are answered one after another, we write the bytes."""

from __future__ import annotations

from asyncio import BaseTransport, Protocol, Transport
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import cast

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

from simulator.engine.real_time import host_seconds
from simulator.serving.hub import Hub
from simulator.serving.reading import MOST_HEAD, Incoming, Unreadable, of_connection
from simulator.serving.sockets import reset, send_at_once
from simulator.serving.writing import CONTINUE, Produced, refuse, write_answer
from simulator.web.handover import Drip


class Connection(Protocol):
    """Reads requests of one client and answers them in order."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._bounds = hub.bounds
        self._parser = HttpRequestParser(self)
        self._incoming: Incoming | None = None
        self._queue: deque[Incoming | Unreadable] = deque()
        self._current: Incoming | Unreadable | None = None
        self._overhead = 0  # bytes since the last whole request that belong to no body
        self._begun: float | None = None
        self._last_heard = self._last_moved = host_seconds()
        self._closing_since: float | None = None
        self._unsent = 0
        self._offered = self._deaf = self._half_closed = self._blocked = self._owes_leave = False
        self._shown: list[tuple[bytes, bytes]] | None = None
        self._stop_stream: Callable[[], None] | None = None

    # -- the transport ----------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin; one connection too many is told so."""
        self.transport = transport = cast("Transport", transport)
        send_at_once(transport)
        self._secure = transport.get_extra_info("sslcontext") is not None
        port = transport.get_extra_info("sockname")[1]
        scheme = "https" if self._secure else "http"
        self._environ = of_connection(transport.get_extra_info("peername"), port, scheme)
        self._hub.connections[self] = None
        beyond = len(self._hub.connections) - self._bounds.connections
        if beyond > self._bounds.spare:
            self.close(at_once=True)
        if beyond > 0:
            self._give_up(Unreadable(503, "too many connections are open"))
            self._next()

    def data_received(self, data: bytes) -> None:
        """Read what came, and answer the first request that is whole."""
        self._last_heard = host_seconds()
        self._hub.is_active = True
        if self._deaf:
            return
        if self._begun is None:
            self._begun = self._last_heard
        self._overhead += len(data)
        try:
            self._feed(data)
            if self._overhead > MOST_HEAD + 16 * (self._incoming.size if self._incoming else 0):
                raise Unreadable(431, f"more than {MOST_HEAD} bytes that belong to no body")
        except Unreadable as trouble:
            self._give_up(trouble)
        if len(self._queue) > self._bounds.queued:
            self.transport.pause_reading()
        self._next()

    def eof_received(self) -> bool:
        """Stay for what is still to be answered, unless it is a stream: then its listener has left."""
        self._half_closed = True
        return not self._secure and self._stop_stream is None and bool(self._queue or self._current)

    def pause_writing(self) -> None:
        """Answer nothing more before the client has read."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Go on."""
        self._blocked = False
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget what nobody waits for any more."""
        self._hub.connections.pop(self, None)
        self._queue.clear()
        if self._stop_stream is not None:
            self._stop_stream()
            self._hub.workers.leave(self._streamed)

    # -- reading ----------------------------------------------------------------------------------------

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as offer:  # read on as if it had not been offered
            self._read_without_upgrade(data[offer.args[0] :])
        except HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except HttpParserError as error:
            if not self._deaf and not self._ends_with_queue():
                raise Unreadable(400, str(error)) from None

    def _read_without_upgrade(self, rest: bytes) -> None:
        """Read the same head again without Upgrade, for with it llhttp reads no body; then what follows."""
        incoming = self._incoming
        if incoming is None or not self._offered:
            raise Unreadable(400, "this is not the place for an Upgrade")
        self._offered, self._shown = False, incoming.headers
        kept = [b"%s: %s\r\n" % pair for pair in incoming.headers if pair[0].lower() != b"upgrade"]
        first = b"%s %s HTTP/%s\r\n" % (self._parser.get_method(), incoming.url, incoming.version.encode())
        self._parser = HttpRequestParser(self)
        self._feed(b"".join([first, *kept, b"\r\n"]))
        if rest:
            self._feed(rest)

    def _ends_with_queue(self) -> bool:
        """Tell whether the connection ends with an answer that is due, so that what follows is nothing."""
        last = self._queue[-1] if self._queue else self._current
        return isinstance(last, Incoming) and not last.keeps_open

    def on_message_begin(self) -> None:
        """See llhttp."""
        self._incoming = Incoming()

    def on_url(self, url: bytes) -> None:
        """See llhttp."""
        if self._incoming is not None:
            self._incoming.url += url
            self._incoming.check_size()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See llhttp; what comes after a body is dropped."""
        if self._incoming is not None and not self._incoming.method:
            self._incoming.add_header(name, value)

    def on_headers_complete(self) -> None:
        """See llhttp."""
        incoming, parser = self._incoming, self._parser
        if incoming is None or self._deaf:
            return
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                raise Unreadable(400, "this is no proxy")
            self._offered, incoming.version = True, parser.get_http_version()
            return
        if self._shown is not None:
            incoming.headers, self._shown = self._shown, None
        incoming.end_head(parser.get_method(), parser.get_http_version(), parser.should_keep_alive())
        if incoming.length > self._hub.largest_body:
            self._leave_unread(incoming)
        elif incoming.waits_for_leave:
            self._owes_leave = True
            self._give_leave()

    def on_body(self, piece: bytes) -> None:
        """See llhttp."""
        incoming = self._incoming
        if incoming is None or self._deaf:
            return
        self._overhead -= len(piece)
        incoming.pieces.append(piece)
        incoming.size += len(piece)
        if incoming.size > self._hub.largest_body:
            self._leave_unread(incoming)

    def on_message_complete(self) -> None:
        """See llhttp."""
        if self._incoming is not None and not self._deaf and not self._offered:
            self._queue.append(self._incoming)
            self._incoming, self._begun, self._overhead, self._owes_leave = None, None, 0, False

    def _leave_unread(self, incoming: Incoming) -> None:
        """Let the application refuse a body that is too long without reading it."""
        incoming.unread = True
        self._queue.append(incoming)
        self._incoming, self._deaf = None, True

    def _give_leave(self) -> None:
        """Tell the client to send its body, once it is its turn."""
        if self._owes_leave and self._current is None and not self._queue:
            self._owes_leave = False
            self.transport.write(CONTINUE)

    def _give_up(self, trouble: Unreadable) -> None:
        """Refuse what cannot be read, after what was asked before; read nothing more."""
        if not self._deaf:
            self._deaf, self._incoming = True, None
            self._queue.append(trouble)

    # -- answering --------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin to answer what comes next, if nothing is in its way."""
        if self._current is not None or self._blocked or not self._queue or self.transport.is_closing():
            return
        self._current = asked = self._queue.popleft()
        if len(self._queue) == self._bounds.queued:
            self.transport.resume_reading()
        if isinstance(asked, Unreadable):
            self.transport.write(refuse(asked))
            self._finish(ends=True, unread=True)
        else:
            environ = asked.environ(self._environ)
            self._hub.workers.answer(environ, asked.size, partial(self._send, asked))

    def _send(self, asked: Incoming, answer: Produced) -> None:
        """Let an answer leave, in the way it says."""
        body = answer.body
        if body.first is not None:
            work, body.first = body.first, None
            self._hub.workers.run(work, partial(self._go_on, asked, answer))
        elif body.hold is not None:
            hold, body.hold = body.hold, None
            wake = self._hub.later(hold.seconds, partial(self._let_go, asked, answer, hold.over))
            hold.on_release(partial(self._hub.post, wake))
        elif body.reset:
            reset(self.transport)
            self._hub.workers.leave(body)
        else:
            self._write(asked, answer)

    def _go_on(self, asked: Incoming, answer: Produced, error: BaseException | None) -> None:
        answer.body.reset = answer.body.reset or error is not None
        self._send(asked, answer)

    def _let_go(self, asked: Incoming, answer: Produced, over: Callable[[], None]) -> None:
        over()
        self._send(asked, answer)

    def _write(self, asked: Incoming, answer: Produced) -> None:
        body = answer.body
        may_stay = bool(self._queue) or not (self._hub.draining or self._half_closed)
        head, content, ends = write_answer(asked, answer, may_stay)
        done = partial(self._finish, ends, asked.unread, answer)
        if self.transport.is_closing():
            done()
        elif body.stream is not None:
            self.transport.write(head)
            if self._hub.draining:
                done()
            else:
                self._streamed = body
                self._stop_stream = body.stream(partial(self._hub.post, self._push))
        elif body.drip is not None:
            self.transport.write(head)
            self._drip(content, body.drip, done)
        else:
            self.transport.write(head + content)
            done()

    def _drip(self, rest: bytes, drip: Drip, done: Callable[[], None]) -> None:
        if not self.transport.is_closing():
            self.transport.write(rest[: drip.size])
            rest = rest[drip.size :]
            if rest:
                self._hub.later(drip.seconds, partial(self._drip, rest, drip, done))
                return
        done()

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

    def _finish(self, ends: bool, unread: bool, answer: Produced | None = None) -> None:
        """Do what is to be done now that an answer was written, and end or go on."""
        if answer is not None:
            self._hub.workers.leave(answer.body)
        self._current, self._last_moved = None, host_seconds()
        if ends:
            self._queue.clear()
            self._end(unread)
        elif self._queue:
            self._hub.loop.call_soon(self._next)
        else:
            self._begun = None if self._begun is None else self._last_moved
            self._give_leave()

    def _end(self, unread: bool) -> None:
        """Close; where the client still sends, later: closing on that would cost it its answer."""
        self._deaf = True
        if not unread or self._half_closed:
            self.transport.close()
            return
        self._closing_since = host_seconds()
        if self.transport.can_write_eof():
            with suppress(OSError):  # such as for a client that has left already
                self.transport.write_eof()

    # -- looked after by the server ---------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""
        bounds, transport = self._bounds, self.transport
        silent = now - max(self._last_heard, self._last_moved)
        unsent, self._unsent = self._unsent, transport.get_write_buffer_size()
        if self._unsent and not self._stop_stream:
            if self._unsent != unsent:
                self._last_moved = now
            elif silent > bounds.unread:
                transport.abort()
        elif self._closing_since is not None:
            if silent > bounds.pause or now - self._closing_since > bounds.linger:
                transport.close()
        elif self._current is None and not self._queue:
            taken = 0.0 if self._begun is None else now - self._begun
            if self._incoming is None and max(silent, taken) > bounds.idle:
                transport.close()
            elif taken > bounds.request:
                self._give_up(Unreadable(408, f"the request took more than {bounds.request:g} s"))
                self._next()

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection: for answers, and bodies under way."""
        if self.transport.is_closing():
            return bool(self.transport.get_write_buffer_size())
        under_way = self._incoming is not None and bool(self._incoming.method)
        return bool(
            (self._current is not None and self._stop_stream is None)
            or self._queue
            or self.transport.get_write_buffer_size()
            or (under_way and now - self._last_heard < self._bounds.body)
        )

    def end_stream(self) -> None:
        """Let a stream end, if this is one."""
        if self._stop_stream is not None:
            self._push(None)

    def close(self, at_once: bool = False) -> None:
        """End the connection, when what was written has left or at once."""
        if at_once:
            self.transport.abort()
        else:
            self.transport.close()
