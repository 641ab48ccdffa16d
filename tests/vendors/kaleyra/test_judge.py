"""Every limit, form and mandatory mark of both documents is a finding when a client breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.report import RunReport
from simulator.exchange import Violation
from simulator.vendors.kaleyra import vendor

ONE, OTHER = "6010000001", "6010000002"
CLICK = {"method": "dial.click2call", "caller": ONE, "receiver": OTHER}
CALL = {"method": "voice.call", "numbers": ONE, "play": "1.sound"}
JSON = {"method": "voice.json"}
DIALER = {"method": "autodial.import", "name": "Drive"}
FOLLOW = {"method": "followup", "phone": ONE, "follower": OTHER, "name": "x", "ontime": "03-03-2026 10-00"}

Fields = Mapping[str, str]

BROKEN: list[tuple[Fields, Any, str]] = [
    ({**CLICK, "caller": "98765432101"}, None, "caller"),
    ({**CLICK, "receiver": "987654321"}, None, "receiver"),
    ({**CLICK, "retry": "3"}, None, "retry"),
    ({**CLICK, "retry": "two"}, None, "retry"),
    ({**CLICK, "return": "yes"}, None, "return"),
    ({**CLICK, "meta": "{bad"}, None, "meta"),
    ({**CLICK, "custom": "a b;c"}, None, "custom"),
    ({**CLICK, "caller_id": "9876543210"}, None, "caller_id"),
    ({**CLICK, "callback": "hook.test/x"}, None, "callback"),
    ({**CLICK, "format": "php"}, None, "format"),
    ({"method": "dial.click2call", "caller": ONE}, None, "receiver"),
    ({"method": "dial.c2cstatus", "id": "c2c_" + "a" * 60}, None, "id"),
    ({"method": "dial", "fromdate": "2026-03-02"}, None, "fromdate"),
    ({"method": "dial", "fromdate": "2026/3/2"}, None, "fromdate"),
    ({"method": "dial.c2cstatus", "todate": "2/3/2026"}, None, "todate"),
    ({**FOLLOW, "ontime": "3-3-2026 9-5"}, None, "ontime"),
    ({**CALL, "scheduletime": "2026-3-2 17:00:00"}, None, "scheduletime"),
    ({**CALL, "scheduletime": "02/03/2026 5:00 PM"}, None, "scheduletime"),
    ({"method": "followup", "action": "delete"}, None, "id"),
    ({**FOLLOW, "action": "delete"}, None, "id"),
    ({"method": "autodial.add", "name": "Drive", "number": ONE, "meta": "[]"}, None, "meta"),
    ({**CALL, "numbers": f"{ONE},{OTHER},6010000003", "custom": "a,b"}, None, "custom"),
    (JSON, {"play": "1.sound", "call": [{"to": ONE, "meta": "{bad"}]}, "meta"),
    ({"method": "dial", "limit": "0"}, None, "limit"),
    ({"method": "block"}, None, "number"),
    ({"method": "block", "number": ONE, "action": "remove"}, None, "action"),
    ({**FOLLOW, "action": "remove", "id": "1"}, None, "action"),
    ({**FOLLOW, "action": "remove"}, None, "action"),
    ({**FOLLOW, "ontime": "2026-03-03 10:00"}, None, "ontime"),
    ({**FOLLOW, "autocall": "2"}, None, "autocall"),
    ({**CALL, "numbers": ",".join([ONE] * 201)}, None, "numbers"),
    ({**CALL, "delay": "901"}, None, "delay"),
    ({**CALL, "retries": "3"}, None, "retries"),
    ({**CALL, "scheduletime": "2026-03-02 15:35:00"}, None, "schedule_invalid"),
    ({**CALL, "scheduletime": "2026-06-02 15:35:00"}, None, "schedule_invalid"),
    ({"method": "voice.call", "numbers": ONE, "message": "नमस्ते"}, None, "message"),
    ({"method": "voice.call", "numbers": ONE}, None, "play,message"),
    ({"method": "voice.status"}, None, "id"),
    ({"method": "voice.groupstatus"}, None, "groupid"),
    (JSON, {"play": "1.sound"}, "/call"),
    (JSON, {"play": "1.sound", "call": []}, "/call"),
    (JSON, {"play": "1.sound", "call": [{"to": [ONE]}]}, "/call/0/to"),
    (JSON, {"play": "1.sound", "call": [{"to": ONE, "calback": "http://hook.test/"}]}, "/call/0/calback"),
    (JSON, {"play": "1.sound", "cal": [{"to": ONE}]}, "/cal"),
    (JSON, {"play": "1.sound", "call": [{"to": ONE, "retries": 3}]}, "/call/0/retries"),
    (JSON, {"play": "1.sound", "call": [{"to": ONE, "delay": 901}]}, "/call/0/delay"),
    (JSON, {"play": "1.sound", "call": [{"to": ONE, "custom": "a b"}]}, "/call/0/custom"),
    (JSON, {"play": "1.sound", "call": [{"play": "1.sound"}]}, "to"),
    (JSON, {"call": [{"to": ONE}]}, "play"),
    (DIALER, {"data": [{"number": ONE}]}, "/data/0"),
    (DIALER, {"data": [{"customname": "x", "other": "y"}]}, "/data/0/number"),
    (DIALER, {"data": [{"number": ONE, "customname": "x"}] * 1001}, "/data"),
    ({"method": "autodial.add", "name": "Drive", "number": ONE}, None, "meta"),
    ({"method": "autodial.import"}, {"data": [{"number": ONE, "customname": "x"}]}, "name"),
]


def violations_in(fields: Fields, body: Any = None) -> list[Violation]:
    """Return what the judge finds in one request, which is a form, or JSON with its fields in the query."""
    simulator = Simulator(vendors=("kaleyra",))
    key = {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}
    sent = {"data": fields} if body is None else {"query_string": fields, "json": body}
    Client(simulator).post("/kaleyra/v1/", headers=key, **sent).close()
    (exchange,) = simulator.worlds.sandbox().recorder.journal
    return [*exchange.violations]


@pytest.mark.parametrize(("fields", "body", "place"), BROKEN)
def test_a_broken_rule_is_found_where_it_is(fields: Fields, body: Any, place: str) -> None:
    violations = violations_in({**fields, "format": fields.get("format", "json")}, body)

    assert violations
    assert place in violations[0].where
    assert not any(
        "one of the forms" in violation.asked or "change this" in violation.fix for violation in violations
    )


@pytest.mark.parametrize(
    ("entry", "asked"),
    [
        ({"to": [ONE]}, "text or a whole number"),
        ({"to": ONE, "retries": True}, "text or a whole number"),
        ({"to": ONE, "callback": 7}, "text"),
    ],
)
def test_a_value_of_no_documented_type_is_told_all_types(entry: Any, asked: str) -> None:
    (violation, *_) = violations_in(JSON, {"play": "1.sound", "call": [entry]})

    assert violation.asked == asked


def test_an_action_that_there_is_not_is_named_with_the_one_that_there_is() -> None:
    (violation,) = violations_in({"method": "block", "number": ONE, "action": "remove"})

    assert (violation.code, violation.where, violation.asked) == ("bad-parameter", "action", "delete")
    assert violation.fix == "send `action=delete`, or leave it out: any other value is silently ignored"


@pytest.mark.parametrize("address", ["hook.localhost:9000/x", "localhost:9000", "ftp://hook.test/"])
@pytest.mark.parametrize("fields", [CLICK, CALL])
def test_who_has_a_receiver_on_a_laptop_is_told_how_to_call_it(fields: Fields, address: str) -> None:
    (violation,) = violations_in({**fields, "callback": address})
    simulator = Simulator(vendors=("kaleyra",))
    key = {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}
    answer = Client(simulator).post("/kaleyra/v1/", data={**fields, "callback": address}, headers=key)

    assert vendor.receiver in violation.asked
    assert vendor.receiver in answer.headers["X-Simulator-Rule"]


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_verb_that_the_vendor_has_not_is_told_whether_or_not_its_parameters_are_read(verb: str) -> None:
    simulator = Simulator(vendors=("kaleyra",))
    Client(simulator).open("/kaleyra/v1/", method=verb, data=CLICK).close()
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert [violation.fix for violation in exchange.violations] == ["send POST or GET"]


@pytest.mark.parametrize(
    ("fields", "fix"),
    [
        ({**CALL, "numbers": ""}, "send a value for `numbers`"),
        ({**CALL, "play": ""}, "send a value for `play`"),
        ({**CALL, "numbers": "", "group": "a"}, "leave `numbers` out"),
        ({**CALL, "message": ""}, "leave `message` out"),
    ],
)
def test_an_empty_one_of_two_is_to_be_left_out_only_where_the_other_is_there(
    fields: Fields, fix: str
) -> None:
    assert violations_in(fields)[0].fix == fix


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({**CALL, "callback": "hook"}, "a receiver on this machine is http://hook.localhost"),
        ({**CALL, "scheduletime": "2026-03-02 10:00:00"}, "; it is 2026-03-02 15:30:00 in India here"),
        ({**CALL, "scheduletime": "03/02/2026 06:00 PM"}, "06:00 PM is 2026-02-03 18:00:00 there"),
        ({**CALL, "scheduletime": "02/03/2026 18:00 PM"}, "write it like 1772446500, 2026-03-02 15:45:00 or"),
    ],
)
def test_a_refusal_that_no_schema_explains_is_told_with_what_its_header_says(
    fields: Fields, advice: str
) -> None:
    (violation,) = violations_in(fields)

    assert violation.code == "refused-request"
    assert advice in violation.fix


@pytest.mark.parametrize(
    ("fields", "template", "unknown"),
    [
        (CLICK, "{statuss}&b={Status}&c={status}", "{statuss}, {Status}"),
        (CLICK, "{obdid}", "{obdid}"),
        (CALL, "{obdid}&b={obdstatus}&c={caller}&d={notes}", "{notes}"),
    ],
)
def test_a_variable_that_no_document_has_is_told_as_lost(fields: Fields, template: str, unknown: str) -> None:
    (violation,) = violations_in({**fields, "callback": f"http://hook.test/?a={template}"})

    assert (violation.code, violation.severity) == ("silent-loss", "warning")
    assert violation.arrived == unknown


def test_a_blank_where_none_may_stand_is_not_taken_for_a_lost_plus() -> None:
    (violation,) = violations_in({**CLICK, "custom": "order 17"})

    assert "without blanks" in violation.asked
    assert "%2B" not in violation.fix


def test_a_form_that_cannot_be_read_is_not_told_to_lack_its_method_too() -> None:
    simulator = Simulator(vendors=("kaleyra",))
    form = b"method=followup&name=Zo%EB"
    kind = "application/x-www-form-urlencoded; charset=ISO-8859-1"
    Client(simulator).post("/kaleyra/v1/", data=form, content_type=kind).close()
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert [violation.code for violation in exchange.violations] == ["malformed-body"]


def test_a_method_in_json_is_told_where_it_belongs() -> None:
    violations = violations_in({}, {"method": "dial.click2call", "caller": ONE, "receiver": OTHER})

    assert "query or in a form" in violations[0].fix


@pytest.mark.parametrize(
    "fields",
    [
        {**CALL, "format": "jsonp", "callback": "done", "_": "17"},
        {**CLICK, "custom": "A1", "meta": "{}", "delay": "0", "retry": "2", "return": "1"},
        {**CALL, "custom": "a,b", "newgroup": "1", "delay": "900", "retries": "2"},
        {"method": "block", "number": f"{ONE},{OTHER}", "action": "DELETE"},
    ],
)
def test_what_the_documents_and_live_clients_do_is_found_right(fields: Fields) -> None:
    assert violations_in(fields) == []


def test_the_documents_own_request_for_a_status_is_not_blamed() -> None:
    violations = violations_in({"method": "voice.status", "id": "1-1", "numbers": ONE, "play": "1.sound"})

    assert [violation for violation in violations if violation.where in ("numbers", "play")] == []


def test_a_report_names_the_code_of_a_refusal_beside_the_status_that_hides_it() -> None:
    simulator, report = Simulator(vendors=("kaleyra",)), RunReport()
    key = {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}
    Client(simulator).post("/kaleyra/v1/", data={**CLICK, "retry": "3"}, headers=key).close()
    for exchange in simulator.worlds.sandbox().recorder.journal:
        report.note(exchange)

    assert "answered 200, E612)" in report.write([simulator.worlds.setup.contract("kaleyra")])


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"method": "dial.c2cstatus", "fromdate": "2026/02/20"}, "loss: days_cut [documented], at fromdate"),
        ({"method": "dial.c2cstatus", "todate": "2026/02/20"}, "loss: days_cut [documented], at todate"),
        ({"method": "dial.c2cstatus", "fromdate": "29/11/2026"}, "clock: it is 2026-03-02 "),
        ({"method": "dial", "fromdate": "29/11/2026"}, "clock: it is 2026-03-02 "),
        (
            {"method": "dial", "fromdate": "2026/03/02", "todate": "2026/03/01"},
            "loss: range_reversed [inferred], at todate",
        ),
        ({**CLICK, "retry": "9"}, "loss: value_clamped [inferred], at retry"),
        ({**CALL, "numbers": ",".join([ONE] * 201)}, "loss: value_clamped [inferred], at numbers"),
    ],
)
def test_what_the_simulator_does_less_of_stands_in_its_header(fields: Fields, rule: str) -> None:
    simulator = Simulator(vendors=("kaleyra",))
    key = simulator.worlds.credentials("kaleyra")["api_key"]
    simulator.worlds.sandbox().world.accounts["kaleyra", key].profile = {"over_limit": "clamp"}
    answer = Client(simulator).post("/kaleyra/v1/", data=fields, headers={"x-api-key": key})

    assert answer.headers["X-Simulator-Rule"].startswith(rule)


@pytest.mark.parametrize("day", ["2026/02/28", "2026/03/02"])
def test_days_within_reach_go_without_a_remark(day: str) -> None:
    assert violations_in({"method": "dial.c2cstatus", "fromdate": day}) == []
