"""A server that ends: what has begun is brought to its end, and nobody is kept waiting for it."""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack
from threading import Event, Timer
from typing import Any

from msgspec.structs import replace

from simulator.web.handover import MAY_WAIT, ON_LOOP, Hold, Outgoing, WouldWait
from tests.serving.applications import QUICK, Place, answering, placed, read_all, read_until
from tests.serving_process import PATIENCE

LAST = b"GET / HTTP/1.0\r\n\r\n"
SLOW = replace(QUICK, idle=600.0, request=600.0, unread=600.0, body=600.0)
LONG = 30_000_000


def end(place: Place) -> None:
    """Ask a server to end, and go on a while after it has begun to."""
    place.server.drain()
    while not place.server.ending.is_set():
        Event().wait(0.01)
    Event().wait(0.3)


def test_a_body_under_way_may_arrive_and_what_would_hold_its_answer_back_does_not() -> None:
    application = answering(lambda: Outgoing(content=b"ok", hold=Hold(PATIENCE)))
    with placed(application, bounds=SLOW) as place, place.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        read_until(client, b"\r\n\r\n")
        end(place)
        client.sendall(b"body")

        assert read_all(client).endswith(b"Connection: close\r\n\r\nok")


def test_an_answer_that_is_still_read_is_read_whole() -> None:
    with (
        placed(answering(lambda: Outgoing(content=bytes(LONG))), bounds=SLOW) as place,
        place.connect() as client,
    ):
        client.sendall(LAST)
        read_until(client, b"\r\n\r\n")
        end(place)

        assert len(read_all(client)) == LONG


def test_who_was_let_in_by_the_system_is_answered() -> None:
    begun, go = Event(), Event()

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        if environ["PATH_INFO"] == "/slow":  # nobody else is accepted meanwhile
            begun.set()
            go.wait(PATIENCE)
        start("200 OK", [])
        return Outgoing(content=b"ok")

    with placed(application, bounds=SLOW) as place, ExitStack() as stack:
        first = stack.enter_context(place.connect())
        first.sendall(b"GET /slow HTTP/1.0\r\n\r\n")
        assert begun.wait(PATIENCE)
        clients = [stack.enter_context(place.connect()) for _ in range(100)]
        for client in clients:
            client.sendall(LAST)
        place.server.drain()
        go.set()

        assert [read_all(client)[-2:] for client in clients] == [b"ok"] * 100


def test_what_is_answered_in_a_thread_is_done_though_its_client_has_left() -> None:
    asked, go, left = Event(), Event(), Event()

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        if environ[MAY_WAIT] == ON_LOOP:
            raise WouldWait
        asked.set()
        go.wait(PATIENCE)
        start("200 OK", [])
        return Outgoing(content=b"ok").then(lambda _may_wait: left.set())

    with placed(application, bounds=SLOW) as place:
        with place.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert asked.wait(PATIENCE)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while place.server.connections:
            Event().wait(0.01)
        Timer(0.5, go.set).start()

    assert left.is_set()
