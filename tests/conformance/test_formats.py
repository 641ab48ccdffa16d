"""One schema judges answers in every format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, read_contract
from simulator.exchange import Answer, Request
from simulator.formats.json_text import write_jsonp
from simulator.formats.nested_text import write_lines, write_print_r
from simulator.formats.xml_tree import write_xml
from tests.conformance.documents import query
from tests.conformance.exchanges import exchange

SCHEMA = {
    "type": "object",
    "required": ["status"],
    "additionalProperties": False,
    "properties": {
        "status": {"type": "string"},
        "note": {"type": ["string", "null"]},
        "rows": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]$", "xml": {"name": "row"}}},
        "data": {
            "type": "object",
            "properties": {"group": {"type": "integer"}},
            "patternProperties": {"^[0-9]+$": {"$ref": "#/components/schemas/Row", "xml": {"name": "call"}}},
            "additionalProperties": False,
        },
    },
}
ROW = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
CODECS = {
    "application/xml": "xml",
    "text/plain": "lines",
    "text/html": "print_r",
    "text/javascript": "jsonp",
}
NAMES = {"rows": "row", "data": "call"}
GOOD = {"status": "OK", "note": None, "rows": ["a", "b"], "data": {"0": {"id": "7"}, "group": 7}}
SUCCESS = {"at": "/status", "values": ["OK"]}


def vendor() -> Contract:
    media: dict[str, Any] = {kind: {"schema": SCHEMA, "x-codec": codec} for kind, codec in CODECS.items()}
    media["application/json"] = {"schema": SCHEMA}
    send = {
        "operationId": "send",
        "x-provenance": "inferred",
        "parameters": [query("method", {"const": "send", "x-ignore-case": True})],
        "responses": {"200": {"description": "Done.", "x-provenance": "inferred", "content": media}},
        "x-errors": [{"status": 200, "text": "E7", "when": "bad", "x-provenance": "inferred"}],
    }
    edit = {**send, "operationId": "edit", "parameters": [*send["parameters"], chosen("id")]}
    document = {
        "openapi": "3.1.1",
        "info": {"title": "A vendor", "version": "1"},
        "x-refusals": {"text": "/note", "success": SUCCESS},
        "paths": {"/#send": {"get": send}, "/#edit": {"get": edit}},
        "components": {"schemas": {"Row": ROW}},
    }
    return read_contract("small", json.dumps(document).encode(), "small.yaml")


def chosen(name: str) -> dict[str, Any]:
    return query(name, {"type": "string", "x-selects": True})


def write(kind: str, value: Mapping[str, Any]) -> Answer:
    texts = {
        "application/json": lambda: json.dumps(value),
        "application/xml": lambda: write_xml("api", value, NAMES),
        "text/plain": lambda: write_lines(dict(value)),
        "text/html": lambda: write_print_r(dict(value)),
        "text/javascript": lambda: write_jsonp("fn", value),
    }
    return Answer(200, texts[kind]().encode(), (("Content-Type", kind),))


def codes(answer: Answer, sent: str = "method=send") -> list[str]:
    return [violation.code for violation in check(vendor(), exchange(Request("GET", "/", sent), answer))]


@pytest.mark.parametrize("kind", [*CODECS, "application/json"])
def test_a_good_answer_is_good_in_every_format(kind: str) -> None:
    assert codes(write(kind, GOOD)) == []


@pytest.mark.parametrize("kind", [*CODECS, "application/json"])
@pytest.mark.parametrize(
    "wrong", [{"status": "OK", "rows": ["A"]}, {"rows": ["a"]}, {"status": "OK", "data": {"0": {"di": "7"}}}]
)
def test_a_wrong_answer_is_wrong_in_every_format(kind: str, wrong: dict[str, Any]) -> None:
    assert codes(write(kind, wrong)) == ["bad-answer"]


@pytest.mark.parametrize("kind", [*CODECS, "application/json"])
def test_words_nobody_documented_are_found_in_a_refusal_of_status_200(kind: str) -> None:
    assert codes(write(kind, {"status": "E7", "note": "E7"})) == []
    assert codes(write(kind, {"status": "E7", "note": "E8"})) == ["unknown-error-text"]


@pytest.mark.parametrize("kind", CODECS)
def test_bytes_in_another_format_than_they_say_are_a_breach(kind: str) -> None:
    assert codes(Answer(200, b"\xff", (("Content-Type", kind),))) == ["bad-answer"]


def test_an_item_of_another_name_is_a_breach() -> None:
    text = "<api><status>OK</status><rows><item>a</item></rows></api>"

    assert codes(Answer(200, text.encode(), (("Content-Type", "application/xml"),))) == ["bad-answer"]


@pytest.mark.parametrize(
    ("sent", "known"), [("method=SEND", []), ("method=send&id=7", []), ("method=sent", ["unknown-operation"])]
)
def test_operations_are_selected_in_any_case_and_by_a_parameter_being_there(
    sent: str, known: list[str]
) -> None:
    assert codes(write("application/json", GOOD), sent)[:1] == known
