"""Load on a socket: connections that stay open, each asking again as soon as it is answered."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from tests.benchmarks.visitor import FORM

SECONDS = 3.0


class Load(NamedTuple):
    """What a round of load came to: requests a second, and how long one took, in milliseconds."""

    rate: float
    median: float
    p99: float
    longest: float


class Line:
    """A connection that stays open, on which one request is asked at a time."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.answer = b""

    def ask(self, request: bytes) -> None:
        self.answer, self.since = b"", perf_counter()
        self.sock.sendall(request)

    def hear(self) -> bool:
        """Read on; tell whether the answer is whole. Anything but a 200 ends the benchmark."""
        self.answer += self.sock.recv(65_536)
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(self.answer[:500])
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        return len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n")


def ask(line: Line, request: bytes) -> bytes:
    """Ask once and return the whole answer."""
    line.ask(request)
    while not line.hear():
        pass
    return line.answer


def load(port: int, requests: Iterator[bytes], connections: int, seconds: float = SECONDS) -> Load:
    """Ask for so many seconds over so many connections."""
    took: list[float] = []
    with selectors.DefaultSelector() as selector:
        lines = [Line(port) for _ in range(connections)]
        for line in lines:
            selector.register(line.sock, selectors.EVENT_READ, line)
        begun = perf_counter()
        for line in lines:
            line.ask(next(requests))
        while (now := perf_counter()) - begun < seconds:
            for key, _ in selector.select(1):
                line = key.data
                if line.hear():
                    took.append(perf_counter() - line.since)
                    line.ask(next(requests))
        for line in lines:
            line.sock.close()
    took.sort()
    return Load(
        len(took) / (now - begun), *(took[int(len(took) * share)] * 1e3 for share in (0.5, 0.99, 0.9999))
    )


def get(path: str) -> bytes:
    """Return a GET without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, kind: str = FORM) -> bytes:
    """Return a POST of a form, or of another `kind` of body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
