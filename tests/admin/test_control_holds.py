"""Why a planned number is not being called, as the control plane tells it for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from simulator.telephony.campaigns import Campaign
from tests.admin.control_room import Room, open_room
from tests.telephony.windows import daily
from tests.vendors.jaicp.test_simulator import Customer

PHONE = 447700900000


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.fixture
def customer() -> Customer:
    return Customer()


def campaign_of(customer: Customer) -> Campaign:
    (account,) = customer.sandbox.world.accounts.values()
    return next(iter(account.campaigns.values()))


def holds(customer: Customer) -> Any:
    """Return what the newest call waits for: until when, by reason."""
    calls = customer.client.get("/_simulator/v1/calls?limit=1").json
    return {hold["reason"]: (hold["until"] or "")[5:16] for hold in calls["calls"][0]["waits_for"]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        ({"startDateTime": "2026-03-05T08:00:00Z"}, {"start": "03-05T08:00"}),
        ({"localTimeTo": "12:00", "gmtZone": "Asia/Tokyo"}, {"hours": "03-02T15:00"}),
        ({"allowedDays": ["wed"]}, {"hours": "03-04T00:00"}),
        ({"allowedDays": ["wed"], "finishDateTime": "2026-03-03T00:00:00Z"}, {"hours": ""}),
        (
            {"startDateTime": "2026-03-05T08:00:00Z", "localTimeFrom": "09:00"},
            {"start": "03-05T08:00", "hours": "03-05T09:00"},
        ),
    ],
)
def test_a_number_with_terms_tells_which_of_them_keep_it_and_until_when(
    customer: Customer, terms: dict[str, Any], reasons: dict[str, str]
) -> None:
    customer.add(1, PHONE, **terms)
    customer.advance(1)

    assert holds(customer) == reasons


def test_a_number_just_added_waits_for_its_second_and_one_under_way_for_nothing(customer: Customer) -> None:
    customer.add(1, PHONE)
    new = holds(customer)
    customer.advance(1)

    assert (new, holds(customer)) == ({"new": "03-02T10:00"}, {})


def test_lines_pause_and_the_campaigns_hours_are_told(customer: Customer) -> None:
    campaign = campaign_of(customer)
    campaign.lines = 1
    customer.add(2, PHONE)
    customer.advance(1)
    lines = holds(customer)
    customer.post("control/pause")
    paused = holds(customer)
    campaign.hours = daily(time(12), time(13))

    assert (lines, paused) == ({"lines": ""}, {"campaign": ""})
    assert holds(customer) == {"campaign": "", "hours": "03-02T12:00"}


def test_hours_are_named_with_whose_they_are_and_in_whose_zone(customer: Customer) -> None:
    customer.add(1, PHONE, allowedDays=["tue"], localTimeTo="12:00", gmtZone="Europe/Paris")
    customer.advance(1)

    calls = customer.client.get("/_simulator/v1/calls").json
    assert calls is not None
    (hold,) = calls["calls"][0]["waits_for"]
    assert hold["text"] == "its own hours are Tue 00:00-12:00 in Europe/Paris, its own zone"


def test_a_number_that_waits_for_the_clients_leave_says_so(customer: Customer) -> None:
    customer.add(1, PHONE, externalCheck={"externalCheckUrl": "http://hooks.test/check"})
    world = customer.sandbox.world
    world.advance_to(world.clock.now + timedelta(seconds=1))

    assert holds(customer) == {"leave": ""}


def test_calls_of_any_vendor_tell_of_retries_and_of_callees_who_call_in(room: Room) -> None:
    room.call("+447700900999")
    room.do("POST", "/v1/clock/advance", {"by": "35s"})
    room.call(campaign="Codes")

    codes, reminder = (call["waits_for"] for call in room.get("/v1/calls")["calls"])

    assert [hold["reason"] for hold in codes] == ["callee"]
    assert [(hold["reason"], hold["until"][11:16]) for hold in reminder] == [("retry", "10:05")]
