"""Pages of reports: counted from the rows there are now, or from those of the first page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendors.kaleyra.desk import ASHA, RAVI, Desk, open_desk

FOUR = [f"980000000{place}" for place in range(4)]


def desk_with_calls(**profile: Any) -> tuple[Desk, list[str]]:
    """Return a desk and the ids of four calls, the newest first."""
    desk = open_desk(profile=profile)
    refs = []
    for number in FOUR:
        refs.append(desk.connect(number))
        desk.advance(minutes=2)
    return desk, refs[::-1]


def page(desk: Desk, nth: int, method: str = "dial.c2cstatus", **filters: str) -> list[str]:
    rows = desk.data(method, limit="2", page=str(nth), **filters)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("filters", [{}, {"call to": RAVI}])
def test_a_row_that_arrives_between_two_pages_doubles_another(filters: dict[str, str]) -> None:
    desk, refs = desk_with_calls()
    first = page(desk, 1, **filters)
    desk.connect(ASHA)
    desk.advance(seconds=1)

    assert (first, page(desk, 2, **filters)) == (refs[:2], refs[1:3])


@pytest.mark.parametrize("filters", [{}, {"call to": RAVI}, {"fromdate": "02/03/2026"}])
def test_steady_pages_are_those_of_the_first(filters: dict[str, str]) -> None:
    desk, refs = desk_with_calls(paging="steady")
    first = page(desk, 1, **filters)
    newest = desk.connect(ASHA)
    desk.advance(seconds=1)

    assert (first, page(desk, 2, **filters), page(desk, 3, **filters)) == (refs[:2], refs[2:], [])
    assert page(desk, 1, **filters) == [newest, refs[0]]


def test_calls_that_come_in_are_paged_alike() -> None:
    desk = open_desk(profile={"paging": "steady"}, to_strangers={"past_calls": 3})
    first = page(desk, 1, "dial")
    desk.world.handsets.call_in(desk.account.groups["4477"].numbers[0])
    second = page(desk, 2, "dial")

    assert (len(first), len(second), len({*first, *second})) == (2, 1, 3)


def test_a_newcomer_has_a_past_of_one_call_or_as_many_as_are_set() -> None:
    (row,) = open_desk().data("dial")
    many = open_desk(to_strangers={"past_calls": 120})

    assert (row["status"], row["start_time"], row["billsec"]) == ("ANSWER", "2026-03-02 14:30:00", "42")
    assert [len(many.data("dial", page=str(nth))) for nth in (1, 2, 3, 4)] == [50, 50, 20, 0]
    assert open_desk(to_strangers={"past_calls": 0}).data("dial") == []
    assert list(many.world.newest_calls()) == []


def test_a_day_begins_at_midnight_in_india() -> None:
    desk = open_desk()
    desk.advance(hours=8, minutes=29)  # 23:59 there
    before = desk.connect(FOUR[0])
    desk.advance(minutes=2)
    after = desk.connect(FOUR[1])
    desk.advance(minutes=2)

    assert page(desk, 1, fromdate="2026/03/02", todate="2026/03/02") == [before]
    assert page(desk, 1, fromdate="2026/03/03", todate="2026/03/03") == [after]
