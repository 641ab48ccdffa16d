"""Every kind of mistake has its answer: HTTP 200, the failure in the envelope, in each format."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from simulator.exchange import Request
from simulator.telephony.limits import Limit
from simulator.vendor import Refused
from simulator.vendors.kaleyra import vendor
from tests.vendors.customers import FORM
from tests.vendors.kaleyra.desk import ASHA, KEY, RAVI, open_desk

C2C = {"caller": ASHA, "receiver": RAVI}
CALL = {"numbers": ASHA, "play": "1.sound"}
PLAN = {"phone": ASHA, "name": "A", "follower": RAVI, "ontime": "03-03-2026 11-30"}

MISTAKES: list[tuple[str, dict[str, str], str, str]] = [
    ("no.such", {}, "E606", "Unknown method no.such"),
    ("", {}, "E605", "Parameter method is missing"),
    ("autodial.import", {"name": "n"}, "E607", "Method autodial.import has to be sent by POST"),
    ("dial.click2call", {"caller": ASHA}, "E610", "Parameter receiver is missing"),
    ("dial.click2call", {**C2C, "caller": "123"}, "E611", "Parameter caller is not valid"),
    ("dial.click2call", {**C2C, "receiver": f"{RAVI}^x"}, "E611", "Parameter receiver is not valid"),
    ("dial.click2call", {**C2C, "receiver": "IVR:1"}, "E611", "Parameter receiver is not valid"),
    ("dial.click2call", {**C2C, "receiver": "1.IVR"}, "E611", "Parameter receiver is not valid"),
    ("voice.call", {**CALL, "play": "IVR:1"}, "E611", "Parameter play is not valid"),
    ("dial", {"page": "0"}, "E611", "Parameter page is not valid"),
    ("dial.click2call", {**C2C, "retry": "3"}, "E612", "Parameter retry is beyond its limit of 2"),
    ("dial.click2call", {**C2C, "retry": "-1"}, "E611", "Parameter retry is not valid"),
    ("dial.click2call", {**C2C, "delay": "soon"}, "E611", "Parameter delay is not valid"),
    ("dial.click2call", {**C2C, "return": "yes"}, "E611", "Parameter return is not valid"),
    ("dial.click2call", {**C2C, "meta": "{"}, "E611", "Parameter meta is not valid"),
    ("dial.click2call", {**C2C, "callback": "ftp://h/"}, "E611", "Parameter callback is not valid"),
    (
        "dial.click2call",
        {**C2C, "caller_id": ASHA},
        "E623",
        f"Caller ID {ASHA} is not assigned to the account",
    ),
    ("dial.c2cstatus", {"id": "c2c_5a7d85903dd7abcd"}, "E620", "Call ID c2c_5a7d85903dd7abcd not found"),
    ("dial.c2cstatus", {"fromdate": "2026-03-02"}, "E611", "Parameter fromdate is not valid"),
    ("dial.c2cstatus", {"todate": "31/12/9999"}, "E611", "Parameter todate is not valid"),
    ("dial.c2cstatus", {"fromdate": "0001/01/01"}, "E611", "Parameter fromdate is not valid"),
    ("dial.c2cstatus", {"limit": "0"}, "E611", "Parameter limit is not valid"),
    ("dial.c2cstatus", {"call to": "x"}, "E611", "Parameter call to is not valid"),
    ("dial.callreports", {}, "E610", "Parameter id is missing"),
    ("block", {}, "E610", "Parameter number is missing"),
    ("block", {"number": f"{ASHA},x"}, "E611", "Parameter number is not valid"),
    ("followup", {**PLAN, "ontime": "31-02-2026 11-30"}, "E611", "Parameter ontime is not valid"),
    ("followup", {**PLAN, "id": "77"}, "E622", "Follow-up ID 77 not found"),
    ("followup", {"id": "77", "action": "delete"}, "E622", "Follow-up ID 77 not found"),
    ("autodial.add", {"name": "n", "number": ASHA}, "E610", "Parameter meta is missing"),
    ("followup", {**PLAN, "action": "delete"}, "E610", "Parameter id is missing"),
    ("autodial.add", {"name": "n", "meta": "{}"}, "E610", "Parameter number is missing"),
    ("autodial.add", {"name": "n", "number": ASHA, "meta": "[]"}, "E611", "Parameter meta is not valid"),
    ("voice.call", {**CALL, "retry": "3"}, "E612", "Parameter retry is beyond its limit of 2"),
    ("voice.call", {"play": "1.sound", "group": ","}, "E611", "Parameter group is not valid"),
    ("voice.call", {**CALL, "meta": "{"}, "E611", "Parameter meta is not valid"),
    ("autodial.add", {"name": "<n>", "number": ASHA, "meta": "{}"}, "E611", "Parameter name is not valid"),
    ("voice.call", {"play": "1.sound"}, "E610", "Parameter numbers is missing"),
    ("voice.call", {"numbers": ASHA}, "E610", "Parameter play is missing"),
    ("voice.call", {**CALL, "play": "1.wav"}, "E611", "Parameter play is not valid"),
    ("voice.call", {"numbers": ASHA, "message": "नमस्ते"}, "E611", "Parameter message is not valid"),
    ("voice.call", {**CALL, "group": "99"}, "E621", "Group 99 not found"),
    ("voice.call", {**CALL, "scheduletime": "tomorrow"}, "E611", "Parameter scheduletime is not valid"),
    ("voice.status", {"id": "1-1"}, "E620", "Call ID 1-1 not found"),
    ("voice.status", {"id": "x"}, "E620", "Call ID x not found"),
    ("voice.groupstatus", {"groupid": "1"}, "E621", "Group 1 not found"),
]


@pytest.mark.parametrize(("method", "fields", "code", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_code_and_where_it_is(
    method: str, fields: dict[str, str], code: str, message: str
) -> None:
    answer = open_desk().get(method, format="json", **fields)

    assert (answer.status, json.loads(answer.body)) == (200, {"status": code, "message": message})


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("text", b"status=E620\nmessage=Call ID 1-1 not found\n"),
        ("json", b'{"status":"E620","message":"Call ID 1-1 not found"}'),
        ("jsonp", b'callback({"status":"E620","message":"Call ID 1-1 not found"});'),
        ("php", b"Array\n(\n    [status] => E620\n    [message] => Call ID 1-1 not found\n)\n"),
    ],
)
def test_a_refusal_comes_in_the_format_asked_for(form: str, body: bytes) -> None:
    assert open_desk().get("voice.status", id="1-1", format=form).body == body


@pytest.mark.parametrize(("key", "code"), [("", "E601"), ("short", "E602"), ("A" + "f" * 32, "E603")])
def test_a_bad_key_is_refused_before_anything_is_told(key: str, code: str) -> None:
    desk = open_desk()
    desk.world.rules = type(desk.world.rules)(admits_anyone=False)
    for method in ("dial", "no.such"):
        query = urlencode({"method": method, "api_key": key, "format": "json"})

        assert json.loads(desk.send(Request("GET", "/v1/", query)).body)["status"] == code


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"call": ', b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100, b'{"call": "x"}', b'{"call": [1]}'],
)
def test_bad_json_is_told_apart_and_the_server_lives(body: bytes) -> None:
    envelope = json.loads(open_desk().post_json("voice.json", body, format="json").body)

    assert envelope["status"] in ("E614", "E610")


def test_a_body_that_is_no_json_at_all_is_refused() -> None:
    assert json.loads(open_desk().post("voice.json", format="json").body)["status"] == "E614"


def test_a_broken_form_is_refused() -> None:
    query = urlencode({"method": "dial", "api_key": KEY, "format": "json"})
    request = Request("POST", "/v1/", query, (("Content-Type", FORM),), b"a=%ff")

    assert json.loads(open_desk().send(request).body)["status"] == "E614"


@pytest.mark.parametrize("balance", [Decimal(0), Decimal(-1)])
@pytest.mark.parametrize(("method", "fields"), [("dial.click2call", C2C), ("voice.call", CALL)])
def test_nobody_is_called_without_credit(balance: Decimal, method: str, fields: dict[str, str]) -> None:
    desk = open_desk()
    desk.account.balance = balance

    assert desk.refusal(method, **fields) == ("E630", "Insufficient credits")


DIALED = {"name": "n", "number": ASHA, "meta": "{}"}
SEVERAL = {"caller": f"{ASHA}-9000000001", "receiver": f"{RAVI}^9000000002"}


@pytest.mark.parametrize(
    ("method", "fields", "blocked", "refused"),
    [
        ("dial.click2call", C2C, ASHA, True),
        ("dial.click2call", C2C, RAVI, True),
        ("dial.click2call", SEVERAL, f"{ASHA},{RAVI}", False),
        ("voice.call", CALL, ASHA, True),
        ("voice.call", {**CALL, "numbers": f"{ASHA},{RAVI}"}, ASHA, False),
        ("autodial.add", DIALED, ASHA, True),
    ],
)
def test_a_call_to_who_is_blocked_is_taken_or_refused_as_the_account_says(
    method: str, fields: dict[str, str], blocked: str, refused: bool
) -> None:
    lenient, strict = open_desk(), open_desk(profile={"refuses_blocked": True})
    for desk in (lenient, strict):
        desk.ask("block", number=blocked)

    assert lenient.ask(method, **fields)["status"] in ("200", "OK ")
    assert (strict.ask(method, **fields)["status"] == "E625") is refused


@pytest.mark.parametrize(
    ("method", "fields"),
    [("voice.call", {**CALL, "play": "9.sound"}), ("dial.click2call", {**C2C, "receiver": "ivr:9"})],
)
def test_an_account_may_list_its_sounds_and_ivrs(method: str, fields: dict[str, str]) -> None:
    desk = open_desk(profile={"sounds": ["1"], "ivrs": ["7"]})

    assert desk.refusal(method, **fields)[0] == "E624"
    assert desk.ask("voice.call", **CALL)["status"] == "200"


def test_a_scenario_has_its_own_words_for_a_refusal() -> None:
    own: dict[str, Any] = {"call_unknown": {"code": "E409", "message": "No such call"}}

    assert open_desk(profile={"errors": own}).refusal("voice.status", id="1-1") == ("E409", "No such call")


def test_words_of_a_scenario_are_marked_as_such() -> None:
    desk = open_desk(profile={"errors": {"no_incidents": {"code": "E1"}}})
    marks = [
        vendor.provenance_of(Refused(fact), Request("GET", "/v1/"), desk.account)
        for fact in ("no_incidents", "credit_low")
    ]

    assert marks == ["no_incidents [scenario]", "credit_low [inferred]"]


def test_a_limit_of_a_scenario_is_told_in_the_envelope_or_as_it_says() -> None:
    limit = Limit(name="file:1", where="kaleyra.call_details", allow=1, per=timedelta(minutes=1))
    own = {"errors": {"too_many_requests": {"code": "E429", "message": "Slow down"}}}
    refusals = []
    for desk in (open_desk((limit,)), open_desk((limit,), own)):
        desk.ask("dial")
        refusals.append(desk.refusal("dial"))

    assert refusals == [("E640", "Too many requests"), ("E429", "Slow down")]


def test_a_scenario_has_its_own_words_for_strangers_too() -> None:
    desk = open_desk(to_strangers={"errors": {"key_missing": {"code": "E100"}}})

    envelope = json.loads(desk.send(Request("GET", "/v1/", "method=dial&format=json")).body)

    assert envelope == {"status": "E100", "message": "API key is missing"}
