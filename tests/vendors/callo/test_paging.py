"""`all_calls`: pages of a thousand, newest first, live or steady."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.campaign_settings import Contact
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callo.paging import PAGE_SIZE
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read, refusal


def crowded_desk(size: int) -> Desk:
    """Return a desk whose campaign has `size` calls and dials none of them yet."""
    desk = open_desk()
    desk.campaign().lines = 0
    desk.campaign().script = Script(Prompt("Good afternoon"))
    _import(desk, size, 10_000_000)
    return desk


def _import(desk: Desk, size: int, first: int) -> None:
    numbers = [Contact(E164(f"+4479{first + place}")) for place in range(size)]
    desk.world.imports.take(desk.campaign(), numbers)
    desk.advance(seconds=10)


def page(desk: Desk, number: int | None = None, **parameters: object) -> list[Any]:
    if number is not None:
        parameters["page"] = number
    answer = desk.get("phones/all_calls", campaign_id=desk.campaign().ref, **parameters)
    return list(read(answer))


def ids(rows: list[Any]) -> list[int]:
    return [row["call_id"] for row in rows]


def test_a_page_holds_a_thousand_calls_newest_first_and_the_last_is_empty() -> None:
    desk = crowded_desk(2500)
    placed = [call.ref for call in desk.campaign().calls]

    pages = [page(desk, number) for number in (1, 2, 3, 4)]

    assert [len(calls) for calls in pages] == [PAGE_SIZE, PAGE_SIZE, 500, 0]
    assert [call["call_id"] for calls in pages for call in calls] == placed[::-1]


def test_the_first_page_is_the_default() -> None:
    desk = crowded_desk(1001)

    assert page(desk) == page(desk, 1)


def test_calls_that_arrive_between_two_pages_move_the_rows_behind_them() -> None:
    desk = crowded_desk(2000)
    first = ids(page(desk, 1))
    _import(desk, 300, 20_000_000)

    second = ids(page(desk, 2))

    assert first[-300:] == second[:300]


def test_calls_that_leave_a_filter_between_two_pages_are_made_up_for_by_unseen_ones() -> None:
    desk = crowded_desk(1500)
    page(desk, 1, call_status="in_process")
    for call in list(desk.campaign().calls)[-700:]:
        desk.world.remove_call(call)

    assert page(desk, 2, call_status="in_process") == []


def steady_desk(size: int) -> Desk:
    desk = crowded_desk(size)
    desk.account.profile = {"paging": "steady"}
    return desk


def test_steady_pages_lose_and_double_no_call_while_others_arrive() -> None:
    desk = steady_desk(2000)
    before = {call.ref for call in desk.campaign().calls}
    seen = ids(page(desk, 1))
    _import(desk, 300, 20_000_000)

    seen += [ref for number in (2, 3) for ref in ids(page(desk, number))]

    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_steady_pages_of_a_filter_lose_no_call_while_statuses_change() -> None:
    desk = steady_desk(1500)
    before = {call.ref for call in desk.campaign().calls}
    seen = ids(page(desk, 1, call_status="in_process"))
    for call in list(desk.campaign().calls)[:700]:
        desk.world.remove_call(call)

    seen += ids(page(desk, 2, call_status="in_process"))

    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_the_first_steady_page_counts_afresh() -> None:
    desk = steady_desk(10)
    page(desk, 1)
    desk.call()

    assert len(page(desk, 1)) == 11


def test_calls_are_filtered_by_status_and_by_a_status_of_the_users_own() -> None:
    desk = open_desk()
    desk.call("+447700900311")  # presses 1
    desk.call("+447700900001")
    desk.advance(minutes=2)

    statuses = {
        status: [call["call_status"] for call in page(desk, call_status=status)]
        for status in ("user", "1", "compl_finished", "deleted")
    }

    assert statuses == {"user": ["user"], "1": ["user"], "compl_finished": ["compl_finished"], "deleted": []}


def test_a_call_tells_its_status_twice_and_names_the_button() -> None:
    desk = open_desk()
    desk.call("+447700900311")
    desk.advance(minutes=2)

    call = page(desk, expand=1)[0]

    assert (call["status"], call["call_status"]) == ("user", "user")
    assert (call["status_display"], call["call_status_display"]) == ("Custom IVR", "Custom IVR (Button 1)")
    assert {"ivr_data", "cost", "attempts"} <= set(call)


def test_the_obsolete_status_can_be_switched_off() -> None:
    desk = open_desk()
    desk.account.profile = {"status_in_all_calls": False}
    desk.call()

    call = page(desk)[0]

    assert not {"status", "status_display"} & set(call)
    assert call["call_status"] == "in_process"


def test_an_unheard_of_status_is_refused() -> None:
    desk = open_desk()

    message = refusal(desk.get("phones/all_calls", campaign_id=desk.campaign().ref, call_status="busy"))

    assert (
        message == "Form isn't valid: * call_status\n  * Select a valid choice. busy is not one of the"
        " available choices."
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "Ensure this value is greater than or equal to 1."),
        ("-1", "Ensure this value is greater than or equal to 1."),
        ("1000001", "Ensure this value is less than or equal to 1000000."),
        ("1.5", "Enter a whole number."),
    ],
)
def test_a_page_is_a_whole_number_from_one(number: str, words: str) -> None:
    desk = open_desk()

    text = refusal(desk.get("phones/all_calls", campaign_id=desk.campaign().ref, page=number))

    assert text == f"Form isn't valid: * page\n  * {words}"


@pytest.mark.parametrize("number", ["1", " 1 ", "+1", "1.0", "1."])
def test_a_page_is_read_in_the_spellings_of_a_whole_number_that_django_knows(number: str) -> None:
    desk = open_desk()
    desk.call()

    assert len(read(desk.get("phones/all_calls", campaign_id=desk.campaign().ref, page=number))) == 1


def test_calls_of_other_campaigns_are_not_told() -> None:
    desk = open_desk()
    desk.call(PHONE)

    assert read(desk.get("phones/all_calls", campaign_id=desk.campaign("pincode").ref)) == []


REPORTS = [
    ("phones/all_calls", "from_created_date", "to_created_date"),
    ("phones/calls_by_phone", "from_updated_date", "to_updated_date"),
    ("phones/camp_stats", "from_date", "to_date"),
]


@pytest.mark.parametrize(
    ("first", "last", "remark"),
    [
        ("2026-03-02", "2026-03-01", "dates: the filter ends before it begins"),
        ("2026-03-02", "2026-03-02", "dates: the filter ends where it begins; a date alone is its midnight"),
        (
            "2026-03-02 11:00:00",
            "",
            "clock: it is 2026-03-02T10:00:00+00:00 here, before the dates of the filter",
        ),
        ("2026-03-02", "2026-03-03", None),
        ("", "2026-03-01", None),
    ],
)
@pytest.mark.parametrize(("name", "begin", "end"), REPORTS, ids=[row[0] for row in REPORTS])
def test_dates_between_which_no_call_can_be_are_told(
    name: str, begin: str, end: str, first: str, last: str, remark: str | None
) -> None:
    desk = open_desk()
    desk.call()
    phone = {"phone": PHONE} if "by_phone" in name else {}

    answer = desk.get(name, campaign_id=desk.campaign().ref, **{begin: first, end: last}, **phone)

    assert (answer.status, answer.remark) == (200, remark)
