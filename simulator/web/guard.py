"""What no server checks for us: sizes, framing, path, Host, and who may touch the admin plane.

Works on the WSGI environ, so the bundled server, any other server and the in-process transports are
guarded alike. An environ cannot tell whether a client wrote `X_Api_Key` or `X-Api-Key`, since both become
`HTTP_X_API_KEY`; so the bundled server and the transports spell an underscore in another way, which is undone
here. Other servers drop such headers, or let them pass for the one with dashes, as granian and cheroot do.
"""

from __future__ import annotations

import hmac
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import unquote

from simulator.exchange import Headers, Request

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_TAB = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\xff]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NAME_HOST = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?")
_SIX_HOST = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?")
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)
UNDERSCORE = "~"
"""How an underscore in the name of a header is spelt in an environ."""

_OF_THE_BODY = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
_GLIMPSED_HEADERS = {"HTTP_HOST": "Host", "HTTP_USER_AGENT": "User-Agent", **_OF_THE_BODY}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
GLIMPSED = 1_024
USUAL, USUAL_KEYS = 200, 1_000
"""Up to what length a header's value is probably one that comes again, and so are the keys of an environ."""
WORLD = "simulator.world"
"""Where in an environ the world stands that a request to the control plane was addressed to."""


class Refused(Exception):
    """A request that we answer with `status` before anybody reads it; `reason` is for people."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class UnsafeHeader(ValueError):
    """A header that would break out of its line; named so that its scenario or renderer can be mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """What one instance puts up with: sizes in bytes, and counts, above which a request is refused.

    More `worlds` than this are not open at a time, nor more `connections`.
    """

    body: int = 1_000_000
    upload: int = 25_000_000
    fields: int = 1_000
    headers: int = 100
    header: int = 16_384
    head: int = 65_536
    url: int = 8_192
    worlds: int = 4_000
    connections: int = 2_000

    @classmethod
    def parse(cls, text: str) -> tuple[str, int]:
        """Return the name and the number of a limit like `worlds=100`; raises ValueError."""
        name, _, number = text.partition("=")
        known = {limit.name: limit.default for limit in fields(cls)}
        if name not in known:
            usual = ", ".join(f"{name}={number}" for name, number in known.items())
            raise ValueError(f"{name!r} is no limit; there are, as they are unless set: {usual}")
        if not (number.isascii() and number.isdigit() and 0 < int(number) < sys.maxsize):
            raise ValueError(f"{name} takes a whole number from 1 on, as in {name}={known[name]}")
        return name, int(number)

    def allowing(self, body: int) -> SizeLimits:
        """Return these limits with a larger body, if `body` is one and nobody has set another.

        An upload stays the most there is.
        """
        is_set = self.body != SizeLimits().body
        return (
            self
            if is_set or body <= self.body
            else replace(self, body=max(self.body, min(body, self.upload)))
        )

    def at_most(self, size: int) -> SizeLimits:
        """Return these limits for bodies of a size or less, whatever they are."""
        return replace(self, body=min(self.body, size), upload=min(self.upload, size))


def read_request(environ: Mapping[str, Any], path: str, limits: SizeLimits) -> Request:
    """Read a WSGI environ whole, with its body; `path` is decoded and starts at the vendor's root.

    Raises Refused: 400 malformed, 411 length unknown, 413 body or fields, 414 URL, 431 headers.
    """
    query = environ.get("QUERY_STRING", "")
    path = _check_url(environ, path, query, limits)
    headers = _headers_of(environ, limits)
    content_type = environ.get("CONTENT_TYPE", "")
    multipart = content_type.lower().startswith("multipart/form-data")
    body = _read_body(environ, limits.upload if multipart else limits.body)
    _check_fields(query, content_type, body, limits)
    remote = environ.get("REMOTE_ADDR") or "127.0.0.1"
    base = _base_of(environ, path)
    return Request(environ["REQUEST_METHOD"], path, query, headers, body, remote=remote, base=base)


def glimpse(environ: Mapping[str, Any], path: str) -> Request:
    """Return what is remembered of a request that was refused: its first line, cut short, and few headers."""
    query = environ.get("QUERY_STRING", "")
    if len(query) > GLIMPSED:
        query = query[:GLIMPSED].rpartition("&")[0]  # whole fields, so that their names tell what to mask
    known = {key: environ[key] for key in _GLIMPSED_HEADERS if environ.get(key)}
    headers = tuple((_GLIMPSED_HEADERS[key], value[:GLIMPSED]) for key, value in known.items())
    return Request(environ["REQUEST_METHOD"][:32], path[:GLIMPSED], query, headers)


