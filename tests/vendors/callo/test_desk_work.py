"""The rest of the desk: removing, stop list, balance, costs, campaigns."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.outcomes import Disposition
from simulator.telephony.outcomes import seconds as span
from simulator.telephony.people import Persona
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read, refusal

BUSY = Persona(name="busy", attempts=(Disposition.BUSY,))


def busy_desk() -> Desk:
    return open_desk({PHONE: BUSY})


def test_a_call_is_removed_by_its_id() -> None:
    desk = busy_desk()
    call = desk.call()["call_id"]

    body = read(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call))

    assert body == {"status": "ok", "data": f"Call by ats_call_id={call} removed"}
    assert desk.result(call)["status"] == "deleted"


def test_all_open_calls_to_a_number_are_removed_by_the_number() -> None:
    desk = busy_desk()
    calls = [desk.call()["call_id"] for _ in range(2)]

    body = read(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert body == {"status": "ok", "data": f"Phone by val={PHONE} removed"}
    assert {desk.result(call)["status"] for call in calls} == {"deleted"}


RINGS_FOUR_SECONDS = Persona(name="presses", presses=("1",), ring=span(4))


@pytest.mark.parametrize("seconds", [0, 2, 3.999])
def test_nothing_happens_to_a_call_that_was_removed_while_it_rang(seconds: float) -> None:
    desk = open_desk({PHONE: RINGS_FOUR_SECONDS})
    ref = desk.call()["call_id"]
    desk.advance(seconds=seconds)
    desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=ref)
    removed = desk.result(ref, expand=1)

    desk.advance(hours=1)

    assert desk.result(ref, expand=1) == removed
    assert (removed["dial_status"], removed["duration"], removed["cost"]) == (15, 0.0, "0.00")
    assert [moment.what for moment in desk.account.call(ref).timeline()][-2:] == ["hung up", "ended"]


def test_a_talk_ends_when_its_call_is_removed() -> None:
    desk = open_desk({PHONE: RINGS_FOUR_SECONDS})
    ref = desk.call()["call_id"]
    desk.advance(seconds=6)

    desk.post("phones/remove_call", campaign_id=desk.campaign().ref, phone=PHONE)
    row = desk.result(ref, expand=1)

    assert (row["status"], row["duration"], row["button_num"], row["cost"]) == ("deleted", 2.0, None, "0.17")
    assert row["updated"] == row["completed"] == "2026-03-02T10:00:06.000Z"


def test_who_is_removed_before_the_first_ring_is_never_called() -> None:
    desk = open_desk({PHONE: RINGS_FOUR_SECONDS})
    desk.campaign().delay = timedelta(seconds=2)
    ref = desk.call()["call_id"]
    desk.advance(seconds=1)

    desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=ref)
    desk.advance(hours=1)

    assert desk.result(ref, expand=1)["attempts"] == []


def test_a_completed_call_cannot_be_removed() -> None:
    desk = open_desk()
    call = desk.call()["call_id"]
    desk.advance(minutes=5)

    for sent in ({"call_id": call}, {"phone": PHONE}):
        message = refusal(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, **sent))
        assert message == f"Call by ats_call_id={call} is completed"


def test_calls_are_removed_only_while_the_campaign_runs() -> None:
    desk = busy_desk()
    call = desk.call()["call_id"]
    desk.world.set_state(desk.campaign(), CampaignState.PAUSED)

    message = refusal(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call))

    assert message == "Form isn't valid: * campaign_id\n  * Campaign is not active"


def test_a_call_is_removed_from_its_own_campaign_only() -> None:
    desk = busy_desk()
    call = desk.call()["call_id"]

    message = refusal(desk.post("phones/remove_call", campaign_id=desk.campaign("pincode").ref, call_id=call))

    assert message == f"Call by ats_call_id={call} dnot found"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Form isn't valid: * __all__\n  * One of call_id, phone is required"),
        ({"call_id": "x"}, "Form isn't valid: * call_id\n  * Enter a whole number."),
        ({"phone": "+380123456789"}, "Phone by val=+380123456789 not found"),
    ],
)
def test_a_wrong_removal_is_told_so(sent: dict[str, str], words: str) -> None:
    desk = busy_desk()

    assert refusal(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, **sent)) == words


def test_a_stop_listed_number_is_never_called_and_may_be_listed_again() -> None:
    desk = open_desk()

    answers = [read(desk.post("phones/stoplist", phone=PHONE)) for _ in range(2)]

    assert answers == [{"status": "ok", "data": f"Phone by val={PHONE} added"}] * 2
    assert PHONE in desk.account.stop_list


def test_a_stop_list_takes_only_numbers() -> None:
    message = refusal(open_desk().post("phones/stoplist", phone="x"))

    assert message == "Form isn't valid: * phone\n  * Enter a valid phone number (e.g. +12125552368)."


@pytest.mark.parametrize(
    ("balance", "text"), [("333.333333", "333.333333"), ("1069.75", "1069.750000"), ("-0.5", "-0.500000")]
)
def test_a_balance_is_a_string_with_six_decimals(balance: str, text: str) -> None:
    desk = open_desk()
    desk.account.balance = Decimal(balance)

    assert read(desk.get("users/balance")) == {"balance": text}


def test_costs_are_told_for_today_and_for_all_time() -> None:
    desk = open_desk()
    desk.call()
    desk.advance(days=1)
    desk.call("+447700900002")
    desk.advance(minutes=5)

    assert read(desk.get("phones/cost", campaign_id=desk.campaign().ref)) == {
        "campaign_id": desk.campaign().ref,
        "forever_cost": "0.340",
        "daily_cost": "0.170",
        "currency": "EUR",
    }


def test_a_day_of_costs_is_one_of_the_accounts_zone_as_dates_of_filters_are() -> None:
    desk = open_desk()
    desk.account.zone = "Pacific/Kiritimati"  # 14 hours ahead: the 3rd begins there as the desk opens
    desk.call()
    costs = []
    for hours in (1, 15, 10):  # the 2nd, the 3rd and the 3rd in UTC; the 3rd, the 3rd and the 4th there
        desk.advance(hours=hours)
        costs.append(read(desk.get("phones/cost", campaign_id=desk.campaign().ref))["daily_cost"])
    known = {"campaign_id": desk.campaign().ref, "from_created_date": "2026-03-03"}

    assert len(read(desk.get("phones/all_calls", **known))) == 1
    assert costs == ["0.170", "0.170", "0.000"]


def test_campaigns_are_listed_by_mode() -> None:
    desk = open_desk()
    desk.world.set_state(desk.campaign("flashcall"), CampaignState.ARCHIVED)
    desk.world.set_state(desk.campaign("tellcode"), CampaignState.PAUSED)

    listed = {
        mode: [row["type"] for row in read(desk.get("campaigns", mode=mode))["campaigns"]]
        for mode in ("all", "active", "archive")
    }

    assert len(listed["all"]) == 6
    assert listed["active"] == ["free_text", "pincode", "pincode_short", "pincode_incoming"]
    assert listed["archive"] == ["flashcall"]


def test_a_campaign_tells_whether_it_is_active() -> None:
    desk = open_desk()
    desk.world.set_state(desk.campaign("tellcode"), CampaignState.PAUSED)

    rows = read(desk.get("campaigns", mode="all"))["campaigns"]

    assert {row["type"]: (row["status"], row["is_active"]) for row in rows if "code" in row["type"][-4:]} == {
        "pincode": ("active", True),
        "tellcode": ("stopped", False),
    }


def test_the_list_of_campaigns_may_be_the_answer_itself() -> None:
    desk = open_desk()
    desk.account.profile = {"campaigns": "array"}

    assert [row["type"] for row in read(desk.get("campaigns", mode="all"))][:2] == ["free_text", "pincode"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "This field is required."),
        ({"mode": "old"}, "Select a valid choice. old is not one of the available choices."),
    ],
)
def test_a_mode_is_one_of_three(sent: dict[str, str], words: str) -> None:
    assert refusal(open_desk().get("campaigns", **sent)) == f"Form isn't valid: * mode\n  * {words}"
