"""What a number's terms say of hours, and what they leave to its campaign."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from simulator.telephony.people import Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import AllowedHours
from tests.vendors.jaicp.desk import OTHER, PHONE, Desk, open_desk, read

NINE_TO_SIX = ((time(9), time(18)),)


def interval(opens: str, closes: str) -> dict[str, str]:
    return {"localTimeFrom": opens, "localTimeTo": closes}


@pytest.fixture
def desk() -> Desk:
    """A campaign that dials from nine to six on weekdays."""
    desk = open_desk()
    desk.campaign.hours = AllowedHours(dict.fromkeys(range(5), NINE_TO_SIX))
    return desk


@pytest.mark.parametrize(
    ("terms", "hours", "days"),
    [
        ({"localTimeTo": "12:00"}, (time(9), time(12)), range(5)),
        ({"localTimeFrom": "17:00"}, (time(17), time(18)), range(5)),
        ({"localTimeTo": "12:00", "allowedDays": ["sat"]}, (time(9), time(12)), [5]),
        ({"localTimeTo": "12:00", "allowedTime": {}}, (time(9), time(12)), range(5)),
        ({"allowedDays": ["tue", "sat"]}, (time(9), time(18)), [1, 5]),
        (interval("08:00", "20:00"), (time(8), time(20)), range(5)),
        ({"allowedTime": {"default": [interval("10:00", "11:00")]}}, (time(10), time(11)), range(5)),
    ],
)
def test_what_terms_leave_out_is_the_campaigns(
    desk: Desk, terms: dict[str, Any], hours: tuple[time, time], days: Any
) -> None:
    (job,) = desk.add(PHONE, **terms)

    assert desk.account.call(job).order.policy.windows == dict.fromkeys(days, (hours,))
    assert desk.findings == ()


def test_hours_of_one_day_leave_the_others_as_they_are(desk: Desk) -> None:
    (job,) = desk.add(PHONE, allowedTime={"tue": [interval("10:00", "11:00")]})

    windows = desk.account.call(job).order.policy.windows
    assert windows == dict.fromkeys(range(5), NINE_TO_SIX) | {1: ((time(10), time(11)),)}


def test_a_day_that_is_null_leaves_a_former_pair_its_hours_and_is_no_loss(desk: Desk) -> None:
    answer = desk.post("addPhones", [{"phone": PHONE, "localTimeTo": "12:00", "allowedTime": {"sun": None}}])
    (job,) = read(answer)

    hours = (time(9), time(12))
    assert desk.account.call(job).order.policy.windows == dict.fromkeys(range(5), (hours,))
    assert (answer.losses, desk.findings) == ((), ())


@pytest.mark.parametrize(
    "terms",
    [
        *({}, {"allowedTime": {}}, {"allowedTime": None, "localTimeFrom": None}, {"allowedDays": None}),
        *({"allowedTime": {"mon": None}}, {"allowedTime": {"sun": None, "default": None}}),
    ],
)
def test_terms_that_say_nothing_are_none(desk: Desk, terms: dict[str, Any]) -> None:
    (job,) = desk.add(PHONE, **terms)

    assert desk.account.call(job).order.policy.windows is None


def test_a_number_with_only_an_end_is_not_dialed_at_midnight(desk: Desk) -> None:
    desk.advance(hours=12)
    (job,) = desk.add(PHONE, localTimeTo="12:00")
    desk.advance(hours=24)

    (attempt,) = desk.attempts(job)
    assert attempt["startedAt"] == (desk.world.clock.start.timestamp() + 23 * 3600) * 1000


def test_hours_of_a_day_on_which_the_campaign_rests_are_told_as_lost(desk: Desk) -> None:
    answer = desk.post("addPhones", [{"phone": PHONE, "allowedTime": {"sun": [interval("10:00", "11:00")]}}])

    (loss,) = answer.losses
    assert (loss.name, loss.place) == ("hours_of_other_days", "/0/allowedTime/sun")
    assert read(answer)


@pytest.mark.parametrize(
    ("end", "losses"), [("2026-03-01T10:00:00Z", ["end_past"]), ("2099-01-01T10:00:00Z", []), (None, [])]
)
def test_an_end_that_has_passed_is_told_as_lost(desk: Desk, end: str | None, losses: list[str]) -> None:
    answer = desk.post("addPhones", [{"phone": PHONE}, {"phone": OTHER, "finishDateTime": end}])

    assert [loss.name for loss in answer.losses] == losses
    assert all(loss.place == "/1/finishDateTime" for loss in answer.losses)


@pytest.mark.parametrize(
    ("terms", "hours"),
    [
        ({"localTimeTo": "15:00"}, [("09:00", "12:00"), ("14:00", "15:00")]),
        ({"localTimeTo": "13:00"}, [("09:00", "12:00")]),
        ({"localTimeTo": "20:00"}, [("09:00", "12:00"), ("14:00", "20:00")]),
        ({"localTimeFrom": "11:00"}, [("11:00", "12:00"), ("14:00", "18:00")]),
        ({"localTimeFrom": "13:00"}, [("14:00", "18:00")]),
        ({"localTimeFrom": "15:00"}, [("15:00", "18:00")]),
        ({"localTimeTo": "10:00"}, [("09:00", "10:00")]),
        ({"localTimeFrom": "07:00"}, [("07:00", "12:00"), ("14:00", "18:00")]),
        ({"localTimeFrom": "11:00", "localTimeTo": "15:00"}, [("11:00", "15:00")]),
    ],
)
def test_half_a_pair_leaves_the_campaign_its_pause(
    desk: Desk, terms: dict[str, str], hours: list[tuple[str, str]]
) -> None:
    desk.campaign.hours = AllowedHours({0: ((time(9), time(12)), (time(14), time(18)))})
    (job,) = desk.add(PHONE, **terms)

    spans = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in hours)
    assert desk.account.call(job).order.policy.windows == {0: spans}


def test_half_a_pair_outside_of_the_inherited_hours_leaves_no_time_to_call(desk: Desk) -> None:
    answer = desk.post("addPhones", [{"phone": PHONE, "localTimeTo": "08:00"}, {"phone": OTHER}])
    desk.advance(days=8)

    assert answer.remark == "hours: none are left for 1 of 2 jobs"
    assert [desk.status(job) for job in read(answer)] == ["planned", "longCallWithNoResult"]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", ["ABCD", "DCBA", "CADB"])
def test_numbers_are_dialed_in_the_order_of_the_vendors_own_example(order: str, at_once: bool) -> None:
    desk = open_desk()
    desk.advance(hours=8)
    desk.campaign.lines = 1
    spans = {"A": ("17:00", "21:00"), "B": ("18:00", "18:30"), "C": ("17:00", None), "D": ("16:00", None)}
    jobs = [
        {"phone": f"7916123450{place}", "localTimeFrom": spans[name][0], "localTimeTo": spans[name][1]}
        for place, name in enumerate(order)
    ]
    batches = [jobs] if at_once else [[job] for job in jobs]
    refs = [ref for batch in batches for ref in read(desk.post("addPhones", batch))]
    desk.advance(hours=1)

    starts = {desk.attempts(ref)[0]["startedAt"]: name for ref, name in zip(refs, order, strict=True)}
    assert [starts[at] for at in sorted(starts)] == ["B", "A", "D", "C"]


@pytest.mark.parametrize(("zone", "hour"), [("", 14), ("America/New_York", 14), ("Z", 10)])
def test_an_empty_zone_is_the_callees_own(zone: str, hour: int) -> None:
    desk = open_desk()
    person = Person(E164("+" + PHONE), Persona(name="abroad"), zone="America/New_York")
    desk.world.people.listed[person.number] = person
    (job,) = desk.add(PHONE, gmtZone=zone, **interval("09:00", "18:00"))
    by_crm = read(desk.crm(phone=PHONE, gmtZone=zone))
    desk.advance(hours=12)

    assert desk.attempts(job)[0]["startedAt"] // 3_600_000 % 24 == hour
    assert desk.account.call(by_crm).order.policy.zone == desk.account.call(job).order.policy.zone
    assert desk.findings == ()
