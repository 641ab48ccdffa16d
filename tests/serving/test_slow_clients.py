"""Clients that are slow to ask, to read or to leave: what they get, and what they cost nobody."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.web.handover import Drip, Hold, Outgoing, Push
from tests.serving.applications import QUICK, Echo, Place, answering, placed, read_all, read_until
from tests.serving_process import PATIENCE

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = b"GET / HTTP/1.0\r\n\r\n"
TOO_LONG = b"POST / HTTP/1.1\r\nContent-Length: 30000000\r\n\r\n"
SLOW = replace(QUICK, idle=600.0, request=600.0, unread=600.0, pause=600.0, linger=600.0)
ENOUGH = 30_000_000
"""More bytes than systems keep of what is sent and not read."""


def let_pass(place: Place, turns: int = 150) -> None:
    """Let the loop of a server go on, which answers this in each of its turns."""
    with place.connect() as client:
        for _ in range(turns):
            client.sendall(b"GET /probe HTTP/1.1\r\n\r\n")
            read_until(client, b"\r\n\r\n")


def test_who_does_not_read_gets_no_more_answers() -> None:
    asked: list[str] = []

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        asked.append(environ["PATH_INFO"])
        start("200 OK", [])
        return Outgoing(content=b"" if environ["PATH_INFO"] == "/probe" else bytes(ENOUGH))

    with placed(application, bounds=SLOW) as place, place.connect() as client:
        client.sendall(GET * 10)
        let_pass(place)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert asked.count("/") == 1


def test_who_pipelines_behind_an_answer_that_waits_is_read_no_further() -> None:
    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        start("200 OK", [])
        return Outgoing(hold=None if environ["PATH_INFO"] == "/probe" else Hold(PATIENCE))

    with placed(application, bounds=SLOW) as place, place.connect() as client:
        client.setblocking(False)
        sent = stuck = 0
        while sent < ENOUGH and stuck < 3:
            try:
                sent, stuck = sent + client.send(GET * 10_000), 0
            except BlockingIOError:
                stuck += 1
                let_pass(place)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert sent < ENOUGH


def test_who_reads_slowly_is_waited_for() -> None:
    with placed(answering(lambda: Outgoing(content=bytes(ENOUGH)))) as place, place.connect() as client:
        client.sendall(LAST)
        length = 0
        while piece := client.recv(1_000_000):
            length += len(piece)
            Event().wait(QUICK.unread / 20)

    assert length > ENOUGH


@pytest.mark.parametrize("bound", ["pause", "linger"])
def test_who_is_answered_before_the_body_has_come_is_heard_for_a_while(bound: str) -> None:
    with placed(Echo(), bounds=replace(SLOW, **{bound: 0.3})) as place, place.connect() as client:
        client.sendall(TOO_LONG)
        assert b"\r\nConnection: close\r\n" in read_all(client)
        while place.server.connections:
            with suppress(ConnectionError):
                client.sendall(b"x" if bound == "linger" else b"")
            Event().wait(0.01)


def test_a_request_behind_an_answer_that_waits_has_its_time_from_then_on() -> None:
    hold = Hold(PATIENCE)
    with (
        placed(
            answering(lambda: Outgoing(content=b"ok", hold=hold)), bounds=replace(QUICK, request=1.0)
        ) as place,
        place.connect() as client,
    ):
        client.sendall(GET + b"GET / HT")
        Event().wait(1.2)
        hold.release()
        read_until(client, b"ok")
        Event().wait(0.3)
        client.sendall(b"TP/1.0\r\n\r\n")

        assert read_all(client).endswith(b"ok")


def test_a_listener_who_is_far_behind_has_left() -> None:
    pushes: SimpleQueue[Push] = SimpleQueue()

    def stream(push: Push) -> Any:
        pushes.put(push)
        return lambda: None

    with placed(answering(lambda: Outgoing(stream=stream)), bounds=SLOW) as place, place.connect() as client:
        client.sendall(GET)
        push = pushes.get(timeout=PATIENCE)
        for _ in range(100):
            push(bytes(1_000_000))
        while place.server.connections:
            Event().wait(0.01)


def test_an_answer_that_drips_ends_when_its_client_leaves() -> None:
    left = Event()
    drip = Drip(1, 0.1)
    with placed(
        answering(lambda: Outgoing(content=bytes(10_000), drip=drip).then(lambda _: left.set()))
    ) as place:
        with place.connect() as client:
            client.sendall(LAST)
            read_until(client, b"\r\n\r\n")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        assert left.wait(10)
