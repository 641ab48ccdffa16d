"""What a client is told: the place, the true cause, what to send instead, and how sure that is."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from simulator.conformance.checks import check, check_delivery
from simulator.conformance.contract import list_contracts, load_contract
from simulator.conformance.keywords import write_range
from simulator.exchange import Answer, Request, Violation
from simulator.web.phone_masks import NumberMask
from tests.conformance.exchanges import CALL, FORM, JSON, ROOT, exchange

JOBS = "/api/calls/campaign/123456.789.mBoMyfZLZqKHIPKj"
TOKEN = "123456.789.mBoMyfZLZqKHIPKj"
KEY = {"api_key": "A0123456789abcdef0123456789abcdef"}
DIAL = {**KEY, "method": "dial.click2call", "caller": "9500000000", "receiver": "9900000000"}
CONTRACTS = {name: load_contract(name) for name in list_contracts()}


def judge(vendor: str, request: Request) -> list[Violation]:
    """Return what the judge says of a request alone."""
    seen = replace(exchange(request, Answer(400, b"", ())), vendor=vendor, rule="fault: none")
    return check(CONTRACTS[vendor], seen)


def form(vendor: str, path: str, fields: dict[str, str]) -> list[Violation]:
    """Return what the judge says of a form that is posted."""
    return judge(vendor, Request("POST", path, "", (("Content-Type", FORM),), urlencode(fields).encode()))


def body(vendor: str, path: str, value: Any, query: str = "") -> list[Violation]:
    """Return what the judge says of a JSON body that is posted."""
    headers = (("Content-Type", JSON),)
    return judge(vendor, Request("POST", path, query, headers, json.dumps(value).encode()))


@pytest.mark.parametrize(
    ("path", "value", "where", "fix"),
    [
        ("/addPhones", [{"phone": "79161234567", "gmtzone": "+3"}], "/0/gmtzone", "did you mean `gmtZone`?"),
        (
            "/addPhones",
            [{"phone": "79161234567", "gmt_zone": "+3"}],
            "/0/gmt_zone",
            "did you mean `gmtZone`?",
        ),
        (
            "/addPhones",
            [{"phone": "79161234567", "maxAttempt": 3}],
            "/0/maxAttempt",
            "did you mean `maxAttempts`?",
        ),
        ("/callJob/getReport", {"id": ["1"]}, "/id", "did you mean `ids`?"),
        ("/callJob/cancel", {"phone": ["79161234567"]}, "/phone", "did you mean `phones`?"),
        ("/callJob/getReportByDate", {"filters": {}}, "/filters", "did you mean `filter`?"),
        (
            "/callJob/getReportByDate",
            {"pagination": {"size": 5}},
            "/pagination/size",
            "did you mean `pageSize`?",
        ),
        ("/addPhones", [{"phone": "79161234567", "zzz": 1}], "/0/zzz", "leave `zzz` out"),
    ],
)
def test_a_name_inside_json_is_told_with_the_one_that_was_meant(
    path: str, value: Any, where: str, fix: str
) -> None:
    (violation,) = body("jaicp", JOBS + path, value)

    assert (violation.where, violation.fix) == (where, fix)


@pytest.mark.parametrize(("name", "severity"), [("zzz", "warning"), ("gmtzone", "error")])
def test_a_further_key_that_nobody_forbids_is_a_warning_unless_it_looks_like_another(
    name: str, severity: str
) -> None:
    (violation,) = body("jaicp", f"{JOBS}/addPhones", [{"phone": "79161234567", name: "+3"}])

    assert (violation.severity, violation.provenance) == (severity, "inferred")
    assert (violation.provenance, violation.arrived) == ("inferred", "a name it does not have")


def test_a_missing_name_in_json_and_an_unknown_one_that_fits_are_one_finding() -> None:
    check_url = {"url": "https://example.com"}
    (violation,) = body("jaicp", JOBS + "/addPhones", [{"phone": "79161234567", "externalCheck": check_url}])

    assert (violation.where, violation.rule) == ("/0/externalCheck/externalCheckUrl", "required")
    assert (violation.arrived, violation.fix) == (
        "`url`, which is unknown",
        "did you mean `externalCheckUrl`?",
    )


def test_the_same_slip_in_four_items_has_one_key() -> None:
    jobs = [{"phone": f"7916123456{number}", "gmtzone": "+3"} for number in range(4)]
    violations = body("jaicp", JOBS + "/addPhones", jobs)

    assert [violation.where for violation in violations] == [f"/{number}/gmtzone" for number in range(4)]
    assert {violation.key for violation in violations} == {("bad-body", "/*/gmtzone", "name")}


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ({"maxAttempts": 51}, "send 1..50"),
        ({"maxAttempts": 0}, "send 1..50"),
        ({"retryIntervalInMinutes": 3000}, "send 1..2880"),
        ({"dialerPriority": 6}, "send 1..5"),
        ({"maxAttempts": "3"}, "send a whole number, without quotes"),
        ({"gmtZone": 3}, "send text, in quotes"),
        ({"allowedDays": "mon"}, "send a list, also for a single value"),
        ({"allowedDays": []}, "send 1..7 items"),
        ({"allowedDays": ["monday"]}, "did you mean `mon`?"),
        ({"allowedDays": ["x"]}, "send one of mon, tue, wed, thu, fri, sat, sun"),
        ({"startDateTime": "01.02.2026"}, "send an instant such as 2024-04-24T17:42:28Z"),
        ({"localTimeFrom": "9:00"}, "send it in that form"),
        ({"phone": ""}, "send 1..64 characters"),
    ],
)
def test_a_value_in_json_is_told_what_to_send(value: dict[str, Any], fix: str) -> None:
    (violation,) = body("jaicp", JOBS + "/addPhones", [{"phone": "79161234567", **value}])

    assert violation.fix == fix


@pytest.mark.parametrize(
    ("vendor", "path", "fields", "fix"),
    [
        ("callo", f"{ROOT}/phones/call/", {**CALL, "max_call_time": "0"}, "send 1..86400"),
        ("kaleyra", "/v1/", {**DIAL, "retry": "5"}, "send 0..2"),
        ("kaleyra", "/v1/", {**DIAL, "format": "jsno"}, "did you mean `json`?"),
        ("kaleyra", "/v1/", {**DIAL, "format": "yaml"}, "send one of text, json, xml"),
        ("kaleyra", "/v1/", {**DIAL, "delay": "10s"}, "send a whole number"),
        ("kaleyra", "/v1/", {**DIAL, "caller": "95"}, "send it like 9500000000"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "phone": "044-1"}, "write + and 7 to 15 digits alone"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "phone": "+4477009003101234567"}, "write + and 7 to 15"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "label": "two words"}, "use letters, digits"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "label": ""}, "leave `label` out"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "phone": ""}, "send a value for `phone`"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "max_call_time": "1.5"}, "send a whole number, in digits"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "max_call_time": "9" * 30}, "send a smaller number"),
    ],
)
def test_a_value_of_a_form_is_told_what_to_send(
    vendor: str, path: str, fields: dict[str, str], fix: str
) -> None:
    (violation,) = form(vendor, path, fields)

    assert violation.fix.startswith(fix)
    assert "matches" not in violation.asked
    assert "[0-9]" not in violation.asked


PLUS = "encode the + of `{}` as %2B: a bare + in a query or a form means a space"


@pytest.mark.parametrize(
    ("path", "query", "fixes"),
    [
        ("/sms", "createdAfter=2024-04-24T17:42:28.12345678+00:00", [PLUS.format("createdAfter")]),
        ("/numbers", "contains=+33184", [PLUS.format("contains")]),
        ("/numbers", "detached=1", ["send true"]),
        ("/sms", "sid=x", ["send it like callrsid"]),
        ("/webhooks/logs", "sid=ABC", ["send it like callrsid"]),
        ("/numbers", "detached=", ["leave `detached` out"]),
        ("/recordings", "sid=", ["leave `sid` out"]),
    ],
)
def test_a_parameter_of_a_search_is_told_what_to_send(path: str, query: str, fixes: list[str]) -> None:
    violations = judge("callr", Request("GET", f"/v2.0{path}", query, (("x-api-key", "k" * 40),)))

    assert [violation.fix for violation in violations] == fixes


@pytest.mark.parametrize(
    ("query", "fix"),
    [
        ("sid=callrsid,deadbeef", "repeat `sid` for each value"),
        ("sid=callrsid;deadbeef", "repeat `sid` for each value"),
        ("sid=x", "send it like callrsid"),
        ("sid=", "send a value for `sid`"),  # without one all recordings are meant: never say to leave it out
        ("sid=callrsid&sid=", "leave the empty item of `sid` out"),
    ],
)
def test_a_list_that_repeats_its_name_is_told_so(query: str, fix: str) -> None:
    violations = judge("callr", Request("DELETE", "/v2.0/recordings", query, (("x-api-key", "k" * 40),)))

    assert violations[0].fix == fix


@pytest.mark.parametrize(
    ("asked", "fixes"),
    [
        ("call_ids=1%3B2", ["separate `call_ids` by commas"]),
        ("call_ids=1%2C", ["leave the empty item of `call_ids` out"]),
        ("call_id=1%2C2", ["send several as `call_ids`"]),
        ("call_id=1&call_ids=", ["leave `call_ids` out"]),
        ("call_ids=", ["send a value for `call_ids`"]),
        ("call_id=1&call_ids=2", ["leave one of `call_id` and `call_ids` out"]),
    ],
)
def test_a_value_of_a_list_is_told_what_to_send(asked: str, fixes: list[str]) -> None:
    query = f"public_key={CALL['public_key']}&{asked}"
    violations = judge("callo", Request("GET", f"{ROOT}/phones/call_by_id/", query))

    assert [violation.fix for violation in violations] == fixes


@pytest.mark.parametrize(
    ("text", "name", "fix"),
    [
        (b"Tom+&+Jerry+wait", " Jerry wait", "encode the & before it as %26, if it is the rest of `text`"),
        (b"Tom & Jerry = two", " Jerry ", "encode the & before it as %26, if it is the rest of `text`"),
        (
            b"A&B",
            "B",
            "leave `B` out, or encode the & before it as %26, if it is the rest of `text`",
        ),
    ],
)
def test_the_rest_of_a_value_that_an_ampersand_ended_is_told(text: bytes, name: str, fix: str) -> None:
    content = urlencode(CALL).encode() + b"&text=" + text
    (violation,) = judge(
        "callo", Request("POST", f"{ROOT}/phones/call/", "", (("Content-Type", FORM),), content)
    )

    assert (violation.code, violation.where, violation.fix) == ("unknown-parameter", name, fix)


def test_a_list_whose_names_have_brackets_is_one_finding() -> None:
    called = {**KEY, "method": "voice.call", "message": "Hi", "format": "json"}
    (joined,) = form("kaleyra", "/v1/", {**called, "numbers[0]": "9555500301", "numbers[1]": "9555500302"})
    key = (("x-api-key", "k" * 40),)
    (repeated,) = judge(
        "callr", Request("DELETE", "/v2.0/recordings", "sid[]=abcd1234&sid%5B%5D=abcd1235", key)
    )

    assert (joined.code, joined.arrived) == ("missing-choice", "numbers[0], numbers[1]")
    assert joined.fix.startswith("write one `numbers`, several values of which have commas between")
    assert (repeated.code, repeated.where) == ("unknown-parameter", "sid[]")
    assert repeated.fix == "write `sid=a&sid=b`: names with brackets are not read"


@pytest.mark.parametrize("name", ["Phone", "phone "])
def test_a_parameter_that_came_under_its_right_name_too_is_left_out(name: str) -> None:
    (violation,) = form("callo", f"{ROOT}/phones/call/", {**CALL, name: CALL["phone"]})

    assert violation.fix == f"leave `{name}` out: it is silently ignored"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("phone", "+44770090031０", "letter 13 is a digit of another alphabet (FULLWIDTH DIGIT)"),
        (
            "phone",
            "+٤٤٧٧٠٠٩٠٠٣١٠",
            "letter 2 is a digit of another alphabet (ARABIC-INDIC DIGIT), and 11 more",
        ),
        ("campaign_id", "145966676५", "letter 10 is a digit of another alphabet (DEVANAGARI DIGIT)"),
    ],
)
def test_a_digit_of_another_alphabet_is_told_without_the_number(name: str, value: str, kind: str) -> None:
    (violation,) = form("callo", f"{ROOT}/phones/call/", {**CALL, name: value})

    assert violation.fix == f"write 0 to 9: {kind}"


@pytest.mark.parametrize(
    ("method", "fix"),
    [
        ("dial.click2cal", "did you mean `dial.click2call`?"),
        ("voice.cal", "did you mean `voice.call`?"),
        ("followups", "did you mean `followup`?"),
        ("dіal", "write `dial`: letter 2 is U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I"),
    ],
)
def test_a_misspelt_method_is_told_where_it_stands(method: str, fix: str) -> None:
    (violation,) = form("kaleyra", "/v1/", {**DIAL, "method": method})

    assert (violation.code, violation.where, violation.arrived) == ("unknown-operation", "method", method)
    assert violation.fix.startswith(fix)


@pytest.mark.parametrize("method", ["autodial.import", "voice.json"])
def test_a_method_that_takes_another_verb_is_told_the_verb(method: str) -> None:
    (violation,) = judge("kaleyra", Request("GET", "/v1/", urlencode({**KEY, "method": method, "name": "x"})))

    assert (violation.code, violation.arrived, violation.fix) == ("wrong-method", "GET /v1/", "send POST")


@pytest.mark.parametrize("kind", ["", "text/plain"])
@pytest.mark.parametrize("before", ["", "api_key=x&"])
def test_a_form_of_another_type_is_told_which_one(kind: str, before: str) -> None:
    headers = (("Content-Type", kind),) if kind else ()
    (violation,) = judge("kaleyra", Request("POST", "/v1/", "", headers, f"{before}method=dial".encode()))

    sure = "send `method` with the Content-Type application/x-www-form-urlencoded: "
    assert violation.fix == f"{sure}as {kind or 'none'} a form is not read"


@pytest.mark.parametrize("zone", [" 3", " 03:00", " 18:00"])
def test_a_plus_that_came_as_a_blank_is_told_how_to_write_it(zone: str) -> None:
    query = urlencode({"phone": "79161234567", "gmtZone": zone})
    (violation,) = judge("jaicp", Request("GET", f"/api/crmCalls/campaign/{TOKEN}/addPhone", query))

    assert violation.fix == "encode the + of `gmtZone` as %2B: a bare + in a query or a form means a space"


@pytest.mark.parametrize(
    ("path", "fix"),
    [
        (f"{JOBS}//addPhones", "call /api/calls/campaign/{token}/addPhones"),
        (f"/{JOBS}/addPhones", "call /api/calls/campaign/{token}/addPhones"),
        ("/api/calls/campaign//addPhones", "did you mean POST /api/calls/campaign/{token}/addPhones?"),
    ],
)
def test_a_doubled_slash_is_told_apart_from_an_empty_token(path: str, fix: str) -> None:
    (violation,) = body("jaicp", path, [])

    assert violation.fix == fix


@pytest.mark.parametrize("name", ["METHOD", "methods", "metod"])
def test_a_misspelt_name_of_the_method_is_told_as_that(name: str) -> None:
    (violation,) = form("kaleyra", "/v1/", {**KEY, name: "dial"})

    assert (violation.where, violation.fix) == ("method", f"write `{name}` as `method`")


def test_no_method_at_all_is_told_as_that() -> None:
    (violation,) = form("kaleyra", "/v1/", KEY)

    assert (violation.where, violation.arrived, violation.fix) == ("method", "nothing", "send `method`")


def test_a_missing_and_an_unknown_parameter_that_fit_are_one_finding() -> None:
    fields = {**KEY, "method": "autodial.add", "name": "x", "phone": "9900000000", "meta": "{}"}
    (violation,) = form("kaleyra", "/v1/", fields)

    assert (violation.code, violation.where) == ("missing-parameter", "number")
    assert (violation.arrived, violation.fix) == ("`phone`, which is unknown", "did you mean `number`?")


def test_two_slips_that_have_nothing_in_common_stay_two() -> None:
    fields = {name: value for name, value in CALL.items() if name != "phone"}
    violations = form("callo", f"{ROOT}/phones/call/", {**fields, "hook": "https://example.com"})

    assert [violation.code for violation in violations] == ["missing-parameter", "unknown-parameter"]


def test_a_look_alike_letter_in_a_name_is_told_by_its_code_point() -> None:
    fields = {name.replace("campaign", "сampaign"): value for name, value in CALL.items()}
    (violation,) = form("callo", f"{ROOT}/phones/call/", fields)

    assert violation.where == "campaign_id"
    assert "letter 1 is U+0441 CYRILLIC SMALL LETTER ES, not U+0063" in violation.fix


def test_a_look_alike_letter_in_a_name_inside_json_is_told_too() -> None:
    (violation,) = body("jaicp", JOBS + "/addPhones", [{"phone": "79161234567", "maxАttempts": 3}])

    assert "letter 4 is U+0410 CYRILLIC CAPITAL LETTER A" in violation.fix


@pytest.mark.parametrize("raw", ["http://h/?a={x}&to={y}", "https://h/cb?id=7&caller={caller}"])
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_address_that_was_not_encoded_is_the_one_cause(verb: str, raw: str) -> None:
    text = f"{urlencode(DIAL)}&callback={raw}"
    sent = (text, (), b"") if verb == "GET" else ("", (("Content-Type", FORM),), text.encode())
    (violation,) = judge("kaleyra", Request(verb, "/v1/", *sent))

    assert (violation.code, violation.where) == ("unencoded-address", "callback")
    assert violation.fix.startswith("encode the whole address: callback=http")
    assert "%3A%2F%2Fh%2F" in violation.fix


@pytest.mark.parametrize("more", [{"meta": '{"a": 1}'}, {"custom": "x"}])
def test_what_stands_behind_a_half_encoded_address_is_no_part_of_it(more: dict[str, str]) -> None:
    query = f"{urlencode(DIAL)}&callback=http://h/?a={{caller}}&{urlencode(more)}"

    assert judge("kaleyra", Request("GET", "/v1/", query)) == []


def test_a_misspelt_parameter_behind_an_address_is_its_own_cause() -> None:
    (violation,) = judge(
        "kaleyra", Request("GET", "/v1/", f"{urlencode(DIAL)}&callback=http://h/?a=1&formta=json")
    )

    assert (violation.code, violation.fix) == ("unknown-parameter", "did you mean `format`?")


def test_an_address_with_a_query_that_is_encoded_is_in_order() -> None:
    assert form("kaleyra", "/v1/", {**DIAL, "callback": "http://h/?a={caller}&to={receiver}"}) == []


@pytest.mark.parametrize(
    ("query", "value", "name", "right"),
    [
        ("", {"text": "hi", "to": "+33639980001"}, "to", "query"),
        ("to=%2B33639980001", {"text": "hi", "encoding": "gsm"}, "encoding", "query"),
        ("to=%2B33639980001&text=hi", {}, "text", "body"),
    ],
)
def test_a_parameter_in_the_wrong_place_is_told_the_right_one(
    query: str, value: Any, name: str, right: str
) -> None:
    (violation,) = body("callr", "/v2.0/sms", value, query)

    assert (violation.code, violation.where) == ("misplaced-parameter", name)
    assert violation.fix.startswith(f"send `{name}` in the {right}")


def test_a_parameter_that_came_in_the_right_place_too_is_not_misplaced() -> None:
    (violation,) = body("callr", "/v2.0/sms", {"text": "hi", "to": "+33639980001"}, "to=%2B33639980001")

    assert (violation.code, violation.where) == ("bad-body", "/to")


@pytest.mark.parametrize("path", ["/addPhones", "/status", "/callJob/getReport", ""])
def test_a_token_in_a_header_belongs_in_the_path(path: str) -> None:
    verb = "GET" if path in ("/status", "") else "POST"
    headers = (("Authorization", f"Bearer {TOKEN}"),)
    (violation,) = judge("jaicp", Request(verb, f"/api/calls/campaign{path}", "", headers))

    assert (violation.code, violation.where) == ("misplaced-parameter", "token")
    assert violation.fix == f"the token belongs in the path: {verb} /api/calls/campaign/{{token}}{path}"


def test_a_token_in_the_query_belongs_in_the_path_too() -> None:
    (violation,) = judge("jaicp", Request("GET", "/api/calls/campaign/status", f"token={TOKEN}"))

    assert (violation.code, violation.arrived) == ("misplaced-parameter", "it came in the parameter token")


def test_a_verb_that_no_document_has_is_our_reading() -> None:
    (violation,) = judge("jaicp", Request("PUT", JOBS + "/addPhones"))

    assert (violation.code, violation.provenance) == ("wrong-method", "inferred")
    assert violation.asked == "POST /api/calls/campaign/{token}/addPhones"


def test_the_one_allowed_value_of_a_flag_is_told_as_it_is_written() -> None:
    (violation,) = judge("callr", Request("GET", "/v2.0/numbers", "detached=false"))

    assert (violation.asked, violation.fix) == ("true", "send true")


def test_a_client_of_ours_may_have_its_own_query_where_a_callback_goes() -> None:
    content = json.dumps({"type": "v2.task.updated"}).encode()
    request = Request("POST", "/hook", "type=7&next=http://h/?a=1&b=2", (("Content-Type", JSON),), content)
    violations = check_delivery(CONTRACTS["callr"], request)[1]

    assert {violation.code for violation in violations} == {"bad-body"}


@pytest.mark.parametrize(
    ("vendor", "verb", "path", "fix"),
    [
        ("callr", "GET", "/ping", "your base URL is too short: put `/v2.0` in front"),
        ("callr", "GET", "/webhooks/abcdefgh", "your base URL is too short: put `/v2.0` in front"),
        ("jaicp", "POST", f"/{TOKEN}/addPhones", "your base URL is too short: put `/api/calls/campaign` in"),
        (
            "callo",
            "POST",
            "/phones/call",
            "your base URL is too short: put `/manager/cabapi_external/api/v1` in",
        ),
        ("callr", "GET", "/v2.0/v2.0/ping", "`/v2.0` stands twice, in your base URL and in the path"),
        ("callr", "GET", "/api/v2.0/ping", "`/api` is too much"),
        ("callr", "GET", "/v2.0/webhoks", "did you mean GET /v2.0/webhooks?"),
        ("callr", "GET", "/v2.0/webhoks/abcdefgh", "did you mean GET /v2.0/webhooks/{sid}?"),
        ("callr", "GET", "/v2.0/рing", "letter 7 is U+0440 CYRILLIC SMALL LETTER ER"),
        ("callr", "GET", "/", "your base URL ends too early: all paths begin with /v2.0"),
        ("kaleyra", "GET", "/", "your base URL ends too early: all paths begin with /v1 or /api/v1"),
        ("callr", "GET", "/nothing/like/it/at/all", "look the path up in the document"),
    ],
)
def test_a_path_nobody_knows_is_told_what_is_wrong_with_it(
    vendor: str, verb: str, path: str, fix: str
) -> None:
    (violation,) = judge(vendor, Request(verb, path))

    assert (violation.code, violation.where, violation.provenance) == (
        "unknown-operation",
        "path",
        "inferred",
    )
    assert violation.fix.startswith(fix)


def test_a_shared_address_without_its_beginning_is_known_by_its_method() -> None:
    (violation,) = form("kaleyra", "/", DIAL)

    assert violation.fix.startswith("your base URL is too short: put `/v1` in front")


@pytest.mark.parametrize(
    "paths", [("/ping", "/sms"), ("/numbers/7", "/numbers/8"), ("/v2.0/zz/71", "/v2.0/zz/8")]
)
def test_one_slip_in_many_paths_has_one_key(paths: tuple[str, str]) -> None:
    first, second = (judge("callr", Request("GET", path))[0] for path in paths)

    assert first.key == second.key


@pytest.mark.parametrize(
    ("vendor", "path", "fields", "mark"),
    [
        ("callo", f"{ROOT}/phones/call/", {**CALL, "label": "two words"}, "documented"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "phone": "1"}, "inferred"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "public_key": "1"}, "observed"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "record": "yes"}, "inferred"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "max_call_time": "0"}, "inferred"),
        ("callo", f"{ROOT}/phones/call/", {**CALL, "hook": "1"}, "inferred"),
        ("kaleyra", "/v1/", {**DIAL, "retry": "3"}, "documented"),
        ("kaleyra", "/v1/", {**DIAL, "retry": "-1"}, "inferred"),
        ("kaleyra", "/v1/", {**DIAL, "caller": "1"}, "inferred"),
        ("kaleyra", "/v1/", {**DIAL, "format": "yaml"}, "documented"),
        ("kaleyra", "/v1/", {**KEY, "method": "dial.click2call", "caller": "9500000000"}, "documented"),
    ],
)
def test_each_keyword_is_as_sure_as_its_own_mark(
    vendor: str, path: str, fields: dict[str, str], mark: str
) -> None:
    (violation,) = form(vendor, path, fields)

    assert violation.provenance == mark


def test_a_finding_shows_a_request_that_keeps_the_contract() -> None:
    (violation,) = body("callr", "/v2.0/sms", {"text": ""}, "to=%2B33639980001")

    assert violation.example == 'POST /v2.0/sms?to=%2B33199001234 {"text": "Hello world!"}'


@pytest.mark.parametrize("vendor", CONTRACTS)
def test_what_a_contract_says_itself_is_never_masked_as_a_number(vendor: str) -> None:
    contract, mask = CONTRACTS[vendor], NumberMask("salt")
    sentences = [words for error in contract.errors.values() for words in (error.text, error.when, error.fix)]
    sentences += [words for loss in contract.losses.values() for words in (loss.when, loss.fix)]
    sentences += [write_range(0, bound, "") for bound in (999_999, 1_000_000, 2**31 - 1, 2**63 - 1)]

    assert [words for words in sentences if mask.hide(words) != words] == []


AT = "2026-03-02T10:00:00Z"


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("callJob/getReportByDate", {"createdAtFrom": AT}, "put `createdAtFrom` into `filter`"),
        ("callJob/getReportByDate", {"filter": {}, "page": 1}, "put `page` into `pagination`"),
        ("addPhones", [{"phone": "79161234567", "mon": []}], "put `mon` into `allowedTime`"),
        ("callJob/getUnfinished", {"pagination": {"page": 1}}, "put what `pagination` holds in its place"),
    ],
)
def test_a_key_at_another_depth_is_told_its_place(name: str, value: Any, fix: str) -> None:
    (violation,) = body("jaicp", f"{JOBS}/{name}", value)

    assert (violation.fix, violation.severity) == (fix, "error")


@pytest.mark.parametrize(
    ("name", "parameters", "fix"),
    [
        ("call_by_id", {"call_id": "170925203120219,170925203120220"}, "send several as `call_ids`"),
        ("calls_by_phone", {"phone": "+380123456789, +380123456788"}, "send several as `phones`"),
        ("call_by_id", {"call_id": "170925203120219", "expand": "true"}, "send one of 0, 1"),
        ("calls_by_phone", {"phone": "%2B380123456789"}, "encode `phone` once: it came encoded twice"),
        (
            "all_calls",
            {"from_updated_date": "2026-03-02%2010:00:00"},
            "encode `from_updated_date` once: it came encoded twice",
        ),
    ],
)
def test_a_value_of_a_query_is_told_what_became_of_it(
    name: str, parameters: dict[str, str], fix: str
) -> None:
    known = {"public_key": "0123456789abcdef0123456789abcdef"}
    known |= {"campaign_id": "1127902348"} if name != "call_by_id" else {}
    (violation,) = judge("callo", Request("GET", f"{ROOT}/phones/{name}/", urlencode(known | parameters)))

    assert violation.fix == fix


def test_an_instant_that_came_as_a_number_is_told_its_form() -> None:
    job = {"phone": "79161234567", "startDateTime": 1_772_445_600_000}
    (violation,) = body("jaicp", JOBS + "/addPhones", [job])

    assert violation.fix == "send an instant such as 2024-04-24T17:42:28Z, in quotes"


def test_a_file_that_came_as_text_of_a_form_is_told_to_be_a_part() -> None:
    fields = {"public_key": "0123456789abcdef0123456789abcdef", "campaign_id": "1127902348"}
    (violation,) = form("callo", f"{ROOT}/phones/append/calls/", fields | {"phones_file": "+380123456789"})

    assert (violation.code, violation.where) == ("wrong-part", "phones_file")
    assert violation.fix == "send `phones_file` as a part of multipart/form-data with a file name"


@pytest.mark.parametrize("value", ["x" * 300_000, 10**70, json.loads("[" * 70 + "]" * 70)])
def test_json_that_is_more_than_we_take_is_not_told_to_be_broken(value: Any) -> None:
    (violation,) = body("jaicp", JOBS + "/addPhones", [{"phone": "79161234567", "payload": {"a": value}}])

    assert violation.fix == "send less: it is JSON, and more than this simulator takes"
    assert violation.provenance == "inferred"
