"""Lists of parameters, bodies of two kinds, and refusals with a code beside their words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, read_contract
from simulator.exchange import Answer, Request
from tests.conformance.documents import OK, operation, query
from tests.conformance.exchanges import exchange

SIDS = {"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "^[a-z]{3}$"}}
JSON = (("Content-Type", "application/json"),)


def document(node: dict[str, Any], **more: Any) -> Contract:
    written = {
        "openapi": "3.1.1",
        "info": {"title": "A vendor", "version": "1"},
        "paths": {"/x": node},
        **more,
    }
    return read_contract("small", json.dumps(written).encode(), "small.yaml")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("sid=abc&sid=def", []),
        ("sid=abc", []),
        ("", []),
        ("sid=abc&sid=d", ["bad-parameter"]),
        ("sid=abc&sid=abc&sid=abc", ["too-many-items"]),
    ],
)
def test_a_list_comes_as_parameters_of_one_name(text: str, codes: list[str]) -> None:
    contract = document({"get": operation("find", parameters=[query("sid", SIDS, required=False)])})

    violations = check(contract, exchange(Request("GET", "/x", text), Answer(200, b"{}", JSON)))

    assert [breach.code for breach in violations] == codes


def test_any_other_parameter_still_comes_once() -> None:
    contract = document({"get": operation("find", parameters=[query("sid", {"type": "string"})])})

    violations = check(contract, exchange(Request("GET", "/x", "sid=abc&sid=def"), Answer(200, b"{}", JSON)))

    assert [breach.code for breach in violations] == ["repeated-parameter"]


@pytest.mark.parametrize(
    ("body", "codes"), [(b'{"name": "a"}', []), (b"{}", ["bad-body"]), (b"", ["missing-body"])]
)
def test_a_body_may_be_json_or_a_form(body: bytes, codes: list[str]) -> None:
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    kinds = {"multipart/form-data": {"schema": schema}, "application/json": {"schema": schema}}
    contract = document({"post": operation("add", requestBody={"required": True, "content": kinds})})

    violations = check(
        contract, exchange(Request("POST", "/x", "", JSON if body else (), body), Answer(200, b"{}", JSON))
    )

    assert [breach.code for breach in violations] == codes


@pytest.mark.parametrize(("code", "codes"), [("gone", []), ("lost", ["wrong-error-code"])])
def test_the_code_beside_the_words_is_judged_and_refusals_may_belong_to_all(
    code: str, codes: list[str]
) -> None:
    error = {"status": 200, "code": "gone", "text": "There is no {sid}.", "when": "it is gone"}
    node = operation("find", responses={**OK, "404": OK["200"]})
    refusals = {"text": "/message", "code": "/code"}
    contract = document({"get": node}, **{"x-refusals": refusals, "x-errors": [{**error, "status": 404}]})
    answer = Answer(404, json.dumps({"code": code, "message": "There is no abc."}).encode(), JSON)

    violations = check(contract, exchange(Request("GET", "/x"), answer))

    assert [breach.code for breach in violations] == codes
