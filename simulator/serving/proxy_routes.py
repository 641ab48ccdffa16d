"""Where a proxy's clients may go: to vendors, who are here, to hosts let through, and nowhere else."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from msgspec import Struct

from simulator.web.guard import Refused, parse_host

HTTP, HTTPS = 80, 443
_FIRST_LINE = re.compile(rb"([A-Z]{3,20}) (\S{1,65536}) HTTP/1\.[01]")
_PASS = re.compile(r"(?P<host>(?:\*\.)?[^:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")

Names = Callable[[str], bool]


class Passed(Struct, frozen=True):
    """A host that is let through untouched, at one port or at those of HTTP and HTTPS."""

    host: str
    port: int | None

    def takes(self, host: str, port: int) -> bool:
        """Return whether this is about a host and a port; `*.` stands for one name below."""
        below = self.host.startswith("*.") and host.partition(".")[2] == self.host[2:]
        return (host == self.host or below) and port in ({self.port} if self.port else {HTTP, HTTPS})


def parse_passed(text: str, is_vendors: Names) -> Passed:
    """Read `HOST` or `HOST:PORT`; raises ValueError, also for a host of a vendor."""
    match = _PASS.fullmatch(text)
    try:
        bare = match["host"].removeprefix("*.") if match else ""
        host = parse_host(bare)
    except Refused:
        host = ""
    if not (match and host):
        raise ValueError(f"{text!r} is no host: write one such as pypi.org, *.example.com or db.test:5432")
    if is_vendors(host):
        raise ValueError(f"{host} is a vendor's: nothing that is tested here may reach it")
    wild = "*." if match["host"].startswith("*.") else ""
    return Passed(wild + host, int(match["port"]) if match["port"] else None)


class Way(Struct, frozen=True):
    """Where a connection leads, and the head that is sent there; none where the client was only connected."""

    host: str
    port: int
    head: bytes = b""


class Routes(Struct, frozen=True, kw_only=True):
    """What a proxy lets through: the vendors that `answers` knows, to our ports, and what is `passed`.

    Whoever comes has to have the `token`, where there is one. `tried` is told each host and port of a
    vendor, as `is_vendors` knows them, that would have been reached past us.
    """

    host: str
    plain: int
    secure: int
    answers: Names
    is_vendors: Names
    passed: Sequence[Passed] = ()
    token: str | None = None
    tried: Callable[[str, int], object] = lambda _host, _port: None

    def find(self, head: bytes) -> Way:
        """Return where a request leads, by its head; raises Refused with what to do where it may not."""
        first, *lines = head.split(b"\r\n")
        match = _FIRST_LINE.fullmatch(first)
        if match is None:
            raise Refused(400, "this is no request to a proxy")
        self._check_token(lines)
        method, target = match[1], match[2].decode("latin-1")
        scheme, host, port = _place_of(method, target)
        if self.answers(host) and port in {HTTP, HTTPS}:
            if method == b"CONNECT":
                return Way(self.host, self.secure if port == HTTPS else self.plain)
            return Way(self.host, self.plain, b"\r\n".join([first, *_own(lines), b"\r\n"]))
        if any(passed.takes(host, port) for passed in self.passed):
            if method == b"CONNECT":
                return Way(host.strip("[]"), port)
            if scheme == "http":  # one request, so that no second one goes elsewhere
                path = (urlsplit(target)._replace(scheme="", netloc="").geturl() or "/").encode("latin-1")
                line = first.replace(match[2], path if path[:1] == b"/" else b"/" + path, 1)
                kept = [*_own(lines, b"connection"), b"Connection: close"]
                return Way(host.strip("[]"), port, b"\r\n".join([line, *kept, b"\r\n"]))
            raise Refused(400, "https goes through a proxy by CONNECT")
        raise self._refusal(host, port)

    def _refusal(self, host: str, port: int) -> Refused:
        if not self.is_vendors(host):
            way_out = f"--pass {host} lets it through untouched, which --isolate does not do"
            return Refused(403, f"{host} is no vendor that is stood in for: {way_out}")
        self.tried(host, port)
        return Refused(
            403, f"{host}:{port} is a vendor's, and nobody stands in for it here: it is not let through"
        )

    def _check_token(self, lines: Iterable[bytes]) -> None:
        if self.token is None:
            return
        for line in lines:
            name, _, value = line.partition(b":")
            if name.lower() == b"proxy-authorization":
                with suppress(ValueError):
                    shown = b64decode(value.split()[-1], validate=True).partition(b":")[2]
                    if hmac.compare_digest(shown, self.token.encode()):
                        return
        raise Refused(407, "this proxy asks for the admin token: http://simulator:TOKEN@HOST:PORT")


def _place_of(method: bytes, target: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a target; raises Refused."""
    try:
        place = urlsplit(f"//{target}" if method == b"CONNECT" else target)
        host, port = parse_host(place.netloc.rpartition("@")[2]).rstrip("."), place.port
    except (ValueError, Refused):
        raise Refused(400, "the target names no host") from None
    scheme = place.scheme.lower()
    if method != b"CONNECT" and scheme not in {"http", "https"}:
        raise Refused(400, "this is a proxy: set HTTPS_PROXY to it, and ask for the vendor's own URL")
    if not host:
        raise Refused(400, "the target names no host")
    return scheme, host, port or (HTTP if scheme == "http" else HTTPS)


def _own(lines: Iterable[bytes], *dropped: bytes) -> list[bytes]:
    """Return the headers that are not for the proxy."""
    names = {b"proxy-connection", b"proxy-authorization", *dropped}
    return [line for line in lines if line and line.partition(b":")[0].lower() not in names]