def _base_of(environ: Mapping[str, Any], path: str) -> str:
    """Return the URL of the vendor's root, as the client reached it."""
    host_of(environ)
    host = environ.get("HTTP_HOST") or f"127.0.0.1:{environ.get('SERVER_PORT', '80')}"
    root = environ.get("SCRIPT_NAME", "") + path_of(environ).removesuffix(path)
    return _join_base(environ.get("wsgi.url_scheme", "http"), host, root)


@lru_cache(maxsize=256)  # requests to one address are kept with one base
def _join_base(scheme: str, host: str, root: str) -> str:
    return f"{scheme}://{host}{root.rstrip('/')}"


def path_of(environ: Mapping[str, Any]) -> str:
    """Return the percent-decoded path as text; raises Refused 400 when its bytes are not UTF-8."""
    path = str(environ.get("PATH_INFO", ""))
    if path.isascii():
        return path
    try:
        return path.encode("latin-1").decode()
    except UnicodeError:
        raise Refused(400, "the path is not UTF-8") from None


def host_of(environ: Mapping[str, Any]) -> str:
    """Return the Host in lower case without port, IPv6 in brackets, or "" when there is none.

    X-Forwarded-Host is never looked at. Raises Refused 400 for anything that is not one host.
    """
    return parse_host(environ.get("HTTP_HOST", ""))


@lru_cache(maxsize=1_000)  # most requests name the same host
def parse_host(value: str) -> str:
    """Return the host of a Host header value, normalised as `host_of` does; raises Refused 400."""
    if not value:
        return ""
    named = _NAME_HOST.fullmatch(value)
    if named:
        return named[1].lower()
    six = _SIX_HOST.fullmatch(value)
    try:
        return f"[{IPv6Address(six[1])}]" if six else _no_host()
    except ValueError:
        return _no_host()


def _no_host() -> str:
    raise Refused(400, "the Host header does not name one host")


def check_admin_access(request: Request, allowed_hosts: Iterable[str], token: str | None) -> None:
    """Raise Refused unless a request may enter the admin plane: 400/403 Host, 403 foreign page, 401 token.

    `allowed_hosts` are the configured names, `localhost`, `127.0.0.1` and `[::1]` pass always, with any
    port. `token` comes only in `Authorization: Bearer`; None means that none is asked for.
    """
    _check_admin_host(request, allowed_hosts)
    if request.method not in _READS:
        _check_own_page(request)
    if token is not None:
        _check_token(request.header("Authorization") or "", token)


def _check_admin_host(request: Request, allowed_hosts: Iterable[str]) -> None:
    hosts = [value for name, value in request.headers if name.lower() == "host"]
    known = {"localhost", "127.0.0.1", "[::1]", *(host.lower() for host in allowed_hosts)}
    if len(hosts) != 1 or parse_host(hosts[0]) not in known:
        names = "use localhost, 127.0.0.1 or [::1]"
        setting = "or name this one: `--admin-host`, `create_app(admin_hosts=...)`"
        raise Refused(403, f"this Host may not reach the control API; {names}, {setting}")


def _check_own_page(request: Request) -> None:
    """Refuse what a browser sent for another page: a neighbour port of localhost is foreign too."""
    origin = request.header("Origin")
    own = (request.header("Host") or "").lower()
    if origin is not None and origin.lower() not in (f"http://{own}", f"https://{own}"):
        raise Refused(403, "the request comes from a page of another origin")
    if (request.header("Sec-Fetch-Site") or "none").lower() not in ("none", "same-origin"):
        raise Refused(403, "the request comes from a page of another site")


def _check_token(authorization: str, token: str) -> None:
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8", "replace"))
    if scheme.lower() != "bearer" or not token or not same:
        raise Refused(401, "the control API wants `Authorization: Bearer` with the admin token")


@lru_cache(maxsize=256)  # most answers carry the same few headers
def check_outgoing(headers: Headers) -> None:
    """Raise UnsafeHeader for a name or value that could add a header line of its own.

    For answers and callbacks alike: Werkzeug turns such a value into a 500, other servers send it.
    """
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise UnsafeHeader(f"header name {name!r}: letters, digits and dashes only")
        if _UNSENDABLE.search(value):
            raise UnsafeHeader(f"header {name}: {value!r} has control or non-Latin characters")


