"""Requests as they come in: llhttp parses, what it lets pass and we do not is refused."""

from __future__ import annotations

import re
import sys
from collections import deque
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import Struct, field

from simulator.web.guard import UNDERSCORE

MOST_HEAD = 65_536
MOST_HEADERS = 100

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class Unreadable(Exception):
    """What is no proper request, or comes too slowly: answered with `status` by the server itself."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class Incoming(Struct, kw_only=True, eq=False):
    """A request that is being read; without a `method` its head is. With `unread` its body was left there."""

    url: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    method: str = ""
    version: str = "1.1"
    keeps_open: bool = True
    chunked: bool = False
    unread: bool = False
    body: bytearray = field(default_factory=bytearray)

    def end_head(self, method: bytes, version: str, keeps_open: bool) -> None:
        """Read the head, which is whole; raises Unreadable where it is doubtful what was meant."""
        if version not in ("1.0", "1.1"):
            raise Unreadable(505, "the versions 1.0 and 1.1 are spoken here")
        if len(self.headers) > MOST_HEADERS:
            raise Unreadable(431, f"more than {MOST_HEADERS} headers")
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MOST_HEAD:
            raise Unreadable(431, f"the head is longer than {MOST_HEAD} bytes")
        self.method, self.version, self.keeps_open = method.decode("latin-1"), version, keeps_open
        fields = self.fields
        for name, value in self.headers:
            key, text = environ_key(name), value.strip(b" \t").decode("latin-1")
            if key not in fields:
                fields[key] = text
            elif key in ("HTTP_HOST", "HTTP_TRANSFER_ENCODING"):
                raise Unreadable(400, f"{name.decode('latin-1')} comes twice")
            else:
                fields[key] += f", {text}"
        transfer = fields.pop("HTTP_TRANSFER_ENCODING", None)
        if transfer is not None and (transfer.lower() != "chunked" or version != "1.1"):
            raise Unreadable(400, "Transfer-Encoding can only be chunked, and not in old HTTP")
        self.chunked = transfer is not None

    def environ(self, connection: dict[str, Any]) -> dict[str, Any]:
        """Return the WSGI environ of a whole request; `connection` is what stands in each on this one."""
        path, query = split_target(self.url)
        if self.chunked and not self.unread:  # whoever reads on sees a body of a length that is known
            self.fields["CONTENT_LENGTH"] = str(len(self.body))
        return {
            **connection,
            "REQUEST_METHOD": self.method,
            "SERVER_PROTOCOL": f"HTTP/{self.version}",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_URI": self.url.decode("latin-1"),
            "wsgi.input": BytesIO(self.body),
            **self.fields,
        }


class Reader:
    """Makes requests of the bytes of one connection.

    What is whole is in its `queue`, in order, and last what cannot be read. From then on it is `deaf`, as it
    is behind a last request and a body of more than `largest_body` bytes. Of what is not whole yet,
    `incoming` is the request and `begun` says when its first byte came; with `owes_leave` its client sends
    the body only when it is told to.
    """

    def __init__(self, largest_body: int) -> None:
        self.queue: deque[Incoming | Unreadable] = deque()
        self.incoming: Incoming | None = None
        self.begun: float | None = None
        self.deaf = False
        self.owes_leave = False
        self._largest_body = largest_body
        self._parser = HttpRequestParser(self)
        self._overhead = 0  # bytes since the last whole request that belong to no body
        self._offering: list[tuple[bytes, bytes]] | None = None  # the headers of a request that is read again

    def feed(self, data: bytes, now: float) -> None:
        """Read on."""
        if self.deaf:
            return
        self._note_begin(now)
        self._overhead += len(data)
        try:
            self._parse(data)
            if self._overhead > MOST_HEAD + 16 * (len(self.incoming.body) if self.incoming else 0):
                raise Unreadable(431, f"more than {MOST_HEAD} bytes that belong to no body")
        except Unreadable as trouble:
            self.give_up(trouble)
        if self.incoming is not None:  # behind a whole one, too
            self._note_begin(now)

    def give_up(self, trouble: Unreadable) -> None:
        """Refuse what cannot be read, after what was asked before; read nothing more."""
        if not self.deaf:
            self._hand_on(trouble, is_last=True)

    def _note_begin(self, now: float) -> None:
        if self.begun is None:
            self.begun = now

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as offer:
            self._read_without_upgrade(data[offer.args[0] :])
        except HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except HttpParserError as error:
            raise Unreadable(400, str(error)) from None

    def _read_without_upgrade(self, rest: bytes) -> None:
        """Read the same head again as if no Upgrade had been offered, for with it llhttp reads no body."""
        incoming = self.incoming
        if incoming is None or incoming.method:
            raise Unreadable(400, "this is not the place for an Upgrade")
        self._offering = incoming.headers
        kept = [b"%s: %s\r\n" % pair for pair in incoming.headers if pair[0].lower() != b"upgrade"]
        version = self._parser.get_http_version().encode()
        first = b"%s %s HTTP/%s\r\n" % (self._parser.get_method(), incoming.url, version)
        self._parser = HttpRequestParser(self)
        self._parse(b"".join([first, *kept, b"\r\n"]))
        if rest:
            self._parse(rest)

    def _hand_on(self, asked: Incoming | Unreadable, is_last: bool) -> None:
        self.queue.append(asked)
        self.incoming, self.begun, self._overhead, self.owes_leave = None, None, 0, False
        self.deaf = is_last

    # -- called by llhttp -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.incoming = Incoming()

    def on_url(self, url: bytes) -> None:
        """Take in a piece of its target."""
        if self.incoming is not None:
            self.incoming.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; what comes after a body is dropped."""
        if self.incoming is not None and not self.incoming.method:
            self.incoming.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Read the head; of a body that is too long the application sees the length alone."""
        incoming, parser = self.incoming, self._parser
        if incoming is None or self.deaf:
            return
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                raise Unreadable(400, "this is no proxy")
            return
        if self._offering is not None:
            incoming.headers, self._offering = self._offering, None
        incoming.end_head(parser.get_method(), parser.get_http_version(), parser.should_keep_alive())
        fields = incoming.fields
        self.owes_leave = (
            incoming.version == "1.1" and fields.get("HTTP_EXPECT", "").lower() == "100-continue"
        )
        self._check_length(incoming, int(fields.get("CONTENT_LENGTH", 0)))

    def on_body(self, piece: bytes) -> None:
        """Take in a piece of its body."""
        if self.incoming is not None and not self.deaf:
            self._overhead -= len(piece)
            self.incoming.body += piece
            self._check_length(self.incoming, len(self.incoming.body))

    def on_message_complete(self) -> None:
        """Hand on a whole request; what follows one that is the last is nothing."""
        if self.incoming is not None and self.incoming.method and not self.deaf:
            self._hand_on(self.incoming, is_last=not self.incoming.keeps_open)

    def _check_length(self, incoming: Incoming, length: int) -> None:
        if length > self._largest_body:
            incoming.unread = True
            self._hand_on(incoming, is_last=True)


def of_connection(peer: tuple[Any, ...] | None, port: int, scheme: str) -> dict[str, Any]:
    """Return what stands in the environ of each request of a connection."""
    address, remote_port, *_ = peer or ("127.0.0.1", 0)
    return {
        "REMOTE_ADDR": address,
        "REMOTE_HOST": address,
        "REMOTE_PORT": str(remote_port),
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


@lru_cache(maxsize=1_000)
def environ_key(name: bytes) -> str:
    """Return a header's key in an environ; an underscore is spelt so that it is no dash, see the guard."""
    key = name.decode("latin-1").upper().replace("_", UNDERSCORE).replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def split_target(url: bytes) -> tuple[str, str]:
    """Return the path, percent-decoded, and the query of a request's target, each as WSGI spells bytes."""
    target = url.partition(b"#")[0]
    if target[:1] != b"/" and (named := _ABSOLUTE.match(target)):
        target = target[named.end() :]
    path, _, query = target.partition(b"?")
    path = unquote_to_bytes(path) if b"%" in path else path
    if path[:2] == b"//":
        path = b"/" + path.lstrip(b"/")
    return path.decode("latin-1"), query.decode("latin-1")
