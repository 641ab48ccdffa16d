from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.exchange import Headers
from simulator.scenario.loading import load_text
from simulator.vendors.callr.clients import credentials
from tests.vendors.callr.desk import HOOK, KEY, Desk, open_desk, refusal


def basic(user: str, password: str = KEY) -> Headers:
    return (("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode()),)


def balance(desk: Desk, headers: Headers) -> bytes:
    return desk.ask("GET", "/billing/credit", headers=headers).body


def sid(desk: Desk) -> str:
    return str(credentials(desk.account)["account_sid"])


def test_ping_tells_the_time_with_milliseconds() -> None:
    assert open_desk().get("/ping") == {"pong": "pong", "time": "2026-03-02T10:00:00.000Z"}


def test_the_main_account_opens_by_its_sid_and_its_key() -> None:
    desk = open_desk()
    desk.account.balance += 1

    assert balance(desk, basic(sid(desk))) == balance(desk, (("x-api-key", KEY),)) == b'"100100.00"'


def test_a_sub_account_opens_by_its_own_sid_and_the_master_key() -> None:
    desk = open_desk()
    desk.account.balance += 1

    assert balance(desk, basic("subsid00")) == b'"100000.00"'
    numbers = desk.ask("GET", "/numbers", headers=basic("subsid00"), order="asc", sort="e164").body
    assert b"+33199001000" in numbers
    assert b"+33199001234" not in numbers


@pytest.mark.parametrize(
    "headers",
    [
        (("x-api-key", "short"),),
        basic("NOTASID0"),
        basic("subsid00", "x"),
        (("Authorization", "Basic %%%"),),
        (("Authorization", "Basic w6k="),),
    ],
)
def test_a_key_that_is_none_is_refused_with_401(headers: Headers) -> None:
    answer = open_desk().ask("GET", "/ping", headers=headers)

    assert refusal(answer) == (401, "unauthorized", "The API key is not valid.")
    assert answer.header("WWW-Authenticate")


@pytest.mark.parametrize("headers", [(), (("x-api-key", " "),), (("Authorization", "Bearer x"),)])
def test_no_key_at_all_is_refused_with_403(headers: Headers) -> None:
    assert refusal(open_desk().ask("GET", "/ping", headers=headers))[:2] == (403, "forbidden")


@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), ("401", "unauthorized")])
def test_a_profile_chooses_the_status_of_no_key_at_all(status: object, code: str) -> None:
    simulator = Simulator(vendors=("callr",))
    text = f"sim: 1\nprofiles: {{callr: {{absent_credential: {status}}}}}"
    simulator.worlds.open("main", load_text(text.encode(), "mine.yaml"))

    answer = Client(simulator).get("/callr/v2.0/ping")

    assert (answer.status_code, answer.get_json()["code"]) == (int(str(status)), code)
    assert ("WWW-Authenticate" in answer.headers) is (answer.status_code == 401)


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "problem"),
    [
        ("GET", "/nothing", None, None, (404, "not-found", "There is nothing at /v2.0/nothing.")),
        (
            "PUT",
            "/sms",
            None,
            None,
            (405, "method-not-allowed", "PUT is not allowed here; allowed: GET, POST."),
        ),
        ("POST", "/end-users", b"{", "application/json", (400, "bad-request", None)),
        ("POST", "/end-users", b"\xff", "application/json", (400, "bad-request", None)),
        (
            "POST",
            "/end-users",
            b"[]",
            "application/json",
            (400, "validation-error", "body must be an object."),
        ),
        ("POST", "/end-users", b"name=x", "text/plain", (415, "unsupported-media-type", None)),
        ("POST", "/end-users", b"", "application/json", (400, "bad-request", None)),
        ("POST", "/end-users", b'{"name":"a","name":"b"}', "application/json", (400, "bad-request", None)),
        ("POST", "/end-users", b"[" * 99, "application/json", (400, "bad-request", None)),
        ("GET", "/sms/NOT", None, None, (400, "validation-error", "sid must match ^[a-z0-9]{8}$.")),
        ("GET", "/numbers/0199001234", None, None, (400, "validation-error", None)),
    ],
)
def test_what_http_or_the_body_gets_wrong_is_told(
    method: str, path: str, body: bytes | None, kind: str | None, problem: tuple[int, str, str | None]
) -> None:
    status, code, message = refusal(open_desk().ask(method, path, body, kind))

    assert (status, code, problem[2] and message) == problem


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "limit must be at least 1."),
        ({"limit": 101}, "limit must be at most 100."),
        ({"limit": "ten"}, "limit must be an integer."),
        ({"offset": -1}, "offset must be at least 0."),
        ({"sort": "name"}, "sort must be one of created, updated."),
        ({"order": "up"}, "order must be one of asc, desc."),
        ({"direction": "in"}, "direction must be one of inbound, outbound."),
        ({"contains": "x" * 65}, "contains must have at most 64 characters."),
        (
            {"to": " 33199001234"},
            "to must match ^\\+[1-9][0-9]{5,32}$; encode the plus sign of a query as %2B.",
        ),
        (
            {"createdAfter": "yesterday"},
            "createdAfter must be a date-time of RFC 3339, such as 2024-04-24T17:42:28Z.",
        ),
        (
            {"createdAfter": "2024-04-24T17:42:28.12345678 00:00"},
            "createdAfter must be a date-time of RFC 3339, such as 2024-04-24T17:42:28Z; "
            "encode the plus sign of a query as %2B.",
        ),
        ({"createdAfter": "2024-02-30T00:00:00Z"}, None),
        ({"createdAfter": "0001-01-01T00:00:00+14:00"}, None),
        ({"sid": "x"}, "sid must match ^[a-z0-9]{8}$."),
    ],
)
def test_a_message_names_the_field_and_its_rule(query: dict[str, object], message: str | None) -> None:
    status, code, text = refusal(open_desk().ask("GET", "/sms", **query))

    assert (status, code) == (400, "validation-error")
    assert message in (None, text)