def _check_url(environ: Mapping[str, Any], path: str, query: str, limits: SizeLimits) -> str:
    """Return the path as it is kept, refusing a URL that is too long or not to be trusted."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    if max(len(raw), len(environ.get("PATH_INFO", "")) + len(query)) > limits.url:
        raise Refused(414, f"the URL is longer than {limits.url} bytes")
    if query and _CONTROL.search(query):
        raise Refused(400, "the query has control bytes")
    if raw:
        _check_path(raw.partition("?")[0])
    return _check_path(path)


@lru_cache(maxsize=256)  # most requests go where others went, and are kept with one path
def _check_path(path: str) -> str:
    """Return a path without control bytes and dot-dot, plain or percent-encoded up to three times over."""
    spelling = path
    for _ in range(4):
        if control := _CONTROL.search(spelling):
            end = (
                ": a line end, as of a key or an id that was read from a file" if control[0] in "\r\n" else ""
            )
            raise Refused(400, f"the path has control bytes{end}")
        if ".." in spelling and ".." in spelling.replace("\\", "/").split("/"):
            raise Refused(400, "the path has dot-dot segments")
        plain = unquote(spelling) if "%" in spelling else spelling
        if plain == spelling:
            return path
        spelling = plain
    raise Refused(400, "the path is percent-encoded again and again")


def _headers_of(environ: Mapping[str, Any], limits: SizeLimits) -> Headers:
    """Return the headers with Title-Case names: what tells of the body, then the server's order."""
    came = tuple(environ)
    is_usual = len("".join(came)) <= USUAL_KEYS
    keys = tuple(filter(environ.get, _OF_THE_BODY)) + (_usual_keys if is_usual else _header_keys)(came)
    if len(keys) > limits.headers:
        raise Refused(431, f"more than {limits.headers} headers")
    values = tuple(map(environ.__getitem__, keys))
    if is_usual and max(map(len, values), default=0) <= min(USUAL, limits.header - USUAL_KEYS):
        return _usual_headers(keys, values)
    return tuple([_long_header(key, value, limits) for key, value in zip(keys, values, strict=True)])


def _header_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of an environ's keys under which it has headers."""
    return tuple([key for key in keys if key.startswith("HTTP_")])


_usual_keys = lru_cache(maxsize=256)(_header_keys)
"""The same environs come again, but for their values."""


def _header(key: str, value: str) -> tuple[str, str]:
    name = _OF_THE_BODY.get(key) or _header_name(key)
    if not _TOKEN.fullmatch(name) or _CONTROL_BUT_TAB.search(value):
        raise Refused(400, "a header has control bytes or an impossible name")
    return name, value


_usual_header = lru_cache(maxsize=1_000)(_header)
"""The same object each time, for most short headers come again."""


@lru_cache(maxsize=256)  # and so do all those of a request
def _usual_headers(keys: tuple[str, ...], values: tuple[str, ...]) -> Headers:
    return tuple(map(_usual_header, keys, values))


def _long_header(key: str, value: str, limits: SizeLimits) -> tuple[str, str]:
    name, value = _header(key, value)
    if len(name) + len(value) > limits.header:
        raise Refused(431, f"a header is longer than {limits.header} bytes")
    return name, value


@lru_cache(maxsize=1_000)
def _header_name(key: str) -> str:
    return key[5:].replace("_", "-").replace(UNDERSCORE, "_").title()


def _read_body(environ: Mapping[str, Any], most: int) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    transfer = environ.get("HTTP_TRANSFER_ENCODING")
    if transfer and (length or transfer.strip().lower() != "chunked"):
        raise Refused(400, "Content-Length and Transfer-Encoding disagree about where the body ends")
    if length:
        return _read_exactly(environ["wsgi.input"], _length_of(length, most))
    if environ.get("wsgi.input_terminated"):
        return _read_to_end(environ["wsgi.input"], most)
    if transfer:
        raise Refused(411, "the server does not unpack chunked bodies; send a Content-Length")
    return b""


def _length_of(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Refused(400, "Content-Length is not one plain number")
    if (length := int(text)) > most:
        raise Refused(413, f"the body is longer than {most} bytes")
    return length


def _read_exactly(stream: Any, length: int) -> bytes:
    body = stream.read(length)  # in one piece, but for a stream that trickles
    while len(body) < length:
        piece = stream.read(length - len(body))
        if not piece:
            raise Refused(400, f"the body ended after {len(body)} of {length} bytes")
        body += piece
    return bytes(body)


def _read_to_end(stream: Any, most: int) -> bytes:
    body = bytearray()
    while piece := stream.read(min(65_536, most + 1 - len(body))):
        body += piece
        if len(body) > most:
            raise Refused(413, f"the body is longer than {most} bytes")
    return bytes(body)


def _check_fields(query: str, content_type: str, body: bytes, limits: SizeLimits) -> None:
    """Count fields before anybody parses them; Werkzeug counts multipart only."""
    count = query.count("&")
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        count = max(count, body.count(b"&"))
    elif boundary := _BOUNDARY.search(content_type):
        count = max(count, body.count(b"--" + boundary[1].encode("latin-1")) - 2)
    if count >= limits.fields:
        raise Refused(413, f"more than {limits.fields} form fields")
