"""`all_calls`: pages of a thousand, newest first, and walks that lose and double nothing."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.campaigns import Contact
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callo.paging import KEPT_WALKS, PAGE_SIZE
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
    desk.world.import_contacts(desk.campaign(), numbers)
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


def test_only_the_last_filtered_walks_are_kept() -> None:
    desk = crowded_desk(3)
    for second in range(KEPT_WALKS + 5):
        page(desk, 1, from_created_date=f"2026-03-02 09:00:{second:02}")

    assert len(desk.account.memory["walks"]._matches) == KEPT_WALKS


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
