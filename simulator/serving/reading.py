"""Requests as they come in: llhttp parses, what it lets pass and we do not is refused."""

from __future__ import annotations

import re
import sys
from collections import deque
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import Struct, field

from simulator.web.guard import UNDERSCORE, Refused

MOST_HEAD = 65_536
MOST_HEADERS = 100
CHUNKED = "HTTP_TRANSFER_ENCODING"
"""Where in an environ it stands that a body comes in chunks, until it has come."""

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")

RawHeaders = list[tuple[bytes, bytes]]


class Incoming(Struct, kw_only=True, eq=False):
    """A request that is being read; without a `method` its head is. With `unread` its body was left there.

    The application sees its `environ`; `size` counts the bytes of its `body`. One that is `refused`, as it
    is no proper request or comes too slowly, is answered by the server itself.
    """

    url: bytes = b""
    headers: RawHeaders = []
    environ: dict[str, Any] = {}
    method: str = ""
    version: str = "1.1"
    keeps_open: bool = True
    unread: bool = False
    body: BytesIO = field(default_factory=BytesIO)
    size: int = 0
    refused: Refused | None = None


class Reader:
    """Makes requests of the bytes of one connection; `environ` is what stands in that of each.

    What is whole is in its `queue`, in order, and last what cannot be read. From then on it is `deaf`, as it
    is behind a last request and a body of more than `largest_body` bytes. Of what is not whole yet,
    `incoming` is the request and `begun` says when its first byte came; with `owes_leave` its client sends
    the body only when it is told to.
    """

    def __init__(self, environ: dict[str, Any], largest_body: int) -> None:
        self.queue: deque[Incoming] = deque()
        self.incoming: Incoming | None = None
        self.begun: float | None = None
        self.deaf = False
        self.owes_leave = False
        self._connection = environ
        self._largest_body = largest_body
        self._headers: RawHeaders = []  # of the head before, for the next one often has the same; and ...
        self._known, self._head_size = environ, 0  # ... what they came to
        self._parser = HttpRequestParser(self)
        self._overhead = 0  # bytes since the last whole request that belong to no body

    def feed(self, data: memoryview, now: float) -> None:
        """Read on."""
        if self.deaf:
            return
        self.begun = self.begun or now
        self._overhead += len(data)
        try:
            self._parse(data)
            if self._overhead > MOST_HEAD + 16 * (self.incoming.size if self.incoming else 0):
                raise Refused(431, f"more than {MOST_HEAD} bytes that belong to no body")
        except Refused as refused:
            self.give_up(refused)
        if self.incoming is not None:  # behind a whole one, too
            self.begun = self.begun or now

    def give_up(self, refused: Refused) -> None:
        """Refuse what cannot be read, after what was asked before; read nothing more."""
        if not self.deaf:
            self._hand_on(Incoming(refused=refused), unread=True)

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
        if self.incoming is not None:
            length = self.incoming.environ.get("CONTENT_LENGTH", "0")
            chunked = CHUNKED in self.incoming.environ
            framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}"
            self._parser = HttpRequestParser(self)  # the other one may expect no more
            self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode())

    def _hand_on(self, incoming: Incoming, unread: bool = False) -> None:
        """Hand on a request; whoever reads its chunks sees a body of a length that is known."""
        if incoming.environ.pop(CHUNKED, None) is not None and not unread:
            incoming.environ["CONTENT_LENGTH"] = str(incoming.size)
        incoming.unread = unread
        self.queue.append(incoming)
        self.incoming, self.begun, self._overhead, self.owes_leave = None, None, 0, False
        self.deaf = unread or not incoming.keeps_open

    # -- called by llhttp -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request, but for the second head of one that offered an Upgrade."""
        if self.incoming is None and not self.deaf:
            self.incoming = Incoming()

    def on_url(self, url: bytes) -> None:
        """Take in a piece of its target."""
        if self.incoming is not None and not self.incoming.method:
            self.incoming.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; what comes after a body is dropped."""
        if self.incoming is not None and not self.incoming.method:
            self.incoming.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Read the head; of a body that is too long the application sees the length alone."""
        incoming, parser = self.incoming, self._parser
        if incoming is None or incoming.method:
            return
        if incoming.headers != self._headers:
            self._known = self._connection | read_headers(incoming.headers)
            self._head_size = sum(len(name) + len(value) + 4 for name, value in incoming.headers)
            self._headers = incoming.headers
        known, version, uri = self._known, parser.get_http_version(), incoming.url.decode("latin-1")
        if version not in ("1.0", "1.1"):
            raise Refused(505, "the versions 1.0 and 1.1 are spoken here")
        if len(uri) + self._head_size > MOST_HEAD:
            raise Refused(431, f"the head is longer than {MOST_HEAD} bytes")
        if CHUNKED in known and (known[CHUNKED].lower() != "chunked" or version != "1.1"):
            raise Refused(400, "Transfer-Encoding can only be chunked, and not in old HTTP")
        incoming.version, incoming.keeps_open = version, parser.should_keep_alive()
        incoming.method = parser.get_method().decode("latin-1")
        if incoming.method == "CONNECT":
            raise Refused(400, "this is no proxy")
        incoming.environ = environ = known.copy()
        environ["REQUEST_METHOD"] = incoming.method
        environ["SERVER_PROTOCOL"] = f"HTTP/{version}"
        environ["REQUEST_URI"] = uri
        environ["PATH_INFO"], environ["QUERY_STRING"] = split_target(uri)
        environ["wsgi.input"] = incoming.body
        if "HTTP_EXPECT" in known:
            self.owes_leave = version == "1.1" and known["HTTP_EXPECT"].lower() == "100-continue"
        if int(known.get("CONTENT_LENGTH", 0)) > self._largest_body:
            self._hand_on(incoming, unread=True)

    def on_body(self, piece: bytes) -> None:
        """Take in a piece of its body."""
        incoming = self.incoming
        if incoming is not None:
            self._overhead -= len(piece)
            incoming.size += incoming.body.write(piece)
            if incoming.size > self._largest_body:
                self._hand_on(incoming, unread=True)

    def on_message_complete(self) -> None:
        """Hand on a whole request; what follows one that is the last is nothing."""
        if self.incoming is not None and not self._parser.should_upgrade():
            self._hand_on(self.incoming)


