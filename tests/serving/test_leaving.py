"""How an answer leaves: its exact bytes, and what a fault makes of it, without a thread for who waits."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Event, active_count
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.serving.protocol import Connection
from simulator.web.handover import MAY_WAIT, ON_LOOP, Drip, Hold, Outgoing, Push, WouldWait
from tests.serving.applications import QUICK, Echo, answering, placed, read_all, read_until
from tests.serving_process import PATIENCE

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
STAYING = b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
SLOW = replace(QUICK, idle=600.0, request=600.0)


@pytest.mark.parametrize(
    ("asked", "first", "connection"),
    [
        (LAST, b"HTTP/1.1", b"Connection: close\r\n"),
        (OLD, b"HTTP/1.0", b"Connection: close\r\n"),
        (STAYING + OLD, b"HTTP/1.0", b"Connection: keep-alive\r\n"),
        (GET + LAST, b"HTTP/1.1", b""),
    ],
)
def test_a_head_is_the_applications_to_the_letter(asked: bytes, first: bytes, connection: bytes) -> None:
    headers = [("sErver", "nginx"), ("X-b", "2"), ("content-LENGTH", "2"), ("X-a", "1"), ("X-b", "caf\xe9")]
    with placed(answering(lambda: Outgoing(content=b"ok"), *headers, status="499 Client Gone")) as place:
        answer = place.converse(asked)

    lines = b"sErver: nginx\r\nX-b: 2\r\ncontent-LENGTH: 2\r\nX-a: 1\r\nX-b: caf\xe9\r\n"
    assert answer.startswith(first + b" 499 Client Gone\r\n" + lines + connection + b"\r\nok")


def test_only_a_length_is_added() -> None:
    with placed(answering(lambda: Outgoing(content=b"ok"))) as place, place.connect() as client:
        client.sendall(GET)

        assert read_until(client, b"\r\n\r\nok") == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("verb", "status", "length"), [(b"HEAD", "200 OK", True), (b"GET", "204 No Content", False),
                                   (b"GET", "304 Not Modified", False)]
)  # fmt: skip
def test_what_has_no_body_gets_none_and_the_connection_stays(verb: bytes, status: str, length: bool) -> None:
    application = answering(lambda: Outgoing(content=b"body"), ("Content-Length", "4"), status=status)
    with placed(application) as place:
        answer = place.converse(verb + b" / HTTP/1.1\r\n\r\n" + verb + b" / HTTP/1.0\r\n\r\n")

    assert b"body" not in answer
    assert answer.count(f" {status}\r\n".encode()) == 2
    assert (b"Content-Length" in answer) is length


def test_an_application_that_knows_nothing_of_us_is_served() -> None:
    def application(_environ: Any, start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"one, ", b"two"]

    with placed(application) as place:
        assert place.converse(OLD).endswith(b"Content-Length: 8\r\nConnection: close\r\n\r\none, two")


def test_one_that_fails_is_a_500() -> None:
    def application(_environ: Any, _start: Callable[..., Any]) -> list[bytes]:
        raise ValueError

    with placed(application) as place:
        assert place.converse(OLD).startswith(b"HTTP/1.0 500 Internal Server Error\r\n")


@pytest.mark.parametrize(("version", "leave"), [(b"1.1", True), (b"1.0", False)])
def test_who_waits_for_leave_to_send_gets_it(version: bytes, leave: bool) -> None:
    with placed(echo := Echo(), bounds=SLOW) as place, place.connect() as client:
        client.sendall(b"POST / HTTP/%s\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n" % version)
        if leave:
            assert read_until(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        place.converse(OLD)  # by when the head is read
        client.sendall(b"ok")
        answer = read_until(client, b"ok")

    assert answer.startswith(b"HTTP/" + version + b" 200 ")
    assert echo.requests == [("GET", "/", b""), ("POST", "/", b"ok")]


def test_nobody_gets_leave_for_a_body_that_is_too_long_or_before_another_answer() -> None:
    hold = Hold(PATIENCE)
    waiting = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with (
        placed(answering(lambda: Outgoing(hold=hold)), bounds=SLOW) as place,
        place.connect() as client,
    ):
        client.sendall(GET + waiting % 2)
        hold.release()
        answer = read_until(client, b"100 Continue\r\n\r\n")
    with placed(Echo()) as place:
        refused = place.converse(waiting % 30_000_000)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert refused.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_reset_is_one() -> None:
    with placed(answering(lambda: Outgoing(reset=True))) as place, pytest.raises(ConnectionResetError):
        place.converse(GET)


def test_an_answer_that_is_cut_declares_its_whole_length() -> None:
    application = answering(lambda: Outgoing(content=b"half", cut=True), ("Content-Length", "8"))
    with placed(application, bounds=SLOW) as place:
        assert place.converse(GET) == b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"


def test_an_application_may_end_the_connection() -> None:
    application = answering(lambda: Outgoing(content=b"ok"), ("cONNECTION", "Close"))
    with placed(application, bounds=SLOW) as place:
        answer = place.converse(GET + GET)

    assert answer == b"HTTP/1.1 200 OK\r\ncONNECTION: Close\r\nContent-Length: 2\r\n\r\nok"


def test_a_body_drips_piece_by_piece() -> None:
    with (
        placed(answering(lambda: Outgoing(content=b"abcdef", drip=Drip(2, 0.05)))) as place,
        place.connect() as client,
    ):
        client.sendall(LAST)
        read_until(client, b"\r\n\r\n")

        assert [client.recv(100) for _ in range(4)] == [b"ab", b"cd", b"ef", b""]


def test_what_an_answer_waits_for_is_done_before_it_leaves() -> None:
    done = Event()
    with placed(answering(lambda: Outgoing(content=b"ok", first=done.set))) as place:
        assert place.converse(LAST).endswith(b"ok")
    assert done.is_set()


def test_where_that_fails_there_is_no_answer() -> None:
    def first() -> None:
        raise ValueError

    with (
        placed(answering(lambda: Outgoing(content=b"ok", first=first))) as place,
        pytest.raises(ConnectionResetError),
    ):
        place.converse(LAST)


def test_what_follows_an_answer_is_done_in_a_thread_if_it_would_wait() -> None:
    gone, left = Event(), Event()

    def leave(may_wait: bool) -> None:
        if not may_wait:
            raise WouldWait
        gone.wait(PATIENCE)
        left.set()

    with placed(answering(lambda: Outgoing(content=b"ok").then(leave))) as place:
        assert place.converse(LAST).endswith(b"ok")
        gone.set()

        assert left.wait(PATIENCE)


def test_a_thousand_answers_are_held_without_a_thread_and_starve_nobody() -> None:
    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        start("200 OK", [])
        return Outgoing(content=b"ok", hold=Hold(PATIENCE) if environ["PATH_INFO"] == "/held" else None)

    threads = active_count()
    with ExitStack() as stack:
        with placed(application, bounds=SLOW) as place:
            held = [stack.enter_context(place.connect()) for _ in range(1_000)]
            for client in held:
                client.sendall(b"GET /held HTTP/1.1\r\n\r\n")
            half_open = [stack.enter_context(place.connect()) for _ in range(500)]
            for client in half_open:
                client.sendall(b"GET /half HTTP/1.1\r\n")
            client = stack.enter_context(place.connect())
            client.settimeout(PATIENCE)
            for _ in range(100):
                client.sendall(GET)
                read_until(client, b"ok")
            assert active_count() - threads <= 1
        answers = [read_all(client) for client in held]

    assert [answer.endswith(b"Connection: close\r\n\r\nok") for answer in answers] == [True] * 1_000


def test_events_reach_five_hundred_listeners_and_who_leaves_is_noticed() -> None:
    pushes: dict[Push, None] = {}
    begun, ended = Event(), Event()

    def stream(push: Push) -> Callable[[], None]:
        pushes[push] = None
        if len(pushes) == 500:
            begun.set()

        def stop() -> None:
            del pushes[push]
            if len(pushes) == 250:
                ended.set()

        return stop

    kind = ("Content-Type", "text/event-stream")
    with placed(answering(lambda: Outgoing(stream=stream), kind), bounds=SLOW) as place, ExitStack() as stack:
        clients = [stack.enter_context(place.connect()) for _ in range(500)]
        for client in clients:
            client.sendall(GET)
            head = read_until(client, b"\r\n\r\n")
        assert begun.wait(PATIENCE)  # a head leaves a little before its stream is there
        for push in list(pushes):
            push(b"data: one\n\n")
        events = {read_until(client, b"\n\n") for client in clients}
        for client in clients[250:]:
            client.close()
        assert ended.wait(PATIENCE)
        place.server.drain()
        rest = {read_all(client) for client in clients[:250]}

    assert head == b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    assert (events, rest) == ({b"data: one\n\n"}, {b""})


def test_a_listener_who_stops_reading_is_let_go() -> None:
    pushes: SimpleQueue[Push] = SimpleQueue()

    def stream(push: Push) -> Callable[[], None]:
        pushes.put(push)
        return lambda: None

    with placed(answering(lambda: Outgoing(stream=stream))) as place, place.connect() as client:
        client.sendall(GET)
        push = pushes.get(timeout=PATIENCE)
        while place.server.connections:
            for connection in list(place.server.connections):
                if connection.transport.get_write_buffer_size() == 0:  # the system kept it all
                    push(bytes(65_536))
            Event().wait(0.01)


def test_a_stream_is_not_begun_for_a_client_that_has_left_before() -> None:
    asked, gone = Event(), Event()
    begun: list[Push] = []

    def stream(push: Push) -> Callable[[], None]:
        begun.append(push)
        return lambda: None

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        if environ[MAY_WAIT] == ON_LOOP:
            raise WouldWait
        asked.set()
        gone.wait(PATIENCE)
        start("200 OK", [])
        return Outgoing(stream=stream)

    with placed(application, bounds=SLOW) as place:
        with place.connect() as client:
            client.sendall(GET)
            assert asked.wait(PATIENCE)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while place.server.connections:
            Event().wait(0.01)
        gone.set()

    assert begun == []


def test_who_has_sent_all_it_will_send_is_answered_all_the_same() -> None:
    hold = Hold(PATIENCE)
    application = answering(lambda: Outgoing(content=b"ok", hold=hold))
    with placed(application, bounds=SLOW) as place, place.connect() as client:
        client.sendall(GET + GET)
        client.shutdown(socket.SHUT_WR)
        hold.release()
        one, two, nothing = read_all(client).split(b"ok")

    assert (b"Connection: close" in one, b"Connection: close" in two, nothing) == (False, True, b"")


def test_small_answers_leave_at_once() -> None:
    with placed(Echo()) as place, place.connect() as client:
        client.sendall(GET)
        read_until(client, b"\r\n\r\n")
        (connection,) = place.server.connections
        assert isinstance(connection, Connection)
        sock = connection.transport.get_extra_info("socket")

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_server_that_ends_lets_bodies_under_way_arrive() -> None:
    with placed(echo := Echo(), bounds=SLOW) as place, place.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        read_until(client, b"\r\n\r\n")
        place.server.drain()
        while not place.server.ending.is_set():
            Event().wait(0.01)
        client.sendall(b"body")

        assert read_all(client).endswith(b"Connection: close\r\n\r\nbody")
    assert echo.requests == [("POST", "/", b"body")]


def test_a_server_that_is_over_can_be_ended_again() -> None:
    with placed(Echo()) as place:
        place.server.drain()
        place.server.drain()
    place.server.drain()
