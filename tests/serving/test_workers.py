"""Who calls the application: the loop where that is quick, a thread where it is not."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.serving.workers import LARGE, THREADS
from simulator.web.handover import AS_LONG_AS_IT_TAKES, IN_A_THREAD, MAY_WAIT, ON_LOOP, Outgoing, WouldWait
from tests.serving.applications import QUICK, Echo, placed, read_all
from tests.serving_process import PATIENCE

SLOW = replace(QUICK, idle=600.0, request=600.0)
LAST = b"GET /%s HTTP/1.0\r\n\r\n"


@pytest.mark.parametrize(("length", "may_wait"), [(LARGE - 1, ON_LOOP), (LARGE, IN_A_THREAD)])
def test_the_loop_looks_at_small_bodies_alone(length: int, may_wait: str) -> None:
    with placed(echo := Echo()) as place:
        place.converse(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (length, bytes(length)))

    assert [environ[MAY_WAIT] for environ in echo.seen] == [may_wait]


@pytest.mark.parametrize(("length", "before"), [(1, ON_LOOP), (LARGE, IN_A_THREAD)])
def test_what_would_wait_is_asked_again_for_as_long_as_it_takes(length: int, before: str) -> None:
    asked: list[str] = []

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        asked.append(environ[MAY_WAIT])
        if environ[MAY_WAIT] != AS_LONG_AS_IT_TAKES:
            raise WouldWait("world")
        start("200 OK", [])
        return Outgoing(content=b"%d" % len(environ["wsgi.input"].read()))

    with placed(application) as place:
        answer = place.converse(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (length, bytes(length)))

    assert answer.endswith(b"\r\n\r\n%d" % length)
    assert asked == [before, AS_LONG_AS_IT_TAKES]


def test_who_waits_for_nobody_in_particular_leaves_threads_to_those_who_wait_for_a_world() -> None:
    go = Event()

    def application(environ: dict[str, Any], start: Any) -> Outgoing:
        path = environ["PATH_INFO"]
        if environ[MAY_WAIT] == ON_LOOP:
            raise WouldWait("world" if path == "/world" else None)
        if path == "/control":
            go.wait(PATIENCE)
        start("200 OK", [])
        return Outgoing(content=b"ok")

    with placed(application, bounds=SLOW) as place, ExitStack() as stack:
        stack.callback(go.set)
        for _ in range(THREADS):
            stack.enter_context(place.connect()).sendall(LAST % b"control")
        while len(place.server.workers.tasks) < THREADS:
            Event().wait(0.01)
        client = stack.enter_context(place.connect())
        client.settimeout(20)
        client.sendall(LAST % b"world")

        assert read_all(client).endswith(b"ok")
