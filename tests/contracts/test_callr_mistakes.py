"""Mistakes that clients of Callr make: each is named by the judge, with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from simulator.exchange import Answer, Exchange, Request, Violation
from tests.contracts.recorded import EPOCH

REFUSED = Answer(
    400,
    b'{"code": "bad-request", "message": "The body is malformed: x"}',
    (("Content-Type", "application/json"),),
)
HOOK = "type=v2.task.updated"


@pytest.fixture(scope="module")
def callr() -> Contract:
    return load_contract("callr")


def judge(callr: Contract, method: str, path: str, query: str = "", body: Any = None) -> list[Violation]:
    headers = (("Content-Type", "application/json"),) if body is not None else ()
    content = b"" if body is None else json.dumps(body).encode()
    request = Request(method, f"/v2.0{path}", query, headers, content)
    exchange = Exchange(
        id="1", at=EPOCH, world="main", vendor="callr", operation=None, request=request, answer=REFUSED
    )
    return [violation for violation in check(callr, exchange) if violation.blame == "client"]


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "code", "where"),
    [
        ("POST", "/sms", "", {"text": "a", "to": "+33639980001"}, "misplaced-parameter", "to"),
        ("POST", "/sms", "to=%2B33639980001", {"text": "a", "from": "Me"}, "misplaced-parameter", "from"),
        ("POST", "/sms", "to=%2B33639980001&text=a", {}, "misplaced-parameter", "text"),
        ("POST", "/sms", "to=%2B33639980001&text=a", None, "misplaced-parameter", "text"),
        ("POST", "/sms", "to=%2B33639980001", {"text": "a", "form": "Me"}, "bad-body", "/form"),
        ("POST", "/sms", "to=%2B33639980001&from=TwelveLetter", {"text": "a"}, "bad-parameter", "from"),
        ("POST", "/sms", "to=%2B33639980001", {"text": ""}, "bad-body", "/text"),
        ("POST", "/audio-files", "", None, "missing-body", "body"),
        ("GET", "/numbers", "detached=false", None, "bad-parameter", "detached"),
        ("GET", "/numbers", "limit=101", None, "bad-parameter", "limit"),
        ("GET", "/numbers/33199001234", "", None, "bad-parameter", "number"),
        ("GET", "/actions/CALLRSID", "", None, "bad-parameter", "sid"),
        ("GET", "/actions", "naem=Line", None, "unknown-parameter", "naem"),
        ("DELETE", "/recordings", "&".join(["sid=callrsid"] * 101), None, "too-many-items", "sid"),
        ("POST", "/webhooks", HOOK, {"endpoint": "http://127.0.0.1:80/"}, "bad-body", "/endpoint"),
        ("POST", "/webhooks", HOOK, {"endpoint": "http://localhost/"}, "bad-body", "/endpoint"),
        ("POST", "/webhooks", "type=call.ended", {"endpoint": "https://a.bc"}, "bad-parameter", "type"),
        ("PATCH", "/webhooks/callrsid", "", {"status": "disabled-admin"}, "bad-body", "/status"),
        ("POST", "/calls/export", "direction=inbound&from=2026-01-01&to=2026-01-02T00:00:00Z", None,
         "bad-parameter", "from"),
        ("PUT", "/sms/callrsid", "", None, "wrong-method", "method"),
        ("GET", "/sms/", "", None, "wrong-path", "path"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(
    callr: Contract, method: str, path: str, query: str, body: Any, code: str, where: str
) -> None:
    violations = judge(callr, method, path, query, body)

    assert (code, where) in [(breach.code, breach.where) for breach in violations]


def test_a_bare_plus_in_a_query_is_told_to_be_encoded(callr: Contract) -> None:
    (violation,) = judge(callr, "GET", "/sms", "to=+33639980001")

    assert "%2B" in violation.fix


@pytest.mark.parametrize("path", ["/numbers/+33199001234", "/actions/callrsid/numbers/+33199001234"])
def test_a_bare_plus_in_a_path_is_in_order(callr: Contract, path: str) -> None:
    assert judge(callr, "GET" if path.startswith("/n") else "PUT", path) == []


@pytest.mark.parametrize(
    "endpoint", ["http://hook.localhost:8000/x?y=1", "https://example.com", "http://a-b.c.de"]
)
def test_an_endpoint_with_a_dotted_name_is_in_order(callr: Contract, endpoint: str) -> None:
    assert judge(callr, "POST", "/webhooks", HOOK, {"endpoint": endpoint}) == []


@pytest.mark.parametrize(
    ("path", "query", "body", "mark"),
    [
        ("/webhooks", HOOK, {}, "documented"),
        ("/end-users", "", {"name": "x" * 33, "address": {"country": "FR"}}, "documented"),
        ("/end-users", "", {"name": "x", "address": {"country": "fr"}}, "inferred"),
        ("/webhooks", HOOK, {"endpoint": "https://a.bc", "options": {"hmacSecret": 1}}, "inferred"),
    ],
)
def test_what_the_reference_says_of_a_body_is_its_own_word_wherever_the_operation_lives(
    callr: Contract, path: str, query: str, body: Any, mark: str
) -> None:
    """The paths of both operations are guesses; what is asked of their bodies is not."""
    assert judge(callr, "POST", path, query, body)[0].provenance == mark


def test_a_sender_is_told_both_forms_that_there_are(callr: Contract) -> None:
    query = "to=%2B33639980001&from=TwelveLetter"
    (violation,) = judge(callr, "POST", "/sms", query, {"text": "a"})

    assert "code of the country" in violation.asked
    assert "up to 11 letters" in violation.asked


@pytest.mark.parametrize(
    ("method", "path", "body", "fix"),
    [
        (
            "POST",
            "/numbers/store",
            {"country": "FR", "type": "mobile"},
            "send `country` and `type` in the query: no body is read",
        ),
        ("DELETE", "/recordings", {"sid": ["callrsid"]}, "send `sid` in the query: no body is read"),
        ("GET", "/sms", {"limit": 5, "x": 1}, "send `limit` in the query: no body is read"),
        ("POST", "/calls/export", {}, "send no body; other bodies are not read"),
    ],
)
def test_a_body_where_only_a_query_is_read_is_told_what_of_it_belongs_there(
    callr: Contract, method: str, path: str, body: Any, fix: str
) -> None:
    assert judge(callr, method, path, "", body)[0].fix == fix


def test_a_file_in_json_is_told_to_go_as_a_form(callr: Contract) -> None:
    (violation,) = judge(callr, "POST", "/audio-files", "", {"name": "Hold", "file": {}})

    assert violation.arrived == "it came in the application/json body"
    assert violation.fix.startswith("send `file` in the multipart/form-data body")
