"""What follows a callback soon enough to be an effect of it, where only the world's time is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.exchange import Answer, Exchange, Request
from simulator.verdicts.evidence import Sending
from simulator.verdicts.handling import _is_aftermath

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "is_effect"), [(2, True), (60, True), (61, False)])
def test_what_comes_within_a_minute_of_a_callback_is_taken_for_its_effect(
    seconds: int, is_effect: bool
) -> None:
    sending = Sending(delivery="delivery-1", after=1, at=START, taken=True, error=None, took=timedelta(0))
    exchange = Exchange(
        id="1",
        at=START + timedelta(seconds=seconds),
        world="main",
        vendor="callo",
        operation="add_call",
        request=Request("POST", "/phones/call/"),
        answer=Answer(),
    )

    assert _is_aftermath(sending, exchange) is is_effect
