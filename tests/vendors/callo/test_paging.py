"""`all_calls`: pages of a thousand, newest first, and walks that lose and double nothing."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.campaign_settings import Contact
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callo.paging import KEPT_WALKS, PAGE_SIZE, WALKS
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


def test_a_page_holds_a_thousand_calls_newest_first_and_the_last_is_empty() -> None:
    desk = crowded_desk(2500)
    placed = [call.ref for call in desk.campaign().calls]

    pages = [page(desk, number) for number in (1, 2, 3, 4)]

    assert [len(each) for each in pages] == [PAGE_SIZE, PAGE_SIZE, 500, 0]
    assert [call["call_id"] for each in pages for call in each] == placed[::-1]


def test_the_first_page_is_the_default() -> None:
    desk = crowded_desk(1001)

    assert page(desk) == page(desk, 1)


def test_no_call_is_lost_or_doubled_while_others_arrive() -> None:
    desk = crowded_desk(2000)
    before = {call.ref for call in desk.campaign().calls}
    seen = [call["call_id"] for call in page(desk, 1)]
    _import(desk, 300, 20_000_000)

    seen += [call["call_id"] for number in (2, 3) for call in page(desk, number)]

    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_no_call_is_lost_from_a_filtered_walk_while_statuses_change() -> None:
    desk = crowded_desk(1500)
    before = {call.ref for call in desk.campaign().calls}
    seen = [call["call_id"] for call in page(desk, 1, call_status="in_process")]
    for call in list(desk.campaign().calls)[:700]:
        desk.world.remove_call(call)

    seen += [call["call_id"] for call in page(desk, 2, call_status="in_process")]

    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_the_first_page_starts_a_walk_afresh() -> None:
    desk = crowded_desk(10)
    page(desk, 1)
    desk.call()

    assert len(page(desk, 1)) == 11


def ids(rows: list[Any]) -> list[int]:
    return [row["call_id"] for row in rows]


def test_a_walk_that_is_ahead_goes_on_by_its_own_count_while_another_begins() -> None:
    desk = crowded_desk(3500)
    before = {call.ref for call in desk.campaign().calls}
    first = ids(page(desk, 1)) + ids(page(desk, 2))
    _import(desk, 300, 20_000_000)
    second = ids(page(desk, 1))
    for number in (3, 4):  # the other one is a page behind
        first += ids(page(desk, number))
        second += ids(page(desk, number - 1))
    second += ids(page(desk, 4))

    assert (sorted(first), len(set(second))) == (sorted(before), 3800)
    assert len(second) == 3800


@pytest.mark.parametrize("filters", [{}, {"call_status": "in_process"}])
@pytest.mark.parametrize("turns", ["ABABABAB", "ABBBBAAA", "ABBAABBA", "AABBABAB"])
def test_no_walk_loses_a_call_however_another_walks_beside_it(turns: str, filters: dict[str, str]) -> None:
    desk = crowded_desk(2500)
    met: dict[str, list[int]] = {"A": [], "B": []}
    there: dict[str, set[Any]] = {}
    pages = {"A": 0, "B": 0}
    for place, who in enumerate(turns):
        there.setdefault(who, {call.ref for call in desk.campaign().calls})
        pages[who] += 1
        met[who] += ids(page(desk, pages[who], **filters))
        _import(desk, 150, 20_000_000 + 1_000 * place)

    assert all(there[who] <= set(met[who]) for who in "AB")


def test_a_page_told_ahead_of_others_belongs_to_the_newest_walk_once_the_older_one_is_over() -> None:
    desk = crowded_desk(2500)
    for number in (1, 2, 3, 4):
        page(desk, number)
    _import(desk, 200, 20_000_000)

    rows = [ids(page(desk, number)) for number in (1, 3, 2)]

    assert len({ref for each in rows for ref in each}) == 2700


def test_looking_at_the_first_page_again_and_again_costs_no_memory() -> None:
    desk = crowded_desk(3)
    for second in range(KEPT_WALKS + 5):
        page(desk, 1, from_created_date=f"2026-03-02 09:00:{second:02}")
        page(desk, 1)

    assert len(WALKS.of(desk.account)._walks) == KEPT_WALKS + 1


def test_calls_are_filtered_by_status_and_by_a_status_of_the_users_own() -> None:
    desk = open_desk()
    desk.call("+447700900311")  # presses 1
    desk.call("+447700900001")
    desk.advance(minutes=2)

    found = {
        status: [call["call_status"] for call in page(desk, call_status=status)]
        for status in ("user", "1", "compl_finished", "deleted")
    }

    assert found == {"user": ["user"], "1": ["user"], "compl_finished": ["compl_finished"], "deleted": []}


def test_a_call_tells_its_status_twice_and_names_the_button() -> None:
    desk = open_desk()
    desk.call("+447700900311")
    desk.advance(minutes=2)

    said = page(desk, expand=1)[0]

    assert (said["status"], said["call_status"]) == ("user", "user")
    assert (said["status_display"], said["call_status_display"]) == ("Custom IVR", "Custom IVR (Button 1)")
    assert {"ivr_data", "cost", "attempts"} <= set(said)


def test_the_obsolete_status_can_be_switched_off() -> None:
    desk = open_desk()
    desk.account.profile = {"status_in_all_calls": False}
    desk.call()

    said = page(desk)[0]

    assert not {"status", "status_display"} & set(said)
    assert said["call_status"] == "in_process"


def test_an_unheard_of_status_is_refused() -> None:
    desk = open_desk()

    said = refusal(desk.get("phones/all_calls", campaign_id=desk.campaign().ref, call_status="busy"))

    assert (
        said == "Form isn't valid: * call_status\n  * Select a valid choice. busy is not one of the"
        " available choices."
    )


@pytest.mark.parametrize("number", ["0", "-1", "x", "2147483648"])
def test_a_page_is_a_whole_number_from_one(number: str) -> None:
    desk = open_desk()

    said = refusal(desk.get("phones/all_calls", campaign_id=desk.campaign().ref, page=number))

    assert said == "Form isn't valid: * page\n  * Enter a whole number."


def test_calls_of_other_campaigns_are_not_told() -> None:
    desk = open_desk()
    desk.call(PHONE)

    assert read(desk.get("phones/all_calls", campaign_id=desk.campaign("pincode").ref)) == []
