"""One request as it comes in: what llhttp lets pass and we do not, and the environ it becomes."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

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


class Incoming:
    """A request that is being read. With `unread` its body was left where it is."""

    __slots__ = (
        "chunked", "fields", "head_size", "headers", "keeps_open", "method", "pieces", "size", "unread",
        "url", "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.fields: dict[str, str] = {}
        self.head_size = self.size = 0
        self.pieces: list[bytes] = []
        self.method, self.version = "", "1.1"
        self.keeps_open, self.unread, self.chunked = True, False, False

    def add_header(self, name: bytes, value: bytes) -> None:
        """Take a header in; raises Unreadable where there are too many."""
        self.headers.append((name, value))
        self.head_size += len(name) + len(value) + 4
        if len(self.headers) > MOST_HEADERS:
            raise Unreadable(431, f"more than {MOST_HEADERS} headers")
        self.check_size()

    def check_size(self) -> None:
        """Raise Unreadable for a head that is too long."""
        if self.head_size + len(self.url) > MOST_HEAD:
            raise Unreadable(431, f"the head is longer than {MOST_HEAD} bytes")

    def end_head(self, method: bytes, version: str, keeps_open: bool) -> None:
        """Read the head, which is whole; raises Unreadable where it is doubtful what was meant."""
        if version not in ("1.0", "1.1"):
            raise Unreadable(505, "the versions 1.0 and 1.1 are spoken here")
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

    @property
    def length(self) -> int:
        """How long the body is said to be; 0 when that shows only at its end."""
        return int(self.fields.get("CONTENT_LENGTH", 0))

    @property
    def waits_for_leave(self) -> bool:
        """Whether the client sends the body only when it is told to."""
        return self.version == "1.1" and self.fields.get("HTTP_EXPECT", "").lower() == "100-continue"

    def environ(self, connection: dict[str, Any]) -> dict[str, Any]:
        """Return the WSGI environ of a whole request; `connection` is what stands in each on this one."""
        path, query = split_target(self.url)
        if self.chunked and not self.unread:  # whoever reads on sees a body of a length that is known
            self.fields["CONTENT_LENGTH"] = str(self.size)
        return {
            **connection,
            "REQUEST_METHOD": self.method,
            "SERVER_PROTOCOL": f"HTTP/{self.version}",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_URI": self.url.decode("latin-1"),
            "wsgi.input": BytesIO(b"".join(self.pieces)),
            **self.fields,
        }


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
