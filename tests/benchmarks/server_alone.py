"""What the server takes of its own for a request, without a socket, against an empty Flask called as WSGI."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable, Iterator
from typing import Any

from simulator.serving.protocol import Connection
from simulator.serving.server import Server
from simulator.web.handover import Outgoing
from tests.benchmarks.figures import Figure, report, seconds
from tests.benchmarks.load import get, post
from tests.benchmarks.reference import empty_flask
from tests.benchmarks.visitor import API, KEY, visit

ROUNDS, A_ROUND = 400, 50
MANY = b"User-Agent: python-requests/2.32\r\nAccept-Encoding: gzip\r\nAccept: */*\r\nX-Request: 1\r\n\r\n"
ASKED = {
    "GET": get(f"{API}/users/balance/?public_key={KEY}"),
    "GET with five headers": get(f"{API}/users/balance/?public_key={KEY}")[:-2] + MANY,
    "POST": post(f"{API}/phones/call/", b"phone=%2B447900000000"),
}


class Nowhere(Transport):
    """Takes what is written."""

    written = b""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2), "socket": self}.get(name, default)

    def setsockopt(self, *_option: int) -> None:
        """Be a socket as well."""

    def is_closing(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        self.written = data


def measure() -> Iterator[Figure]:
    """Take turns, so that a noisy neighbour disturbs both alike; of the rounds the shortest counts."""
    flask = empty_flask()

    def visits() -> None:
        for _ in range(A_ROUND):
            visit(flask, "GET", "/")

    acts = [visits, *map(_asking, ASKED.values())]
    rounds = [[seconds(act) for act in acts] for _ in range(ROUNDS)]
    empty, *own = (min(column) / A_ROUND * 1e6 for column in zip(*rounds, strict=True))
    for name, took in zip(ASKED, own, strict=True):
        note = f"{took:.1f} us against {empty:.1f} us"
        yield Figure(f"server alone, {name} : empty Flask", took / empty, 0.2, "x", note)


def _asking(request: bytes) -> Callable[[], None]:
    """Return what asks a connection for a round."""
    transport, connection = Nowhere(), Connection(Server(_answer, []))
    connection.connection_made(transport)

    def ask() -> None:
        for _ in range(A_ROUND):
            connection.get_buffer(-1)[: len(request)] = request
            connection.buffer_updated(len(request))

    ask()
    assert transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    return ask


def _answer(_environ: dict[str, Any], start: Callable[..., Any]) -> Outgoing:
    start("200 OK", [("Content-Type", "application/json"), ("Server", "nginx"), ("Content-Length", "2")])
    return Outgoing(content=b"{}")


if __name__ == "__main__":
    report(measure())
