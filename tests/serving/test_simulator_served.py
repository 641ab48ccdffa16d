"""A simulator on the server: what vendors say is what arrives, and faults are exact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from socket import create_connection
from threading import active_count

import pytest

from simulator.engine.settings import Settings
from simulator.serving.running import Running, running
from simulator.state.inputs import IncompleteLog
from tests.serving.applications import read_all, read_until
from tests.serving_process import ADD_CALL, PATIENCE, call_form, converse, serving

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"
HANGING = """
sim: 1
extends: happy
limits: [{where: callo.*, allow: 1000000 per 1s, by: public_key}]
faults: [{where: callo.*, do: hang 1h}]
"""
SIGNPOST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def place() -> Iterator[Running]:
    with running(Settings(vendors=("callo",), clock="idle")) as place:
        yield place


@pytest.mark.parametrize("verb", ["DELETE", "PATCH", "PROPFIND", "TRACE", "PURGE", "SUBSCRIBE"])
def test_a_verb_the_vendor_does_not_know_gets_its_own_405(place: Running, verb: str) -> None:
    answer = converse(place.port, f"{verb} {ADD_CALL} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.0 405 Method Not Allowed\r\n")
    assert b"\r\nServer: gunicorn/19.9.0\r\n" in answer


def test_chunks_too_many_are_refused_in_the_vendors_words(place: Running) -> None:
    head = f"POST {ADD_CALL} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"%x\r\n%s\r\n" % (1_000_000, bytes(1_000_000))

    answer = converse(place.port, head + chunk * 26 + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nServer: gunicorn/19.9.0\r\n" in answer


def test_a_body_in_chunks_is_a_form_like_any(place: Running) -> None:
    form = call_form(place.ready_document()).encode()
    head = f"POST {ADD_CALL} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"

    answer = converse(place.port, (head + kind).encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form))

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_inputs_that_nobody_can_ask_for_take_no_memory() -> None:
    with running(Settings(vendors=("callo",), clock="idle", keeps_inputs=False)) as place:
        sandbox = place.simulator.worlds.sandbox()
        converse(place.port, f"GET {BALANCE} HTTP/1.0\r\n\r\n".encode())

        assert len(sandbox.recorder.journal) == sandbox.world.inputs == 1
        with pytest.raises(IncompleteLog):
            list(sandbox.inputs)


def test_a_thousand_answers_hang_without_a_thread_and_leave_when_the_server_ends(tmp_path: Path) -> None:
    (tmp_path / "hanging.yaml").write_text(HANGING)
    with (
        ExitStack() as stack,
        running(Settings(scenario=tmp_path / "hanging.yaml", vendors=("callo",), clock="real")) as place,
    ):
        key = place.simulator.worlds.credentials("callo")["public_key"]
        request = f"GET {BALANCE}?public_key={key} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        hung = [
            stack.enter_context(create_connection(("127.0.0.1", place.port), PATIENCE)) for _ in range(1_000)
        ]
        for client in hung:
            client.sendall(request)
        while len(place.simulator.worlds.sandbox().recorder.journal) < 1_000:
            assert converse(place.port, SIGNPOST.replace(b"1.1", b"1.0")).startswith(b"HTTP/1.0 200 ")
        assert active_count() < 70
        place.drain()
        answers = [read_all(client) for client in hung]

    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 200 OK"}
    assert all(b"\r\nConnection: close\r\n" in answer for answer in answers)


def test_early_clients_wait_until_the_server_runs() -> None:
    with serving() as served, create_connection(("127.0.0.1", served.port), PATIENCE) as client:
        client.sendall(SIGNPOST)
        assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
        assert served.end() == 0


def test_an_answer_in_drops_comes_piece_by_piece_in_the_time_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "drops.yaml").write_text(HANGING.replace("hang 1h", "drip 1s"))
    with running(Settings(scenario=tmp_path / "drops.yaml", vendors=("callo",), clock="real")) as place:
        key = place.simulator.worlds.credentials("callo")["public_key"]
        pieces = []
        with create_connection(("127.0.0.1", place.port), PATIENCE) as client:
            client.sendall(f"GET {BALANCE}?public_key={key} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            while piece := client.recv(65_536):
                pieces.append(piece)

    assert len(pieces) > 2
    assert b"".join(pieces).startswith(b"HTTP/1.0 200 ")
