"""Requests as they come in: llhttp parses, what it lets pass and we do not is refused."""

from __future__ import annotations

import re
import sys
from asyncio import BaseTransport
from collections import deque
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import Struct, field

from simulator.engine.real_time import host_seconds
from simulator.web.guard import UNDERSCORE, Refused, SizeLimits

CHUNKED = "HTTP_TRANSFER_ENCODING"
"""Where in an environ it stands that a body comes in chunks, until it has come."""

_ABSOLUTE = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class Incoming(Struct, kw_only=True, eq=False):
    """A request, as far as it has come: its first byte did at `begun`, and `in_head` more headers may.

    The application sees its `environ`. With `unread` the rest of its `body` was left with its client. One
    that is `refused`, as it is no proper request or comes too slowly, is answered by the server itself. With
    `owes_leave` its client sends the body only when it is told to.
    """

    begun: float | None = None
    in_head: bool = True
    url: bytes = b""
    headers: list[tuple[bytes, bytes]] = []
    environ: dict[str, Any] = {}
    body: BytesIO = field(default_factory=BytesIO)
    keeps_open: bool = True
    owes_leave: bool = False
    unread: bool = False
    refused: Refused | None = None


class Reader:
    """Makes requests of the bytes of one connection; `environ` is what stands in that of each.

    What is whole is in its `queue`, in order, and last what cannot be read. From then on it is `deaf`, as it
    is behind a last request and a body that is longer than an upload may be, by the `limits`. What is not
    whole yet is `incoming`.
    """

    def __init__(self, environ: dict[str, Any], limits: SizeLimits) -> None:
        self.queue: deque[Incoming] = deque()
        self.incoming = Incoming()
        self.deaf = False
        self._connection = environ
        self._limits = limits
        self._parser = HttpRequestParser(self)
        self._overhead = 0  # bytes since the last whole request that belong to no body

    def feed(self, data: memoryview) -> None:
        """Read on, unless something last was read."""
        if self.deaf:
            return
        self._overhead += len(data)
        try:
            self._parse(data)
            if self._overhead > self._limits.head + 16 * self.incoming.body.tell():
                raise Refused(431, f"more than {self._limits.head} bytes that belong to no body")
        except Refused as refused:
            self.refuse(refused)

    def refuse(self, refused: Refused) -> None:
        """Read nothing more, for what came cannot be read; what is only too long the application refuses."""
        self.incoming.unread, self.incoming.keeps_open = True, False
        if refused.status != 413:
            self.incoming.refused = refused
        self._hand_on()

    def _parse(self, data: memoryview) -> None:
        """Let llhttp read, also what follows an offered Upgrade, where it stops."""
        while data:
            try:
                self._parser.feed_data(data)
                return
            except HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
                self._read_body_of_offer()
            except HttpParserCallbackError as error:
                raise error.__context__ or error from None
            except HttpParserError as error:
                raise Refused(400, str(error)) from None

    def _read_body_of_offer(self) -> None:
        """Read on behind an offered Upgrade, where llhttp reads no body: as if it had another head."""
        environ = self.incoming.environ
        length = f"Content-Length: {environ.get('CONTENT_LENGTH', 0)}"
        framing = "Transfer-Encoding: chunked" if CHUNKED in environ else length
        self._parser = HttpRequestParser(self)  # the other one may expect no more
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode())

    def _hand_on(self) -> None:
        """Let a request be answered, unless what came before was the last."""
        if not self.deaf:
            self.queue.append(self.incoming)
            self.deaf = not self.incoming.keeps_open
        self.incoming, self._overhead = Incoming(), 0

    # -- called by llhttp -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request, but for the second head of one that offered an Upgrade."""
        self.incoming.begun = self.incoming.begun or host_seconds()

    def on_url(self, url: bytes) -> None:
        """Take in a piece of its target."""
        self.incoming.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; what comes after the head is dropped."""
        if self.incoming.in_head:
            self.incoming.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Read the head; of a body that is too long the application sees the length alone."""
        incoming, parser, limits = self.incoming, self._parser, self._limits
        if not incoming.in_head:
            return
        incoming.in_head = False
        fields, size = fields_of(tuple(incoming.headers), limits.headers)
        if len(incoming.url) + size > limits.head:
            raise Refused(431, f"the head is longer than {limits.head} bytes")
        environ = incoming.environ = self._connection | fields
        version, method = parser.get_http_version(), parser.get_method().decode("latin-1")
        if version not in ("1.0", "1.1"):
            raise Refused(505, "the versions 1.0 and 1.1 are spoken here")
        if "," in environ.get("HTTP_HOST", ""):
            raise Refused(400, "there is more than one Host")
        if CHUNKED in environ and (environ[CHUNKED].lower() != "chunked" or version != "1.1"):
            raise Refused(400, "Transfer-Encoding can only be chunked, and not in old HTTP")
        if method == "CONNECT":
            raise Refused(400, "this is no proxy")
        incoming.keeps_open = parser.should_keep_alive()
        incoming.owes_leave = version == "1.1" and environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        uri = incoming.url.decode("latin-1")
        environ["REQUEST_METHOD"] = method
        environ["SERVER_PROTOCOL"] = f"HTTP/{version}"
        environ["REQUEST_URI"] = uri
        environ["PATH_INFO"], environ["QUERY_STRING"] = split_target(uri)
        environ["wsgi.input"] = incoming.body
        if int(environ.get("CONTENT_LENGTH", 0)) > limits.upload:
            raise Refused(413, "the body is too long")

    def on_body(self, piece: bytes) -> None:
        """Take in a piece of its body."""
        self._overhead -= self.incoming.body.write(piece)
        if self.incoming.body.tell() > self._limits.upload:
            raise Refused(413, "the body is too long")

    def on_message_complete(self) -> None:
        """Hand on a whole request: one that came in chunks as if its length had been known."""
        if not self._parser.should_upgrade():
            if self.incoming.environ.pop(CHUNKED, None):
                self.incoming.environ["CONTENT_LENGTH"] = str(self.incoming.body.tell())
            self._hand_on()


def of_connection(transport: BaseTransport) -> dict[str, Any]:
    """Return what stands in the environ of each request of a connection."""
    peer = transport.get_extra_info("peername")
    return {
        "REMOTE_ADDR": peer[0] if peer else "127.0.0.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(transport.get_extra_info("sockname")[1]),
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http" if transport.get_extra_info("sslcontext") is None else "https",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }


@lru_cache(maxsize=64)  # most requests have the headers of another one
def fields_of(headers: tuple[tuple[bytes, bytes], ...], most: int) -> tuple[dict[str, Any], int]:
    """Return headers as an environ has them, and how many bytes; raises Refused for more than `most`."""
    if len(headers) > most:
        raise Refused(431, f"more than {most} headers")
    fields: dict[str, Any] = {}
    for name, value in headers:
        key, text = environ_key(name), value.strip(b" \t").decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields, sum(len(name) + len(value) + 4 for name, value in headers)


@lru_cache(maxsize=1_000)
def environ_key(name: bytes) -> str:
    """Return a header's key in an environ; an underscore is spelt so that it is no dash, see the guard."""
    key = name.decode("latin-1").upper().replace("_", UNDERSCORE).replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def split_target(uri: str) -> tuple[str, str]:
    """Return the path, percent-decoded, and the query of a request's target, each as WSGI spells bytes."""
    target = uri if uri[:1] == "/" else _ABSOLUTE.sub("", uri)
    path, _, query = target.partition("#")[0].partition("?")
    path = unquote(path, "latin-1")
    return "/" + path.lstrip("/") if path[:2] == "//" else path, query
