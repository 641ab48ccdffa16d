from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from simulator.conformance.checks import check, check_delivery
from simulator.conformance.contract import Contract, load_contract
from simulator.exchange import Request
from tests.contracts.recorded import read_recordings, recorded_exchange
from tests.source_tree import CONTRACTS

RECORDINGS = read_recordings("callr")
EVENTS = CONTRACTS / "callr" / "recordings" / "events" / "deliveries.yaml"
DELIVERIES = yaml.safe_load(EVENTS.read_bytes())["deliveries"]


@pytest.fixture(scope="module")
def callr() -> Contract:
    return load_contract("callr")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(callr: Contract, recording: dict[str, Any]) -> None:
    exchange = recorded_exchange("callr", recording)

    violations = check(callr, exchange)
    assert [
        breach for breach in violations if breach.blame == "simulator" or exchange.answer.status < 400
    ] == []


@pytest.mark.parametrize("delivery", DELIVERIES, ids=lambda item: item["event"])
def test_the_judge_finds_nothing_in_a_recorded_delivery(callr: Contract, delivery: dict[str, Any]) -> None:
    written = delivery["request"]
    headers, body = tuple(written["headers"].items()), json.dumps(written["body"]).encode()

    event, violations = check_delivery(callr, Request(written["method"], "/", "", headers, body))

    assert (event, violations) == (delivery["event"], [])


def test_all_58_operations_and_all_14_events_are_recorded(callr: Contract) -> None:
    assert {item["operation"] for item in RECORDINGS} == {operation.id for operation in callr.operations}
    assert [item["event"] for item in DELIVERIES] == [event.id for event in callr.events]


def test_every_answer_that_the_reference_shows_is_recorded() -> None:
    documented = [item for item in RECORDINGS if item["source"] == "documented"]

    assert Counter(item["answer"]["status"] for item in documented) == {200: 32, 201: 7, 202: 3}
    assert len({item["operation"] for item in documented}) == len(documented)
