"""How much and how long the server puts up with, and what it says then."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from threading import Event

import pytest
from msgspec.structs import replace

from simulator.engine.real_time import host_seconds
from simulator.serving.reading import Reader
from simulator.serving.server import HELD_UP_SECONDS, Member, Server
from simulator.web.guard import SizeLimits
from simulator.web.handover import Outgoing
from tests.serving.applications import LARGEST, QUICK, Echo, answering, placed, read_all, read_until

HEAD = b"POST /a HTTP/1.1\r\nHost: h\r\n"
LAST = b"GET /b HTTP/1.0\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = replace(QUICK, idle=60.0, request=60.0, unread=60.0)


def status(answer: bytes) -> int:
    return int(answer.split()[1])


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(101)),
        b"X-Key: " + b"x" * 70_000 + b"\r\n",
        b"X-" + b"x" * 70_000,
        b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1_000) for number in range(90)),
    ],
    ids=["many", "a long one", "a long one without end", "together too long"],
)
def test_a_head_too_long_is_refused(head: bytes) -> None:
    with placed(echo := Echo(), bounds=SLOW) as place:
        answer = place.converse(HEAD + head + (b"\r\n" if head.endswith(b"\n") else b""))

    assert (status(answer), echo.requests) == (431, [])


@pytest.mark.parametrize("step", [1_000, 100_000])
@pytest.mark.parametrize(("target", "value"), [(70_000, 0), (40_000, 30_000)])
def test_so_is_one_with_its_target_however_it_comes(target: int, value: int, step: int) -> None:
    reader = Reader({}, SizeLimits())
    head = memoryview(b"GET /%s HTTP/1.1\r\nX-Key: %s\r\n\r\n" % (b"x" * target, b"x" * value))
    for at in range(0, len(head), step):
        reader.feed(head[at : at + step])

    (asked,) = reader.queue
    assert asked.refused is not None
    assert asked.refused.status == 431


@pytest.mark.parametrize("rest", [b"5;" + b"x" * 70_000, b"0\r\nX-Late: " + b"x" * 70_000])
def test_so_is_what_is_no_body_behind_it(rest: bytes) -> None:
    with placed(echo := Echo(), bounds=SLOW) as place:
        answer = place.converse(CHUNKED + rest)

    assert (status(answer), echo.requests) == (431, [])


def test_many_small_chunks_are_a_body() -> None:
    with placed(echo := Echo()) as place:
        place.converse(CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n" + LAST)

    assert [len(body) for _, _, body in echo.requests] == [50_000, 0]


@pytest.mark.parametrize("sends", [True, False])
def test_of_a_body_too_long_the_application_sees_the_length_alone(sends: bool) -> None:
    with placed(echo := Echo()) as place:
        body = bytes(30_000_000) if sends else b""
        answer = place.converse(HEAD + b"Content-Length: 30000000\r\n\r\n" + body)

    assert (status(answer), echo.requests) == (200, [("POST", "/a", b"")])
    assert echo.seen[0]["CONTENT_LENGTH"] == "30000000"
    assert b"\r\nConnection: close\r\n" in answer


def test_of_chunks_too_long_it_sees_that_there_are_more_than_may_be() -> None:
    with placed(echo := Echo()) as place:
        chunk = b"%x\r\n%s\r\n" % (60_000, bytes(60_000))
        answer = place.converse(CHUNKED + chunk * 40)

    ((_, _, body),) = echo.requests
    assert len(body) > LARGEST
    assert "CONTENT_LENGTH" not in echo.seen[0]
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("sent", [b"", b"\r\n"])
def test_a_silent_connection_is_closed_without_a_word(sent: bytes) -> None:
    with placed(Echo()) as place:
        assert place.converse(sent) == b""


def test_so_is_one_that_has_been_answered() -> None:
    with placed(Echo()) as place:
        assert place.converse(b"GET / HTTP/1.1\r\n\r\n").count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "sent", [b"GET", HEAD, HEAD + b"Content-Length: 5\r\n\r\nhell", CHUNKED + b"5\r\nhe"]
)
def test_half_a_request_is_not_waited_for_for_long(sent: bytes) -> None:
    with placed(echo := Echo()) as place:
        answer = place.converse(sent)

    assert (status(answer), echo.requests) == (408, [])


def test_nor_is_half_a_request_behind_a_whole_one() -> None:
    with placed(echo := Echo()) as place:
        answer = place.converse(b"GET /a HTTP/1.1\r\n\r\n" + HEAD)

    assert echo.requests == [("GET", "/a", b"")]
    assert b"\r\n\r\nHTTP/1.1 408 " in answer


def test_one_that_drips_is_not_either() -> None:
    with placed(echo := Echo()) as place, place.connect() as client:
        client.sendall(HEAD)
        client.setblocking(False)
        answer = b""
        while not answer:
            with suppress(BlockingIOError):
                answer = client.recv(1_000)
            if not answer:
                client.send(b"X")
                Event().wait(0.05)

    assert (status(answer), echo.requests) == (408, [])


def test_one_connection_too_many_is_told_so() -> None:
    with placed(Echo(), bounds=SLOW, connections=5) as place, ExitStack() as stack:
        clients = [stack.enter_context(place.connect()) for _ in range(5)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            read_until(client, b"\r\n\r\n")
        refused = place.converse(b"")
        clients.pop().close()
        answers = [place.converse(LAST) for _ in range(50)]

    assert status(refused) == 503
    assert status(answers[-1]) == 200


def test_who_does_not_read_an_answer_is_not_waited_for() -> None:
    with placed(answering(lambda: Outgoing(content=bytes(20_000_000)))) as place, place.connect() as client:
        client.sendall(LAST)
        read_until(client, b"\r\n\r\n")
        while place.server.connections:
            Event().wait(0.01)

        assert len(read_all(client)) < 20_000_000


def test_who_pipelines_without_reading_is_read_no_further() -> None:
    with placed(echo := Echo(), bounds=SLOW) as place, place.connect() as client:
        body = b"x" * 50_000
        request = HEAD + b"Content-Length: 50000\r\n\r\n" + body
        client.setblocking(False)
        for _ in range(20):
            with suppress(BlockingIOError):
                while client.send(request):
                    pass
            Event().wait(0.02)

    assert len(echo.requests) < 1_000


def test_answers_to_pipelined_requests_come_in_order() -> None:
    with placed(Echo(), bounds=SLOW) as place, place.connect() as client:
        client.sendall(b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(500)) + LAST)
        answer = read_all(client)

    paths = [line[8:] for line in answer.split(b"\r\n") if line.startswith(b"X-Path")]
    assert paths == [b"/%d" % number for number in range(500)] + [b"/b"]


class Silent(Member):
    """A connection that counts how often it is looked at."""

    sweeps = 0

    def sweep(self, _now: float) -> None:
        self.sweeps += 1


def test_nobody_is_taken_for_silent_when_the_loop_was_held_up() -> None:
    server = Server(Echo(), [])
    silent = Silent(server)
    server.connections.add(silent)
    server._sweep(host_seconds() - HELD_UP_SECONDS * 20)
    assert silent.sweeps == 0

    server._sweep(host_seconds())
    assert silent.sweeps == 1
    server.connections.clear()
    server.drain()
    server.run()
