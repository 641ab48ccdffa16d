"""Every callback is judged against its vendor's contract as it goes out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.conformance.contract import load_contract
from simulator.engine.delivery_attempts import judge_callback
from simulator.exchange import CallbackRequest, DeliveryAttempt, Exchange

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def exchange_of(url: str, outcome: DeliveryAttempt) -> Exchange:
    sent = CallbackRequest("GET", url)
    return judge_callback(load_contract("callo"), "delivery-1.1", sent, outcome, world="main", at=EPOCH)


def test_a_callback_is_an_exchange_with_the_receivers_status() -> None:
    exchange = exchange_of("https://shop.example/hook?ct_call_id=7&ours=1", DeliveryAttempt(503))

    assert (exchange.id, exchange.operation, exchange.answer.status) == ("delivery-1.1", "postback", 503)
    assert (exchange.request.base, exchange.request.path) == ("https://shop.example", "/hook")
    assert exchange.violations == ()


@pytest.mark.parametrize("outcome", [DeliveryAttempt(200), DeliveryAttempt(error="refused")])
def test_a_wrong_value_is_the_simulators_breach_whatever_became_of_it(outcome: DeliveryAttempt) -> None:
    exchange = exchange_of("https://shop.example?ct_call_id=seven", outcome)

    assert [(violation.where, violation.blame) for violation in exchange.violations] == [
        ("ct_call_id", "simulator")
    ]
    assert exchange.rule == outcome.error
