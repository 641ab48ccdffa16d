"""What the simulator sends of its own accord is judged as well, and found by what it tells of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.conformance.checks import check_delivery
from simulator.conformance.contract import Contract, read_contract
from simulator.exchange import Request
from tests.conformance.documents import contract


def event(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    properties = {"type": {"type": "string", "enum": [kind]}, "payload": payload}
    schema = {"type": "object", "required": ["type", "payload"], "properties": properties}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"post": {"operationId": kind, "requestBody": body, "responses": {}}}


@pytest.fixture
def teller() -> Contract:
    events = {"rang": event("rang", {"type": "string"}), "ended": event("ended", {"type": "integer"})}
    info = {"title": "A vendor", "version": "1"}
    document = {"openapi": "3.1.1", "info": info, "paths": {}, "webhooks": events}
    return read_contract("small", json.dumps(document).encode(), "small.yaml")


def callback(value: Any) -> Request:
    body = json.dumps(value).encode()
    return Request("POST", "/hook", "receivers=own", (("Content-Type", "application/json"),), body)


def test_an_event_is_found_by_the_field_that_has_one_value(teller: Contract) -> None:
    assert check_delivery(teller, callback({"type": "ended", "payload": 3})) == ("ended", [])


def test_a_breach_in_a_callback_is_the_simulators(teller: Contract) -> None:
    kind, violations = check_delivery(teller, callback({"type": "rang", "payload": 3}))

    assert kind == "rang"
    assert [(breach.where, breach.blame) for breach in violations] == [("/payload", "simulator")]


@pytest.mark.parametrize("value", [{"type": "sang", "payload": 3}, ["rang"], {}])
def test_a_callback_that_the_document_lacks_is_a_breach(teller: Contract, value: Any) -> None:
    kind, violations = check_delivery(teller, callback(value))

    assert (kind, [breach.code for breach in violations]) == (None, ["unknown-event"])


def test_without_events_in_the_document_nothing_is_judged() -> None:
    assert check_delivery(contract({}), callback({})) == (None, [])


def templated(name: str, kind: str, **more: bool) -> dict[str, Any]:
    schema = {"type": kind, **more}
    place = {"name": name, "in": "query", "required": True, "x-provenance": "documented", "schema": schema}
    return {"get": {"operationId": name, "parameters": [place], "responses": {}}}


@pytest.mark.parametrize(
    ("filled", "event", "wrong"),
    [
        ((("size", "3"),), "size", []),
        ((("size", "big"),), "size", ["size"]),
        ((("size", "3"), ("key", "#")), "key", []),
    ],
)
def test_a_template_is_judged_by_what_it_was_filled_in_with(
    filled: tuple[tuple[str, str], ...], event: str, wrong: list[str]
) -> None:
    events = {"size": templated("size", "integer"), "key": templated("key", "string", **{"x-selects": True})}
    document = {"openapi": "3.1.1", "info": {"title": "A vendor", "version": "1"}, "paths": {}}
    vendor = read_contract("small", json.dumps({**document, "webhooks": events}).encode(), "small.yaml")
    kind, violations = check_delivery(vendor, Request("GET", "/hook", "size=of+their+own"), filled)

    assert (kind, [breach.where for breach in violations]) == (event, wrong)
