from __future__ import annotations

from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.exchange import Answer, Exchange, Request, Violation
from tests.conformance.documents import contract, operation
from tests.conformance.exchanges import ADDED, CALL, HEADERS, KEY, ROW, answer, exchange, get, post, refusal

CALLED = post("/phones/call/", CALL)
BY_ID = get("/phones/call_by_id/", {"public_key": KEY, "call_id": "170925203120219"})
LIST = get("/phonelists/call_ids_by_phonelist/", {"public_key": KEY, "campaign_id": "1", "phonelist_id": "2"})


def judge(contract: Contract, judged: Exchange) -> Violation:
    """Return the one breach that the judge finds, which is never the client's."""
    (violation,) = check(contract, judged)
    assert violation.blame == "simulator"
    return violation


def test_a_status_that_the_document_lacks_is_a_breach(callo: Contract) -> None:
    violation = judge(callo, exchange(CALLED, answer("", 503)))

    assert (violation.code, violation.arrived) == ("undocumented-status", "503")


def test_an_answer_that_a_fault_spoilt_is_not_judged(callo: Contract) -> None:
    assert check(callo, exchange(CALLED, answer("", 503), rule="fault flaky.yaml:12")) == []


def test_an_answer_of_another_type_is_a_breach(callo: Contract) -> None:
    violation = judge(
        callo, exchange(CALLED, answer(ADDED, headers={**HEADERS, "Content-Type": "text/html"}))
    )

    assert (violation.code, violation.asked) == ("wrong-content-type", "application/json")


def test_the_rate_limit_answers_a_page_and_never_json(callo: Contract) -> None:
    page = answer("<h1>429 Too Many Requests</h1>", 429, {"Content-Type": "text/html"})

    assert check(callo, exchange(CALLED, page)) == []
    assert judge(callo, exchange(CALLED, answer({}, 429))).code == "wrong-content-type"


@pytest.mark.parametrize("name", ["Server", "X-Frame-Options", "Content-Language", "Vary"])
def test_a_documented_header_must_be_there(callo: Contract, name: str) -> None:
    headers = {key: value for key, value in HEADERS.items() if key != name}
    violation = judge(callo, exchange(CALLED, answer(ADDED, headers=headers)))

    assert (violation.code, violation.where) == ("missing-header", name)


def test_a_documented_header_must_have_its_value(callo: Contract) -> None:
    violation = judge(callo, exchange(CALLED, answer(ADDED, headers={**HEADERS, "Server": "waitress"})))

    assert (violation.code, violation.where, violation.asked) == ("bad-header", "Server", "gunicorn/19.9.0")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("call_id", "999999999999999"),
        ("call_id", 12),
        ("balance", 333.333333),
        ("balance", "333.33"),
        ("created", "2019-06-18T10:00:36Z"),
        ("created", "2019-06-18T10:00:36.667Z\n"),
        ("phone", "380123456789"),
        ("callerid", 1),
        ("audioclip_id", "1"),
    ],
)
def test_a_value_off_its_schema_is_told_by_its_pointer(callo: Contract, key: str, value: Any) -> None:
    violation = judge(callo, exchange(CALLED, answer({**ADDED, key: value})))

    assert (violation.code, violation.where) == ("bad-answer", f"/{key}")
    assert violation.source.startswith("contracts/callo/openapi.yaml#/components/schemas/")


@pytest.mark.parametrize("body", [{**ADDED, "extra": 1}, {"status": "ok", "data": ADDED}, [ADDED]])
def test_an_answer_with_more_or_less_than_documented_is_a_breach(callo: Contract, body: Any) -> None:
    violations = check(callo, exchange(CALLED, answer(body)))

    assert {violation.code for violation in violations} == {"bad-answer"}


@pytest.mark.parametrize(
    "body", ["{", "NaN", '{"a": 1e999', "[" * 100_000, "[" * 900 + "]" * 900], ids=range(5)
)
def test_an_answer_that_is_not_json_is_a_breach_and_never_an_exception(callo: Contract, body: str) -> None:
    assert judge(callo, exchange(CALLED, answer(body))).code == "bad-answer"


def test_a_row_deep_inside_is_named_by_its_pointer_with_what_came(callo: Contract) -> None:
    rows = [ROW, {**ROW, "duration": "+380123456789"}]
    violation = judge(callo, exchange(BY_ID, answer(rows)))

    assert violation.where == "/1/duration"
    assert violation.arrived == '"+380123456789"'


def test_a_thousand_wrong_rows_give_twenty_breaches(callo: Contract) -> None:
    violations = check(callo, exchange(BY_ID, answer([{}] * 1000)))

    assert len(violations) == 20


def test_statistics_may_carry_a_status_of_the_users_own(callo: Contract) -> None:
    rows = [{"status": status, "name": "x", "count": 1, "percent": 50} for status in ("1", "user", 5, "all")]
    stats = {"status": "ok", "data": {"dial_statuses": rows, "call_statuses": rows}}
    fields = {
        "public_key": KEY,
        "campaign_id": "1",
        "from_date": "2019-11-24",
        "to_date": "2019-12-24 20:35:24",
    }

    assert check(callo, exchange(get("/phones/camp_stats/", fields), answer(stats))) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("phoneval,ats_call_id,created\r\n", []),
        ("phoneval,ats_call_id,created\r\n+380123456789,999999999999999,2019-06-18T10:00:36.667Z\r\n", []),
        ("phone,call_id,created\r\n", ["bad-answer"]),
        ("phoneval,ats_call_id,created\r\n380123456789,1,2019\r\n", ["bad-answer"]),
    ],
)
def test_a_list_of_ids_is_a_csv_with_three_columns(callo: Contract, text: str, codes: list[str]) -> None:
    violations = check(callo, exchange(LIST, answer(text, headers={"Content-Type": "text/csv"})))

    assert [violation.code for violation in violations] == codes


@pytest.mark.parametrize(
    "text",
    [
        "Calls count to camp_id:1127902348, +380123456789 is excess (limit 1/60sec)",
        "Form isn't valid: * phone\n  * This field is required.",
        "Form isn't valid: * phone\n  * This field is required.\n* label\n  * Duplicate label",
    ],
)
def test_documented_words_of_a_refusal_are_in_order_even_several(callo: Contract, text: str) -> None:
    assert check(callo, exchange(CALLED, refusal(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Campaign by id=1127902348 not found",
        "Form isn't valid: * page\n  * Enter a whole number.",
        "Form isn't valid: * phone\n  * This field is required.\n* phone\n  * Wrong",
    ],
)
def test_words_that_the_document_lacks_are_a_breach_of_ours(callo: Contract, text: str) -> None:
    violation = judge(callo, exchange(CALLED, refusal(text)))

    assert (violation.code, violation.provenance) == ("unknown-error-text", "inferred")


def test_the_answer_to_a_head_has_no_body_to_judge(callo: Contract) -> None:
    request = get("/users/balance/", {"public_key": KEY})
    head = Answer(200, b"", (("Content-Type", "application/json"),))

    assert check(callo, exchange(type(request)("HEAD", request.path, request.query), head)) == []


@pytest.mark.parametrize(("status", "codes"), [(200, []), (204, []), (302, ["undocumented-status"])])
def test_a_class_of_statuses_stands_for_each_of_them(status: int, codes: list[str]) -> None:
    answers = {"2XX": {"description": "Done.", "x-provenance": "inferred"}}
    known = contract({"/x": {"get": operation("x", responses=answers)}})

    violations = check(known, exchange(Request("GET", "/x"), Answer(status)))

    assert [violation.code for violation in violations] == codes
