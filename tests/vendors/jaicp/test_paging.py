from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.outcomes import Disposition
from tests.vendors.customers import START
from tests.vendors.jaicp.desk import OTHER, PHONE, Desk, always, open_desk, read, refusal


def at(**length: float) -> str:
    return (START + timedelta(**length)).isoformat()


def desk_with_jobs() -> tuple[Desk, list[str]]:
    """Return a desk that adds ten jobs an hour, five hours long, all of which are over soon."""
    desk, jobs = open_desk(), []
    for hour in range(5):
        jobs += desk.add(*(79160000000 + hour * 10 + place for place in range(10)))
        desk.advance(hours=1)
    return desk, jobs


def page(desk: Desk, name: str, conditions: dict[str, str] | None = None, **pagination: int) -> list[str]:
    body: dict[str, Any] = {"filter": conditions or {}, "pagination": pagination}
    report = read(desk.post(name, pagination if name.endswith("Unfinished") else body))
    assert desk.findings == ()
    assert report["pagination"] == {"page": 0, "pageSize": 20, **pagination}
    return [row["callJobId"] for row in report["items"]]


def test_jobs_come_page_by_page_in_the_order_of_their_adding() -> None:
    desk, jobs = desk_with_jobs()

    pages = [page(desk, "callJob/getReportByDate", page=number) for number in range(4)]

    assert pages == [jobs[:20], jobs[20:40], jobs[40:], []]


def test_jobs_are_found_by_when_they_were_added() -> None:
    desk, jobs = desk_with_jobs()

    ids = page(desk, "callJob/getReportByDate", {"createdAtFrom": at(hours=1), "createdAtTo": at(hours=2)})

    assert ids == jobs[10:30]


def test_jobs_are_found_by_when_they_were_over() -> None:
    desk, jobs = desk_with_jobs()
    hour = {"finishedAtFrom": at(hours=3), "finishedAtTo": at(hours=4)}

    ids = page(desk, "callJob/getReportByDate", hour)
    none = page(desk, "callJob/getReportByDate", {**hour, "createdAtTo": at(hours=2)})

    assert sorted(ids) == sorted(jobs[30:40])
    assert none == []


def test_a_page_stays_as_it_is_while_jobs_are_added() -> None:
    desk, jobs = desk_with_jobs()
    before = page(desk, "callJob/getReportByDate", page=1, pageSize=7)
    desk.add(79169999999)

    assert page(desk, "callJob/getReportByDate", page=1, pageSize=7) == before == jobs[7:14]


def test_unfinished_jobs_are_those_not_over() -> None:
    desk, _ = desk_with_jobs()
    desk.world.set_state(desk.campaign, CampaignState.PAUSED)
    waiting = desk.add(*(79170000000 + place for place in range(30)))

    assert page(desk, "callJob/getUnfinished") == waiting[:20]
    assert page(desk, "callJob/getUnfinished", page=1, pageSize=25) == waiting[25:]


def test_attempts_are_found_by_when_they_started_and_were_over() -> None:
    desk = open_desk(always(Disposition.BUSY))
    (job,) = desk.add(79161234567, retryIntervalInMinutes=30)
    desk.advance(hours=3)

    all_three = page(desk, "callAttempt/getReportByDate")
    second = page(
        desk, "callAttempt/getReportByDate", {"startedAtFrom": at(minutes=1), "startedAtTo": at(minutes=31)}
    )
    later = page(desk, "callAttempt/getReportByDate", {"finishedAtFrom": at(minutes=1)})

    assert (all_three, second, later) == ([job] * 3, [job], [job] * 2)


