"""A world that is busy keeps its own clients waiting, and nobody else's; nor does a long computation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from threading import Event, active_count
from typing import Any

import pytest

from simulator.engine.settings import Settings
from simulator.serving.running import Running, running
from tests.serving_process import ADD_CALL, PATIENCE, call_form

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def place() -> Iterator[Running]:
    with running(Settings(vendors=("callo",), clock="idle")) as place:
        place.simulator.worlds.open("busy")
        yield place


def ask(place: Running, verb: str, path: str, body: str | None = None) -> int:
    with closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE)) as line:
        line.request(verb, path, body, FORM)
        return line.getresponse().status


def balance(place: Running, world: str = "main") -> int:
    key = place.simulator.worlds.credentials("callo")["public_key"]
    return ask(place, "GET", f"/@{world}{BALANCE}?public_key={key}")


@contextmanager
def held(place: Running, world: str) -> Iterator[None]:
    """Keep a world's lock from a thread of its own."""
    taken, go = Event(), Event()

    def hold() -> None:
        with place.simulator.worlds.sandbox(world).lock:
            taken.set()
            go.wait(PATIENCE)

    with ThreadPoolExecutor(1) as threads:
        threads.submit(hold)
        taken.wait(PATIENCE)
        try:
            yield
        finally:
            go.set()


def test_a_busy_world_keeps_only_its_own_clients_waiting(place: Running) -> None:
    form = call_form(place.ready_document())
    with ThreadPoolExecutor(40) as clients:
        with held(place, "busy"):
            waiting = [clients.submit(ask, place, "POST", f"/@busy{ADD_CALL}", form) for _ in range(39)]
            others = [balance(place) for _ in range(10)]
            unfinished = [future for future in waiting if not future.done()]
        statuses = [future.result() for future in waiting]

    assert others == [200] * 10
    assert len(unfinished) == 39
    assert set(statuses) <= {200, 400, 429}
    assert 200 in statuses


def test_of_those_who_wait_for_a_world_one_has_a_thread(place: Running) -> None:
    with ThreadPoolExecutor(30) as clients, held(place, "busy"):
        before = active_count()
        waiting = [clients.submit(balance, place, "busy") for _ in range(30)]
        while len(place.server.workers.tasks) < 30:
            Event().wait(0.01)

        assert active_count() - before <= 31
        assert not any(future.done() for future in waiting)


def test_a_large_body_is_looked_at_in_a_thread(place: Running) -> None:
    numbers = "".join(f"4479{serial:08}\r\n" for serial in range(20_000))
    body = (
        '--b\r\nContent-Disposition: form-data; name="phones_file"; filename="p.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{numbers}\r\n--b--\r\n"
    )
    with held(place, "busy"), closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE)) as line:
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        line.request("POST", f"/@busy{ADD_CALL}", body, kind)

        assert balance(place) == 200


def test_whoever_moves_time_in_one_world_stops_no_other(place: Running) -> None:
    with ThreadPoolExecutor(1) as clients, held(place, "busy"):
        moved = clients.submit(move, place, "busy")
        assert balance(place) == 200
        assert move(place, "main") == 200
        assert not moved.done()


def move(place: Running, world: str) -> Any:
    with closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE)) as line:
        body, kind = json.dumps({"by": "1m"}), {"Content-Type": "application/json"}
        line.request("POST", f"/@{world}/_simulator/v1/clock/advance", body, kind)
        return line.getresponse().status
