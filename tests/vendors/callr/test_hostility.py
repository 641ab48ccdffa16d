"""Whatever arrives, the vendor says no in its own words and lives on."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.vendors.callr import vendor
from tests.acceptance.test_hostile_requests import BROKEN_PARTS, LINES, ODD_JSON
from tests.thoroughness import sampled

FILLED = {
    "<sid>": "callrsid",
    "<number>": "%2B33199001234",
    "<taskid>": "sampleTaskID1234567890abcdef0000",
    "<token>": "x" * 40,
    "<callid>": "240711945874",
    "<runid>": "api:9MNAB2H6",
    "<file>": "none.csv",
}
QUERY = "to=%2B33639980001&type=v2.number.assigned&country=FR&direction=inbound"
ODD_TEXT = [
    *LINES,
    "",
    " ",
    "\0",
    "%",
    "%zz",
    "🙂" * 99,
    "x" * 9_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}",
]
ODD_VALUES: list[object] = [
    None,
    True,
    -1,
    1e308,
    "",
    "\ud7ff",
    [],
    {},
    [[]],
    {"a": {}},
    "x" * 40_000,
    10**40,
]
MEMBERS = (
    "name",
    "script",
    "address",
    "comment",
    "text",
    "endpoint",
    "options",
    "status",
    "read",
    "variables",
)


def path_of(rule: str) -> str:
    for place, example in FILLED.items():
        rule = rule.replace(place, example)
    return rule


WRITES = sorted(
    {(verb, path_of(route.path)) for route in vendor.operations() for verb in route.verbs if verb != "GET"}
)
READS = sorted({path_of(route.path) for route in vendor.operations() if "GET" in route.verbs})
SIMULATOR = Simulator(vendors=("callr",))
KEY = SIMULATOR.worlds.credentials("callr")["api_key"]


def ask(verb: str, path: str, body: bytes = b"", kind: str = "application/json") -> TestResponse:
    return Client(SIMULATOR).open(
        f"/callr{path}", method=verb, data=body, content_type=kind, headers={"x-api-key": KEY}, buffered=True
    )


def check_words(answer: TestResponse) -> None:
    """Claim that an answer is no bug, and a refusal in the vendor's words."""
    assert answer.status_code < 500, answer.data
    if answer.status_code >= 400:
        assert set(json.loads(answer.data)) == {"code", "message"}
        assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(("verb", "path"), WRITES)
def test_odd_bodies_are_refused(verb: str, path: str) -> None:
    for body in ODD_JSON:
        for kind in ("application/json", "text/plain", "multipart/form-data", ""):
            check_words(ask(verb, f"{path}?{QUERY}", body, kind))
    for body in BROKEN_PARTS:
        check_words(ask(verb, f"{path}?{QUERY}", body, "multipart/form-data; boundary=b"))


@pytest.mark.parametrize(("verb", "path"), WRITES)
def test_odd_members_are_refused(verb: str, path: str) -> None:
    for value in ODD_VALUES:
        for sent in (dict.fromkeys(MEMBERS, value), {"name": "French Corp", "address": {"country": value}}):
            check_words(ask(verb, f"{path}?{QUERY}", json.dumps(sent).encode()))


@pytest.mark.parametrize("path", sampled(READS, 4))
def test_odd_queries_are_refused(path: str) -> None:
    names = (
        "limit",
        "offset",
        "sort",
        "order",
        "sid",
        "contains",
        "from",
        "at",
        "id",
        "type",
        "country",
        "name",
    )
    for text in ODD_TEXT:
        for name in names:
            answer = Client(SIMULATOR).get(
                f"/callr{path}", query_string={name: text}, headers={"x-api-key": KEY}, buffered=True
            )
            check_words(answer)


@pytest.mark.parametrize("text", ["%00", "%2F", "x" * 3_000, "%F0%9F%99%82", "..", "%0D%0AX-Evil:1", "%25"])
def test_odd_paths_are_refused(text: str) -> None:
    for rule in ("/v2.0/sms/", "/v2.0/numbers/", "/v2.0/tasks/", "/v2.0/exports/", "/v2.0/"):
        check_words(ask("GET", rule + text))


@pytest.mark.parametrize(
    "key", ["Basic", "Basic ", "Basic \u00e9", "Basic Og==", "Bearer x", "Basic " + "A" * 5_000]
)
def test_odd_credentials_are_refused(key: str) -> None:
    answer = Client(SIMULATOR).get("/callr/v2.0/ping", headers={"Authorization": key}, buffered=True)

    check_words(answer)
    assert answer.status_code in (401, 403)
