"""What one instance puts up with, as its operator sets it."""

from __future__ import annotations

from contextlib import ExitStack
from socket import create_connection

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.engine.settings import Settings
from simulator.serving.running import running
from simulator.web.guard import SizeLimits
from tests.serving_process import ADD_CALL, PATIENCE, call_form, converse

ASK = "GET {}/callo/manager/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_a_limit_is_what_was_asked_for_and_beyond_it_is_told() -> None:
    limits = SizeLimits(worlds=2, body=200, connections=3)
    with running(Settings(vendors=("callo",), clock="virtual", limits=limits)) as place:
        document = place.ready_document()
        worlds = [converse(place.port, ASK.format(f"/@w{number}").encode()) for number in range(2)]
        form = call_form(document, text="a" * 200)
        head = f"POST {ADD_CALL} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
        refused = converse(place.port, f"{head}{kind}{form}".encode())
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(create_connection(("127.0.0.1", place.port), PATIENCE))
            beyond = converse(place.port, b"")

    assert b"can be open" not in worlds[0]
    assert b"no more than 2 can be open" in worlds[1]
    assert refused.startswith(b"HTTP/1.1 413 ")
    assert b"too many connections" in beyond


@pytest.mark.parametrize(
    ("count", "length", "status"), [(150, 600, b"404"), (151, 1, b"431"), (80, 1_500, b"431")]
)
def test_heads_may_be_longer_than_they_usually_are(count: int, length: int, status: bytes) -> None:
    limits = SizeLimits(headers=150, head=100_000)
    more = b"".join(b"X-%d: %s\r\n" % (number, b"x" * length) for number in range(count - 2))
    with running(Settings(vendors=("callo",), clock="virtual", limits=limits)) as place:
        asked = ASK.format("").encode().replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n")
        assert converse(place.port, asked).split()[1] == status


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("people=3", "'people' is no limit; there are, as they are unless set: body=1000000"),
        ("worlds=many", "worlds takes a whole number from 1 on, as in worlds=4000"),
        ("worlds=0", "worlds takes a whole number"),
    ],
)
def test_what_is_no_limit_is_told_with_those_there_are(given: str, problem: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--limit", given])

    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())
