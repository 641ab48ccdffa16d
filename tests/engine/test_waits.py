"""Waits that are taken at their word: whose they are, and when they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulator import Simulator
from simulator.engine.waits import Waits
from simulator.exchange import Answer, Exchange, Request

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BALANCE = "/manager/cabapi_external/api/v1/users/balance/"


def asking(key: str) -> Request:
    return Request("GET", BALANCE, f"public_key={key * 32}")


def test_only_who_was_told_to_wait_has_waited_and_only_for_as_long() -> None:
    host = [timedelta(0)]
    waits = Waits(Simulator(vendors=("callo",)).worlds.vendors, lambda: host[0])
    refusal = Exchange(
        id="1",
        at=START,
        world="main",
        vendor="callo",
        operation="balance",
        request=asking("a"),
        answer=Answer(429),
    )
    waits.note(asking("a"), refusal, 2 * SECOND)

    host[0] = SECOND
    assert waits.waited_out("callo", asking("a")) is None
    host[0] = 2 * SECOND
    assert waits.waited_out("callo", asking("b")) is None
    assert waits.waited_out("callo", asking("a")) == START + 2 * SECOND
    assert waits.waited_out("callo", asking("a")) is None
