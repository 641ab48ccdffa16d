from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from simulator.conformance.checks import check, check_delivery
from simulator.conformance.contract import Contract, load_contract
from simulator.exchange import Request
from tests.contracts.recorded import read_recordings, recorded_exchange
from tests.source_tree import CONTRACTS

RECORDINGS = read_recordings("jaicp")
EVENTS = CONTRACTS / "jaicp" / "recordings" / "events" / "deliveries.yaml"
DELIVERIES = yaml.safe_load(EVENTS.read_bytes())["deliveries"]


@pytest.fixture(scope="module")
def jaicp() -> Contract:
    return load_contract("jaicp")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(jaicp: Contract, recording: dict[str, Any]) -> None:
    exchange = recorded_exchange("jaicp", recording)

    violations = check(jaicp, exchange)
    assert [
        breach for breach in violations if breach.blame == "simulator" or exchange.answer.status < 400
    ] == []


@pytest.mark.parametrize("delivery", DELIVERIES, ids=lambda item: item["title"])
def test_the_judge_finds_nothing_in_a_recorded_question(jaicp: Contract, delivery: dict[str, Any]) -> None:
    written = delivery["request"]
    headers, body = tuple(written["headers"].items()), json.dumps(written["body"]).encode()

    event, violations = check_delivery(jaicp, Request(written["method"], "/", "", headers, body))

    assert (event, violations) == (delivery["event"], [])


def test_all_18_operations_and_the_one_event_are_recorded(jaicp: Contract) -> None:
    assert {item["operation"] for item in RECORDINGS} == {operation.id for operation in jaicp.operations}
    assert {item["event"] for item in DELIVERIES} == {event.id for event in jaicp.events}


def test_every_operation_is_recorded_where_it_succeeds(jaicp: Contract) -> None:
    done = [item["operation"] for item in RECORDINGS if item["answer"]["status"] == 200]

    assert set(done) == {operation.id for operation in jaicp.operations}


def test_every_type_of_refusal_that_was_observed_is_recorded(jaicp: Contract) -> None:
    refused = [item["answer"]["body"] for item in RECORDINGS if item["answer"]["status"] >= 400]
    errors = jaicp.document["components"]["x-errors"].values()
    observed = {error["text"] for error in errors if error["x-provenance"] == "observed"}

    assert {body.get("type") or body["error"] for body in refused} >= observed


def test_the_cyrillic_letter_is_called_by_its_name_wherever_it_turns_up(jaicp: Contract) -> None:
    recording = next(item for item in RECORDINGS if item["title"] == "A job just added")
    body = [{**recording["answer"]["body"][0], "jobStatus": "long\u0421allWithResult"}]
    spoilt = {**recording, "answer": {**recording["answer"], "body": body}}

    (violation,) = check(jaicp, recorded_exchange("jaicp", spoilt))

    assert (violation.where, violation.blame) == ("/0/jobStatus", "simulator")
    assert violation.fix == "letter 5 is U+0421 CYRILLIC CAPITAL LETTER ES, not U+0043 LATIN CAPITAL LETTER C"


def test_a_time_as_it_is_declared_is_not_what_the_wire_holds(jaicp: Contract) -> None:
    recording = next(item for item in RECORDINGS if item["title"] == "A job just added")
    body = [{**recording["answer"]["body"][0], "createdAt": "2023-08-28T09:15:01.123Z"}]
    declared = {**recording, "answer": {**recording["answer"], "body": body}}

    (violation,) = check(jaicp, recorded_exchange("jaicp", declared))

    assert (violation.where, violation.blame) == ("/0/createdAt", "simulator")


def test_what_was_captured_is_told_from_what_was_put_together() -> None:
    captured = [item["title"] for item in RECORDINGS if item["source"] == "observed"]

    assert captured == ["Two numbers are added", "A job just added"]
    assert {item["source"] for item in RECORDINGS} == {"observed", "inferred"}
