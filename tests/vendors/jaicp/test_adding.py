from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from simulator.telephony.policies import Clearance, Policy
from tests.vendors.customers import JSON
from tests.vendors.jaicp.desk import OTHER, PHONE, TOKEN, Desk, open_desk, read, refusal


@pytest.fixture
def desk() -> Desk:
    return open_desk()


def policy_of(desk: Desk, **terms: Any) -> Policy:
    (job,) = desk.add(PHONE, **terms)
    assert [code for code in desk.findings if code != "silent-loss"] == []
    return desk.account.call(job).order.policy


def test_ids_are_strings_in_the_order_of_the_numbers(desk: Desk) -> None:
    phones = [str(79160000000 + place) for place in range(50)]

    jobs = desk.add(*phones)

    assert all(isinstance(job, str) and job.isdigit() for job in jobs)
    assert [desk.job(job)["phone"] for job in jobs] == phones
    assert len(set(jobs)) == 50


@pytest.mark.parametrize(
    "sent", ["79161234567", 79161234567, "+7 (916) 123-45-67", "89161234567", 89161234567]
)
def test_a_number_is_text_or_a_number_and_comes_back_in_one_form(desk: Desk, sent: object) -> None:
    (job,) = desk.add(sent)

    assert desk.job(job)["phone"] == "79161234567"


def test_a_number_added_again_makes_a_new_job(desk: Desk) -> None:
    first, second = desk.add(PHONE), desk.add(PHONE)

    assert first != second
    assert len(read(desk.post("callJob/getReport", {"phones": [PHONE]}))) == 2


def test_an_empty_list_adds_nothing(desk: Desk) -> None:
    assert desk.add() == []


@pytest.mark.parametrize(
    ("terms", "policy"),
    [
        (
            {"maxAttempts": 50, "retryIntervalInMinutes": 2880},
            Policy(attempts=50, retry_after=timedelta(days=2)),
        ),
        ({"dialerPriority": 1.0}, Policy(priority=1)),
        ({"gmtZone": "Asia/Tokyo"}, Policy(zone="Asia/Tokyo")),
        ({"startDateTime": "2026-03-23T03:00:00+03:00"}, Policy(earliest=datetime(2026, 3, 23, tzinfo=UTC))),
        ({"finishDateTime": "2026-03-23t00:00:00z"}, Policy(latest=datetime(2026, 3, 23, tzinfo=UTC))),
        (
            {"externalCheck": {"externalCheckUrl": "http://c/x", "externalCheckMaxRetries": 2}},
            Policy(clearance=Clearance("http://c/x", (timedelta(seconds=10),) * 2)),
        ),
        ({"payload": {"name": "Анна"}, "maxAttempts": None}, Policy()),
    ],
)
def test_each_term_of_a_number_is_kept(desk: Desk, terms: dict[str, Any], policy: Policy) -> None:
    (job,) = desk.add(PHONE, **terms)

    assert desk.account.call(job).order.policy == policy
    assert desk.account.call(job).order.payload == terms.get("payload")


@pytest.mark.parametrize(
    ("spelt", "zone"),
    [
        *(("Z", "UTC"), ("+3", "+03:00:00"), ("-11", "-11:00:00"), ("+0530", "+05:30:00")),
        *(("+05:30", "+05:30:00"), ("GMT+3", "+03:00:00"), ("UTC-03:30", "-03:30:00"), ("UT", "UTC")),
        *(("+013000", "+01:30:00"), ("+18:00", "+18:00:00"), ("Europe/Moscow", "Europe/Moscow")),
    ],
)
def test_a_zone_has_many_spellings(desk: Desk, spelt: str, zone: str) -> None:
    assert policy_of(desk, gmtZone=spelt).zone == zone


def hours(opens: str, closes: str) -> dict[str, str]:
    return {"localTimeFrom": opens, "localTimeTo": closes}


def test_hours_come_by_day_and_by_default_and_other_days_are_left_out(desk: Desk) -> None:
    days = {"mon": [hours("13:00", "14:00"), hours("09:00", "12:00")], "default": [hours("10:00", "11:00")]}
    days["sun"] = [hours("01:00", "02:00")]

    windows = policy_of(desk, allowedDays=["mon", "wed"], allowedTime=days).windows

    monday = ((time(9), time(12)), (time(13), time(14)))
    assert windows == {0: monday, 2: ((time(10), time(11)),)}


def test_days_that_hours_leave_open_are_the_campaigns(desk: Desk) -> None:
    windows = policy_of(desk, allowedTime={"sat": [hours("10:00", "12:00")]}).windows

    assert windows is not None
    assert windows[5] == ((time(10), time(12)),)
    assert windows[0] == desk.campaign.hours.windows[0]


