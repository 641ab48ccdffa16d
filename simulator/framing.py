"""HTTP as the bundled server reads and writes it: strict about where a request ends, exact about headers.

Waitress by itself joins folded lines, lets Content-Length and Transfer-Encoding contradict each other, counts
no headers and waits for chunks of any size; and it adds `Via` to an answer that names its server, sorts the
headers and respells their names, which no client of the real vendor would see.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import (
    BadRequest,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    build_http_date,
)

from simulator.web.guard import UNDERSCORE

if TYPE_CHECKING:
    from socket import socket

THREADS = 64
CONNECTIONS = 2_000
IDLE = timedelta(seconds=10)
SWEEP = timedelta(seconds=2)
HALF_REQUEST = timedelta(seconds=20)
"""How long one request may take to arrive, however steadily it drips."""
PAUSE = timedelta(seconds=2)
"""How long a client that still sends may fall silent, on a busy machine, before it loses its answer."""
PIECE = 1_000_000
MOST_PIECES = 2_000
SHUT_WR = 1  # socket.SHUT_WR: whoever opens no connection does not import socket


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses what two readers could take for two requests; what is only too long, the vendor refuses."""

    most_headers = 100
    cut_off = False  # the body was not read, so the connection ends with the answer

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head; raises ParsingError, or notes the error, as waitress does."""
        first_line, *fields = [line for line in header_plus.split(b"\r\n") if line]
        if len(fields) > self.most_headers:
            self.error = RequestHeaderFieldsTooLarge(f"more than {self.most_headers} headers")
            super().parse_header(b"GET / HTTP/1.0\r\n")
            return
        if doubt := find_doubt(first_line, fields):
            raise ParsingError(doubt)
        if any(b"_" in line.partition(b":")[0] for line in fields):
            header_plus = b"\r\n".join([first_line, *map(keep_underscores, fields), b"", b""])
        super().parse_header(header_plus)

    def received(self, data: bytes) -> int:
        """Take bytes in and return how many belong to this request."""
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge) and not self.chunked:
            self.error, self.expect_continue, self.cut_off = None, False, True
        elif self.chunked and self.body_rcv.chunk_remainder > self.adj.max_request_body_size:
            self.error, self.completed = BadRequest("a chunk is longer than any body may be"), True
        return consumed


def keep_underscores(line: bytes) -> bytes:
    """Spell a header's name so that it arrives, and is still another name than the one with dashes.

    In a WSGI environ both would be one, so waitress drops it. The guard knows the spelling.
    """
    name, colon, value = line.partition(b":")
    return name.replace(b"_", UNDERSCORE.encode()) + colon + value


def find_doubt(first_line: bytes, fields: list[bytes]) -> str | None:
    """Say why it is doubtful where this request ends, or None."""
    if any(line[:1] in b" \t" for line in fields):
        return "a header continues on the next line"
    pairs = [line.partition(b":") for line in fields]
    lengths = [value for name, _, value in pairs if name.lower() == b"content-length"]
    transfers = [value.strip().lower() for name, _, value in pairs if name.lower() == b"transfer-encoding"]
    if len(lengths) > 1:
        return "Content-Length comes twice"
    if lengths and transfers:
        return "Content-Length and Transfer-Encoding both say where the body ends"
    if transfers and (transfers != [b"chunked"] or not first_line.endswith(b" HTTP/1.1")):
        return "Transfer-Encoding can only be chunked, and not in old HTTP"
    return None


class _ExactHeaders(Task):  # type: ignore[misc]
    """Writes headers in the order and spelling given; only Date, Connection and a lacking length are ours."""

    close_on_finish: bool

    def build_response_header(self) -> bytes:
        headers = [pair for pair in self.response_headers if self.has_body or not _is(pair, "content-length")]
        sized = any(_is(pair, "content-length") for pair in headers)
        if self.has_body and self.content_length is not None and not sized:
            headers.append(("Content-Length", str(self.content_length)))
        if not any(_is(pair, "date") for pair in headers):
            headers.append(("Date", build_http_date(self.start_time)))
        self.close_on_finish = self.close_on_finish or not self._may_stay_open()
        if self.close_on_finish and not any(_is(pair, "connection") for pair in headers):
            headers.append(("Connection", "close"))
        elif not self.close_on_finish and self.version == "1.0":
            headers.append(("Connection", "keep-alive"))
        lines = [f"HTTP/{self.version} {self.status}", *(f"{name}: {value}" for name, value in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _may_stay_open(self) -> bool:
        """Tell whether the connection outlives this answer; a body of unknown length ends with it."""
        wish = self.request.headers.get("CONNECTION", "").lower()
        wanted = wish == "keep-alive" if self.version == "1.0" else wish != "close"
        endless = self.has_body and self.content_length is None
        return wanted and not (endless or self.request.cut_off or self.channel.server.draining)


class _Answering(_ExactHeaders, WSGITask):  # type: ignore[misc]
    """An answer of the application."""

    def finish(self) -> None:
        super().finish()
        if self.request.cut_off:
            self.channel.hear_out()


class _Refusing(_ExactHeaders, ErrorTask):  # type: ignore[misc]
    """An answer of the server's own, to what is no proper request."""


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    parser_class = StrictParser
    task_class = _Answering
    error_task_class = _Refusing
    half_since: float | None = None

    def received(self, data: bytes) -> bool:
        self.server.heard = True
        if self.request is None:
            self.half_since = self.last_activity
        taken: bool = super().received(data)
        if self.request is None:
            self.half_since = None
        return taken

    def hear_out(self) -> None:
        """Let the client send the rest of a body nobody reads: closing on it would cost it its answer."""
        with suppress(OSError):
            self.socket.shutdown(SHUT_WR)
            self.socket.settimeout(PAUSE.total_seconds())
            for _ in range(MOST_PIECES):
                if not self.socket.recv(PIECE):
                    return


