from __future__ import annotations

import pytest
from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract, match
from simulator.exchange import Request
from tests.conformance.exchanges import CALL, KEY, answer, exchange, get, post

PAGE = {"Content-Type": "text/html; charset=utf-8"}


def test_a_misspelt_path_is_told_with_the_nearest_one(callo: Contract) -> None:
    (violation,) = check(callo, exchange(post("/phone/call/", CALL), answer("<h1>Not Found</h1>", 404, PAGE)))

    assert violation.code == "unknown-operation"
    assert violation.fix == "did you mean POST /manager/cabapi_external/api/v1/phones/call/?"


def test_a_path_nobody_knows_must_be_answered_404(callo: Contract) -> None:
    violations = check(callo, exchange(get("/x/", {}), answer({})))

    assert [(violation.code, violation.blame) for violation in violations] == [
        ("unknown-operation", "client"),
        ("undocumented-status", "simulator"),
    ]


def test_a_missing_closing_slash_is_a_breach_and_the_redirect_is_in_order(callo: Contract) -> None:
    moved = answer("", 301, {**PAGE, "Location": "/manager/cabapi_external/api/v1/phones/call/"})
    (violation,) = check(callo, exchange(post("/phones/call", CALL), moved))

    assert violation.code == "wrong-path"
    assert violation.fix == "call /manager/cabapi_external/api/v1/phones/call/"


def test_a_verb_that_the_path_lacks_is_a_breach_and_405_is_in_order(callo: Contract) -> None:
    refused = answer("", 405, {**PAGE, "Allow": "GET"})
    (violation,) = check(callo, exchange(post("/users/balance/", {"public_key": KEY}), refused))

    assert (violation.code, violation.fix) == ("wrong-method", "send GET")


def test_a_doubled_slash_is_read_as_one(callo: Contract) -> None:
    request = replace(post("/phones/call/", CALL), path="/manager/cabapi_external/api/v1//phones/call/")

    assert check(callo, exchange(request)) == []
    variant = match(callo, request.method, request.path, CALL)
    assert variant is not None
    assert variant.operation == "add_call"


def test_a_path_nobody_knows_is_told_on_one_line(callo: Contract) -> None:
    (violation,) = check(callo, exchange(get(f"/{KEY}/\n", {}), answer("", 404, PAGE)))

    assert violation.arrived == f"GET /manager/cabapi_external/api/v1/{KEY}/\\n"


def test_the_answer_to_options_is_left_to_the_server(callo: Contract) -> None:
    request = replace(get("/users/balance/", {"public_key": KEY}), method="OPTIONS")
    violations = check(callo, exchange(request, answer("", 200, {"Allow": "GET"})))

    assert [violation.code for violation in violations] == ["wrong-method"]


@pytest.mark.parametrize(
    ("method", "path", "fix"),
    [
        ("POST", "/v2.0/numbers/+33199001234/scenario/callrsid", "send DELETE or PUT"),
        ("PUT", "/v2.0/sms", "send GET or POST"),
        ("GET", "/v2.0/calls/export", "send POST"),
        ("GET", "/v2.0/PING", "did you mean GET /v2.0/ping?"),
        ("GET", "/v2.0/Webhooks/Logs", "did you mean GET /v2.0/webhooks/logs?"),
        ("GET", "/v2.0", "your base URL ends too early: all paths begin with /v2.0"),
        ("GET", "/v2.0/", "your base URL ends too early: all paths begin with /v2.0"),
    ],
)
def test_every_verb_of_a_path_is_named_and_capitals_are_seen_through(
    method: str, path: str, fix: str
) -> None:
    request = Request(method, path)
    seen = replace(exchange(request, answer("", 404, {})), vendor="callr", rule="fault: none")

    assert check(load_contract("callr"), seen)[0].fix == fix