def test_nanoseconds_of_an_instant_are_taken() -> None:
    assert open_desk().get("/sms", createdAfter="2024-04-24T17:42:28.12345678+00:00")["total"] == 0


@pytest.mark.parametrize("second", ["23:59:60Z", "23:59:60.250+00:00"])
def test_a_leap_second_at_the_end_of_a_day_is_an_instant(second: str) -> None:
    desk = open_desk()
    desk.text()

    assert desk.get("/sms", createdAfter=f"2024-12-31T{second}")["total"] == 1


@pytest.mark.parametrize("second", ["22:59:60Z", "23:59:61Z", "23:59:60+01:00"])
def test_a_leap_second_anywhere_else_is_none(second: str) -> None:
    assert open_desk().ask("GET", "/sms", createdAfter=f"2024-12-31T{second}").status == 400


def test_unknown_members_of_a_body_are_ignored_unless_a_profile_refuses_them() -> None:
    body = {"name": "French Corp", "address": {"country": "FR"}, "coment": "x"}

    open_desk().make("/end-users", body)
    answer = open_desk(unknown_keys="refuse").ask("POST", "/end-users", body)

    assert refusal(answer)[2] == "coment is not known; did you mean comment."


@pytest.mark.parametrize(
    ("path", "body", "query"),
    [
        ("/actions", {"name": "Line", "script": "branches: {api-initiated: []}"}, {}),
        ("/audio-files", {"name": "Hold"}, {}),
        ("/end-users", {"name": "French Corp", "address": {"country": "FR"}}, {}),
        ("/webhooks", {"endpoint": HOOK}, {"type": "v2.number.assigned"}),
    ],
)
def test_the_sid_of_what_was_deleted_never_comes_again(path: str, body: object, query: Any) -> None:
    desk = open_desk()
    first = desk.make(path, body, **query)["sid"]
    desk.ask("DELETE", f"{path}/{first}")
    second = desk.make(path, body, **query)["sid"]

    assert first != second
    assert desk.ask("DELETE", f"{path}/{first}").status == 404