class _Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads that can be waited for until they are really gone."""

    def __init__(self) -> None:
        super().__init__()
        self._started: list[Thread] = []

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        thread = Thread(target=target, name=f"waitress-{thread_no}", args=(thread_no,), daemon=True)
        self._started.append(thread)
        thread.start()

    def join(self) -> None:
        """Let every thread end once it is done with what it does."""
        self.set_thread_count(0)
        for thread in self._started:
            thread.join()


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """A WSGI server on a socket that is bound already; `run` answers until somebody calls `drain`.

    A body of `largest_body` bytes is still read; of a longer one the application sees the length alone.
    """

    channel_class = _Channel

    def __init__(self, application: Any, sock: socket, largest_body: int) -> None:
        self.heard = False
        self.draining = False
        self._ending = RLock()
        threads = _Threads()
        threads.set_thread_count(THREADS)
        adjustments = Adjustments(
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE.seconds,
            cleanup_interval=SWEEP.seconds,
            max_request_body_size=largest_body + 1,
            recv_bytes=65_536,
            ident=None,
            server_name="localhost",
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
            asyncore_use_poll=True,
        )
        where = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(application, {}, True, sock, threads, adjustments, where, bind_socket=False)

    def drain(self) -> None:
        """Ask for the end: what was accepted is answered, nothing more is; safe in a signal handler."""
        with self._ending:  # or `run` could be over, and its pipe another's, before it is woken
            if not self.draining:
                self.draining = True
                self.pull_trigger()

    def run(self) -> None:
        """Answer until drained; returns when every accepted request has its answer."""
        while not self.draining:
            self._turn(1.0)
        self._accept_the_rest()
        busy = True
        while busy:
            self.heard = False
            self._turn(0.05)
            channels = list(self.active_channels.values())
            busy = self.heard or any(channel.requests or channel.total_outbufs_len for channel in channels)
        self.task_dispatcher.join()
        with self._ending:
            wasyncore.close_all(self._map)

    def maintenance(self, now: float) -> None:
        """Close connections that are silent, and those whose request drips in without end."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            late = channel.half_since is not None and now - channel.half_since > HALF_REQUEST.total_seconds()
            channel.will_close = channel.will_close or (late and not channel.requests)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, self.adj.asyncore_use_poll, self._map, count=1)

    def _accept_the_rest(self) -> None:
        """Take what waits in the backlog, for its clients believe they are connected, then stop listening."""
        known = -1
        while known < len(self.active_channels):
            known = len(self.active_channels)
            self.handle_accept()
        self.accepting = False
        self.del_channel()
        self.socket.close()


def _is(pair: tuple[str, str], name: str) -> bool:
    return pair[0].lower() == name
