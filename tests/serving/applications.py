"""The server in a thread, with applications small enough to see what it makes of a request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from threading import Thread
from typing import Any

from simulator.serving.protocol import Connection
from simulator.serving.server import Bounds, Listener, Server
from simulator.serving.sockets import bind
from simulator.web.guard import SizeLimits
from simulator.web.handover import Outgoing
from tests.serving_process import PATIENCE

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
LARGEST = 100_000
QUICK = Bounds(idle=0.3, request=0.6, pause=0.3, unread=0.5, sweep=0.05)


@dataclass
class Echo:
    """Answers each request with its body, and remembers what it saw."""

    seen: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        self.seen.append({**environ, "body": body})
        start("200 OK", [("X-Path", environ["PATH_INFO"])])
        return Outgoing(content=body)

    @property
    def requests(self) -> list[tuple[str, str, bytes]]:
        return [(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["body"]) for environ in self.seen]


def answering(body: Callable[[], Outgoing], *headers: tuple[str, str], status: str = "200 OK") -> Application:
    """Return an application that gives this answer to everybody."""

    def application(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start(status, list(headers))
        return body()

    return application


@dataclass
class Place:
    """A server that runs, and how to reach it."""

    server: Server
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def converse(self, *pieces: bytes) -> bytes:
        """Send pieces, each when the one before has left, and return all that comes back until the end."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            return read_all(client)


def read_all(client: socket.socket) -> bytes:
    answer = b""
    while piece := client.recv(65_536):
        answer += piece
    return answer


def read_until(client: socket.socket, end: bytes) -> bytes:
    answer = b""
    while not answer.endswith(end):
        piece = client.recv(1)
        assert piece, answer
        answer += piece
    return answer


@contextmanager
def placed(
    application: Application, tls: SSLContext | None = None, bounds: Bounds = QUICK, **limits: int
) -> Iterator[Place]:
    """Serve an application on a free port until the block ends."""
    sock = bind("127.0.0.1", 0)
    most = SizeLimits(**{"upload": LARGEST, **limits})
    server = Server(application, [Listener(sock, Connection, tls)], most, bounds)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Place(server, sock.getsockname()[1])
    finally:
        server.drain()
        thread.join(PATIENCE)
        assert not thread.is_alive()