def of_connection(peer: tuple[Any, ...] | None, port: int, scheme: str) -> dict[str, Any]:
    """Return what stands in the environ of each request of a connection."""
    return {
        "REMOTE_ADDR": peer[0] if peer else "127.0.0.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(port),
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": scheme,
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }


def read_headers(headers: RawHeaders) -> dict[str, str]:
    """Return headers as an environ has them; raises Refused for too many and for two where one may be."""
    if len(headers) > MOST_HEADERS:
        raise Refused(431, f"more than {MOST_HEADERS} headers")
    fields: dict[str, str] = {}
    for name, value in headers:
        key, text = environ_key(name), value.strip(b" \t").decode("latin-1")
        if key not in fields:
            fields[key] = text
        elif key in ("HTTP_HOST", CHUNKED):
            raise Refused(400, f"{name.decode('latin-1')} comes twice")
        else:
            fields[key] += f", {text}"
    return fields


@lru_cache(maxsize=1_000)
def environ_key(name: bytes) -> str:
    """Return a header's key in an environ; an underscore is spelt so that it is no dash, see the guard."""
    key = name.decode("latin-1").upper().replace("_", UNDERSCORE).replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def split_target(uri: str) -> tuple[str, str]:
    """Return the path, percent-decoded, and the query of a request's target, each as WSGI spells bytes."""
    target = uri.partition("#")[0]
    if target[:1] != "/" and (named := _ABSOLUTE.match(target)):
        target = target[named.end() :]
    path, _, query = target.partition("?")
    if "%" in path:
        path = unquote(path, "latin-1")
    return "/" + path.lstrip("/") if path[:2] == "//" else path, query
