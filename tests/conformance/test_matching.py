from __future__ import annotations

from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, match, verbs_at
from simulator.exchange import Request
from tests.conformance.documents import contract, operation, query
from tests.conformance.exchanges import ROOT, answer, exchange


def one_path() -> Contract:
    """Return a contract that tells operations apart by parameters, as vendors with one address do."""
    method, text = {"enum": ["sms"]}, {"type": "string"}
    send = operation("send", parameters=[query("method", method), query("to", text)])
    status = operation("status", parameters=[query("method", {"const": "sms.status"})])
    unicode_send = operation(
        "send_unicode", parameters=[query("method", method), query("unicode", {"const": "1"})]
    )
    return contract(
        {"/v1/#sms": {"get": send}, "/v1/#status": {"get": status}, "/v1/#unicode": {"get": unicode_send}}
    )


def operation_at(known: Contract, verb: str, path: str, **fields: str) -> str | None:
    """Return the id of the operation that a request matches."""
    variant = match(known, verb, path, fields)
    return variant.operation if variant else None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"method": "sms", "to": "1"}, "send"),
        ({"method": "sms"}, "send"),
        ({"method": "sms.status"}, "status"),
        ({"method": "sms", "unicode": "1"}, "send_unicode"),
        ({"method": "voice"}, None),
        ({}, None),
    ],
)
def test_operations_at_one_path_are_told_apart_by_single_values(
    fields: dict[str, str], name: str | None
) -> None:
    assert operation_at(one_path(), "GET", "/v1/", **fields) == name


def test_another_spelling_of_a_path_is_the_same_path() -> None:
    known = one_path()
    known.same_paths = {"/v1": "/v1/", "/index.php": "/v1/"}

    assert [operation_at(known, "GET", path, method="sms") for path in ("/v1", "/index.php", "/v2")] == [
        "send",
        "send",
        None,
    ]
    assert check(known, exchange(Request("GET", "/v1", "method=sms&to=1"), answer({}))) == []
    assert verbs_at(known, "/index.php") == ["GET"]


def test_a_breach_at_a_shared_path_is_judged_by_the_matching_operation() -> None:
    (violation,) = check(one_path(), exchange(Request("GET", "/v1/", "method=sms"), answer({})))

    assert (violation.code, violation.where) == ("missing-parameter", "to")
    assert violation.source == "small.yaml#/paths/~1v1~1#sms/get/parameters/1"


def test_a_path_with_variables_gives_way_to_a_plain_one() -> None:
    known = contract(
        {
            "/calls/{id}": {"get": operation("one"), "delete": operation("end")},
            "/calls/all": {"get": operation("all")},
            "/{kind}/{id}": {"get": operation("any")},
        }
    )

    assert [operation_at(known, "GET", path) for path in ("/calls/7", "/calls/all", "/texts/7")] == [
        "one",
        "all",
        "any",
    ]
    assert operation_at(known, "GET", "/calls/7/legs") is None
    assert verbs_at(known, "/calls/7") == ["GET", "DELETE"]


def test_head_is_answered_by_get_and_post_by_post_only(callo: Contract) -> None:
    path = f"{ROOT}/phones/call_by_id/"

    assert [operation_at(callo, verb, path) for verb in ("GET", "HEAD", "POST")] == [
        "call_by_id",
        "call_by_id",
        None,
    ]


def json_vendor() -> Contract:
    """Return a contract whose one operation takes a JSON body."""
    schema = {"type": "object", "required": ["to"], "properties": {"to": {"type": "string"}}}
    body: dict[str, Any] = {
        "required": True,
        "x-provenance": "inferred",
        "content": {"application/json": {"schema": schema}},
    }
    return contract({"/calls": {"post": operation("add", requestBody=body)}})


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b'{"to": "1"}', []),
        (b'{"to": 1}', ["bad-body"]),
        (b'{"to": "1", "too": "2"}', ["unknown-key"]),
        (b"{", ["malformed-body"]),
        (b"[" * 1000, ["malformed-body"]),
        (b"", ["missing-body"]),
    ],
)
def test_a_json_body_is_judged_by_its_schema(body: bytes, codes: list[str]) -> None:
    request = Request("POST", "/calls", "", (("Content-Type", "application/json"),), body)
    breaches = check(json_vendor(), exchange(request, answer({})))

    assert [violation.code for violation in breaches] == codes