def test_the_deprecated_pair_is_still_taken(desk: Desk) -> None:
    windows = policy_of(desk, **hours("09:00", "18:00")).windows

    assert windows == dict.fromkeys(range(7), ((time(9), time(18)),))


BAD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"phone": "12"}, {"type": "phone.bad.format", "phone": "12"}),
    ({"phone": "seven"}, {"type": "phone.bad.format", "phone": "seven"}),
    ({"phone": -5}, {"type": "phone.bad.format", "phone": "-5"}),
    ({"phone": -79161234567}, {"type": "phone.bad.format", "phone": "-79161234567"}),
    ({"gmtZone": "Mars"}, {"type": "phone.gmtZone.bad.format", "phone": PHONE, "gmtZone": "Mars"}),
    ({"gmtZone": "+18:01"}, {"type": "phone.gmtZone.bad.format", "gmtZone": "+18:01"}),
    ({"gmtZone": "+99"}, {"type": "phone.gmtZone.bad.format"}),
    *(
        ({"gmtZone": zone}, {"type": "phone.gmtZone.bad.format"})
        for zone in ("+3:00", "+330", "+03:0000", "UTCZ")
    ),
    ({"gmtZone": 3}, {"type": "phone.gmtZone.bad.format", "gmtZone": "3"}),
    ({"dialerPriority": 0}, {"type": "invalid.dialer_priority"}),
    ({"dialerPriority": 6}, {"type": "invalid.dialer_priority"}),
    (
        {"allowedTime": {"mon": [hours("09:00", "12:00"), hours("11:00", "13:00")]}},
        {"type": "invalid.call.allowed.time"},
    ),
    ({"allowedTime": {"mon": [hours("12:00", "09:00")]}}, {"type": "invalid.call.allowed.time"}),
    ({"allowedTime": {"mon": []}}, {"error": "request.invalid"}),
    ({"allowedTime": {"monday": [hours("09:00", "12:00")]}}, {"error": "request.invalid"}),
    ({"allowedTime": {"mon": [{"localTimeFrom": "09:00"}]}}, {"error": "request.invalid"}),
    ({"allowedTime": {"mon": [hours("9:00", "24:00")]}}, {"error": "request.invalid"}),
    ({"allowedTime": []}, {"error": "request.invalid"}),
    ({"allowedDays": []}, {"error": "request.invalid"}),
    ({"allowedDays": ["Mon"]}, {"error": "request.invalid"}),
    ({"maxAttempts": 0}, {"error": "request.invalid"}),
    ({"maxAttempts": 51}, {"error": "request.invalid"}),
    ({"maxAttempts": "3"}, {"error": "request.invalid"}),
    ({"maxAttempts": True}, {"error": "request.invalid"}),
    ({"retryIntervalInMinutes": 2881}, {"error": "request.invalid"}),
    ({"startDateTime": "2026-03-23"}, {"error": "request.invalid"}),
    ({"startDateTime": "2026-02-30T00:00:00Z"}, {"error": "request.invalid"}),
    ({"startDateTime": "0001-01-01T00:00:00+10:00"}, {"error": "request.invalid"}),
    (
        {"startDateTime": "2026-03-23T00:00:00Z", "finishDateTime": "2026-03-23T00:00:00Z"},
        {"error": "request.invalid"},
    ),
    ({"payload": []}, {"error": "request.invalid"}),
    ({"externalCheck": {}}, {"error": "request.invalid"}),
    ({"externalCheck": {"externalCheckUrl": "ftp://c"}}, {"error": "request.invalid"}),
    ({"externalCheck": {"externalCheckUrl": "http://[c"}}, {"error": "request.invalid"}),
    ({"phone": None}, {"error": "request.invalid"}),
    ({"phone": ""}, {"error": "request.invalid"}),
    ({"phone": 1.5}, {"error": "request.invalid"}),
    ({"phone": {}}, {"error": "request.invalid"}),
]


@pytest.mark.parametrize(("wrong", "fields"), BAD, ids=lambda entry: str(entry)[:60])
def test_one_bad_element_refuses_the_lot_and_adds_nothing(
    desk: Desk, wrong: dict[str, Any], fields: dict[str, Any]
) -> None:
    envelope = refusal(desk.post("addPhones", [{"phone": OTHER}, {"phone": PHONE, **wrong}]))

    assert envelope.items() >= fields.items()
    assert envelope["message"]
    assert desk.campaign.calls == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"maxAttempts": 51}, "[1].maxAttempts"),
        ({"phone": None}, "[1].phone"),
        ({"allowedTime": {"mon": [{"localTimeFrom": "9"}]}}, "[1].allowedTime.mon.localTimeFrom"),
        ({"externalCheck": {}}, "[1].externalCheck.externalCheckUrl"),
        (
            {"externalCheck": {"externalCheckUrl": "http://c/", "externalCheckMaxRetries": -1}},
            "[1].externalCheck.externalCheckMaxRetries",
        ),
    ],
)
def test_a_refused_field_is_told_with_its_place(desk: Desk, wrong: dict[str, Any], field: str) -> None:
    envelope = refusal(desk.post("addPhones", [{"phone": OTHER}, {"phone": PHONE, **wrong}]))

    assert envelope["args"] == {"field": field}
    assert envelope["message"].startswith(f"{field}: ")