@pytest.mark.parametrize(
    "body",
    [
        {"pagination": {"page": 200}},
        {"pagination": {"page": -1}},
        {"pagination": {"pageSize": 0}},
        {"pagination": {"pageSize": 201}},
        {"pagination": {"pageSize": "20"}},
        {"pagination": []},
        {"filter": {"createdAtFrom": "yesterday"}},
        {"filter": {"createdAtTo": 1693214101123}},
        {"filter": "all"},
        [],
    ],
)
def test_a_page_that_cannot_be_is_refused(body: object) -> None:
    desk = open_desk()

    assert refusal(desk.post("callJob/getReportByDate", body))["error"] == "request.invalid"
    assert desk.findings


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("callJob/getReportByDate", {"pagination": {"page": 200}}, "pagination.page"),
        ("callAttempt/getReportByDate", {"pagination": {"pageSize": 0}}, "pagination.pageSize"),
        ("callJob/getUnfinished", {"pageSize": 201}, "pageSize"),
    ],
)
def test_a_page_that_cannot_be_is_told_with_its_place(name: str, body: object, field: str) -> None:
    envelope = refusal(open_desk().post(name, body))

    assert (envelope["args"]["field"], envelope["message"].partition(":")[0]) == (field, field)


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({"createdAtFrom": "0001-01-01T00:00:00Z", "createdAtTo": "9999-12-31T23:59:59.999Z"}, 50),
        ({"finishedAtTo": "9999-12-31T23:59:59+03:00"}, 50),
        ({"createdAtFrom": "9999-12-31T23:59:59Z"}, 0),
        ({"createdAtTo": "1969-12-31T23:59:59Z"}, 0),
    ],
)
def test_dates_that_mean_ever_are_dates(conditions: dict[str, str], count: int) -> None:
    desk, _ = desk_with_jobs()

    assert len(page(desk, "callJob/getReportByDate", conditions, pageSize=200)) == count


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("callJob/getReportByDate", "createdAtFrom"),
        ("callJob/getReportByDate", "finishedAtFrom"),
        ("callAttempt/getReportByDate", "startedAtFrom"),
    ],
)
def test_dates_that_the_worlds_clock_has_not_reached_are_told(name: str, field: str) -> None:
    desk = open_desk()

    ahead, reached = (desk.post(name, {"filter": {field: at(hours=hour)}}) for hour in (1, 0))

    remark = "clock: it is 2026-03-02T10:00:00+00:00 here, before the dates of the filter"
    assert (ahead.remark, reached.remark) == (remark, None)


def test_dates_that_stand_the_wrong_way_round_are_told() -> None:
    swapped = {"createdAtFrom": at(hours=2), "createdAtTo": at(hours=1)}

    answer = open_desk().post("callJob/getReportByDate", {"filter": swapped})

    assert [(loss.name, loss.place) for loss in answer.losses] == [("range_reversed", "/filter/createdAtTo")]


def test_pages_without_any_wish_are_the_first_twenty() -> None:
    desk, jobs = desk_with_jobs()

    assert [row["callJobId"] for row in read(desk.post("callJob/getReportByDate", {}))["items"]] == jobs[:20]


@pytest.mark.parametrize(("paging", "lost"), [("live", 2), ("steady", 0)])
def test_jobs_that_end_between_two_pages_are_lost_unless_pages_are_steady(paging: str, lost: int) -> None:
    desk = open_desk(paging=paging)
    read(desk.post("control/pause"))
    jobs = desk.add(*(79160000000 + place for place in range(6)))
    first = walk(desk, "callJob/getUnfinished", {"page": 0, "pageSize": 2})
    read(desk.post("callJob/cancel", {"ids": jobs[:2]}))

    rest = [
        job for page in (1, 2) for job in walk(desk, "callJob/getUnfinished", {"page": page, "pageSize": 2})
    ]

    assert len(jobs) - len({*first, *rest}) == lost


@pytest.mark.parametrize(("paging", "rows"), [("live", 3), ("steady", 2)])
def test_rows_that_come_meanwhile_are_on_later_pages_unless_they_are_steady(paging: str, rows: int) -> None:
    desk = open_desk(paging=paging)
    desk.add(PHONE, OTHER)
    name, dates = "callJob/getReportByDate", {"createdAtFrom": "2026-01-01T00:00:00Z"}

    def read_page(number: int) -> list[str]:
        return walk(desk, name, {"filter": dates, "pagination": {"page": number, "pageSize": 1}})

    first = read_page(0)
    desk.add(79990000001)
    rest = read_page(1) + read_page(2)

    assert len([*first, *rest]) == rows


def walk(desk: Desk, name: str, body: object) -> list[str]:
    return [row["callJobId"] for row in read(desk.post(name, body))["items"]]
