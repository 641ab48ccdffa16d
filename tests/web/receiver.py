"""A real HTTP receiver on a free port: what it was sent, and any answer byte by byte."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread, local

Script = Callable[[socket.socket, Event], None]
"""Writes an answer to a connection whose request has been read; the event is set when the test is over."""

PATIENCE = 60.0
"""How long the rest of a request may take on a machine that is busy with other things."""
LOOK_SECONDS = 0.01
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """Where it listens, and the raw requests that arrived, in order of arrival.

    `own.request` is the one that the thread of a script answers, while others may arrive.
    """

    port: int
    requests: list[bytes] = field(default_factory=list)
    own: local = field(default_factory=local)
    connections: int = 0

    def url(self, target: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{target}"

    def wait_for(self, count: int, text: bytes) -> int:
        """Return how many requests hold a text, as soon as there are so many, or when patience ends."""
        pause, looks = Event(), int(PATIENCE / LOOK_SECONDS)
        for _ in range(looks):
            arrived = sum(text in request for request in self.requests)
            if arrived >= count:
                return arrived
            pause.wait(LOOK_SECONDS)
        return arrived


def answering(raw: bytes) -> Script:
    """Answer every request with these bytes."""
    return lambda connection, _over: connection.sendall(raw)


def dripping(head: bytes, drop: bytes) -> Script:
    """Answer with `head`, then `drop` by `drop` without end."""

    def drip(connection: socket.socket, over: Event) -> None:
        connection.sendall(head)
        while not over.wait(0.01):
            connection.sendall(drop)

    return drip


def silent(_connection: socket.socket, over: Event) -> None:
    """Say nothing for as long as the test lasts."""
    over.wait()


@contextmanager
def nobody() -> Iterator[int]:
    """Hold a free port at which connections are refused, so that nobody else takes it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def receiving(script: Script) -> Iterator[Receiver]:
    """Listen on 127.0.0.1 until the block ends; every thread and socket is gone afterwards."""
    over, threads = Event(), list[Thread]()
    with socket.create_server(("127.0.0.1", 0)) as server:
        receiver = Receiver(server.getsockname()[1])
        listener = Thread(target=_accept, args=(server, receiver, script, over, threads))
        listener.start()
        try:
            yield receiver
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            listener.join()
            for thread in threads:
                thread.join()


def _accept(
    server: socket.socket, receiver: Receiver, script: Script, over: Event, threads: list[Thread]
) -> None:
    with suppress(OSError):
        while not over.is_set():
            connection, _ = server.accept()
            receiver.connections += 1
            threads.append(Thread(target=_serve, args=(connection, receiver, script, over)))
            threads[-1].start()


def _serve(connection: socket.socket, receiver: Receiver, script: Script, over: Event) -> None:
    with connection, suppress(OSError):
        connection.settimeout(PATIENCE)
        raw = b""
        while b"\r\n\r\n" not in raw and (piece := connection.recv(65_536)):
            raw += piece
            if raw[:1] == b"\x16":  # a TLS handshake has no empty line
                break
        while len(raw) < _length_of(raw) and (piece := connection.recv(65_536)):
            raw += piece
        receiver.requests.append(raw)
        receiver.own.request = raw
        script(connection, over)


def _length_of(raw: bytes) -> int:
    """Return how long the request is with its body; a head alone when it names no length."""
    head, gap, _ = raw.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *([0-9]+)", head, re.IGNORECASE)
    return len(head + gap) + int(length[1]) if length else 0