def test_a_job_without_an_end_may_say_so_by_a_date_that_never_comes(desk: Desk) -> None:
    (job,) = desk.add(PHONE, finishDateTime="9999-12-31T23:59:59Z")

    desk.advance(hours=1)

    assert desk.status(job) == "longCallWithNoResult"
    assert desk.findings == ()


def test_an_end_that_the_worlds_clock_has_passed_is_told(desk: Desk) -> None:
    jobs = [{"phone": PHONE, "finishDateTime": "2026-03-02T10:00:00Z"}, {"phone": OTHER}]

    late, in_time = desk.post("addPhones", jobs), desk.post("addPhones", [{"phone": OTHER}])

    assert late.remark == "clock: it is 2026-03-02T10:00:00+00:00 here, after finishDateTime of 1 of 2 jobs"
    assert in_time.remark is None


def test_a_number_twice_in_one_list_is_told_with_all_of_its_kind(desk: Desk) -> None:
    envelope = refusal(desk.post("addPhones", [{"phone": PHONE}, {"phone": int(PHONE)}, {"phone": OTHER}]))

    assert (envelope["type"], envelope["phone"], envelope["phonesDuplicates"]) == (
        "phone.duplicated",
        PHONE,
        [PHONE],
    )
    assert desk.campaign.calls == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"\xff",
        b"{}",
        b"null",
        b'["79161234567"]',
        b'[{"phone": "1", "phone": "2"}]',
        b"[" * 100,
        b"NaN",
    ],
)
def test_what_is_no_list_of_jobs_is_refused_in_the_other_envelope(desk: Desk, body: bytes) -> None:
    envelope = refusal(desk.ask("POST", f"/api/calls/campaign/{TOKEN}/addPhones", body=body, kind=JSON))

    assert envelope["error"] in ("request.malformed", "request.invalid")
    assert set(envelope) == {"error", "message", "args"}


def test_a_body_of_another_type_is_refused_and_a_breach(desk: Desk) -> None:
    answer = desk.ask("POST", f"/api/calls/campaign/{TOKEN}/addPhones", body=b"[]", kind="text/plain")

    assert refusal(answer)["error"] == "request.malformed"
    assert "wrong-body-type" in desk.findings


def test_a_stopped_campaign_takes_no_numbers(desk: Desk) -> None:
    read(desk.post("control/stop"))

    envelope = refusal(desk.post("addPhones", [{"phone": PHONE}]))

    assert (envelope["type"], envelope["state"]) == ("invalid.call.task.state", "FINISHED")


@pytest.mark.parametrize("token", ["1.2.unknown", "nonsense", "123456.789.m", "%00", "x" * 200])
def test_a_token_that_opens_nothing_is_not_found(desk: Desk, token: str) -> None:
    desk.world.rules = desk.world.rules.__class__()

    envelope = refusal(desk.post("addPhones", [{"phone": PHONE}], token=token), 404)

    assert envelope["type"] == "invalid.token"


def test_a_key_brings_the_first_answer_again_for_a_day(desk: Desk) -> None:
    first = desk.post("addPhones", [{"phone": PHONE}], key="k1").body
    again = desk.post("addPhones", [{"phone": OTHER}], key="k1").body
    other = desk.post("addPhones", [{"phone": PHONE}], key="k2").body
    desk.advance(hours=25)
    later = desk.post("addPhones", [{"phone": PHONE}], key="k1").body

    assert first == again
    assert len({first, other, later}) == len(desk.campaign.calls) == 3


def test_a_key_is_kept_to_the_last_second_of_its_day(desk: Desk) -> None:
    first = desk.post("addPhones", [{"phone": PHONE}], key="k1").body
    desk.advance(hours=23, minutes=59, seconds=59)
    kept = desk.post("addPhones", [{"phone": PHONE}], key="k1").body
    desk.advance(seconds=1)

    assert kept == first
    assert desk.post("addPhones", [{"phone": PHONE}], key="k1").body != first


@pytest.mark.parametrize("body", [{"phone": PHONE}, [PHONE], [{"phone": True}], [{"phone": ""}], [{}]])
def test_what_the_page_does_not_say_of_a_list_is_never_called_documented(desk: Desk, body: Any) -> None:
    desk.post("addPhones", body)

    assert {violation.provenance for violation in desk.accused} <= {"observed", "inferred"}
