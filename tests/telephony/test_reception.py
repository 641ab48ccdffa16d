"""A campaign that receives calls: whoever calls the account's number is connected with an agent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator.telephony.calls import Direction
from simulator.telephony.campaign_settings import CampaignState, Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import NobodyThere
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from tests.telephony.network import ALICE, BOB, START, campaign_in, introduce, network, settle

CAROL, HOTLINE = E164("+380509876543"), E164("+380440000001")


def reception(world: World, **changes: Any) -> Campaign:
    campaign = campaign_in(world, method=Method.RECEIVE, agents=(BOB, CAROL), **changes)
    campaign.account.caller_ids = (HOTLINE,)
    return campaign


def called(world: World) -> LiveCall:
    call = world.switchboard.ring(ALICE, HOTLINE)
    settle(world)
    return call


def dispositions(call: LiveCall) -> list[tuple[E164, str | None]]:
    return [(leg.party, leg.disposition) for leg in call.legs]


def test_who_calls_in_is_connected_to_the_first_agent_who_answers() -> None:
    world = network()
    campaign = reception(world)
    introduce(world, BOB, Disposition.ANSWERED, ring=seconds(9))
    introduce(world, CAROL, Disposition.ANSWERED, ring=seconds(4))

    call = world.handsets.call_in(ALICE)
    settle(world)

    assert isinstance(call, LiveCall)
    assert dispositions(call) == [(ALICE, "answered"), (BOB, "cancelled"), (CAROL, "answered")]
    assert (call.direction, call.callee, call.answered) == (
        Direction.INCOMING,
        HOTLINE,
        START + timedelta(seconds=4),
    )
    assert (campaign.received, world.lines) == ([call], {})


def test_the_number_can_be_called_like_any_other() -> None:
    world = network()
    reception(world)

    assert called(world).answered
    with pytest.raises(NobodyThere):
        world.switchboard.ring(ALICE, CAROL)


def test_a_caller_whom_no_agent_answers_is_told_why_by_the_cause() -> None:
    world = network()
    reception(world)
    introduce(world, BOB, Disposition.BUSY)
    introduce(world, CAROL, Disposition.NO_ANSWER, ring=seconds(10))

    call = called(world)

    assert dispositions(call) == [(ALICE, "no_answer"), (BOB, "busy"), (CAROL, "no_answer")]
    assert (call.cause, call.length, call.talk) == (19, timedelta(seconds=10), timedelta(0))


def test_a_caller_waits_for_an_agent_however_late_they_answer() -> None:
    world = network()
    reception(world).agents = (BOB,)
    introduce(world, BOB, Disposition.ANSWERED, ring=seconds(50))

    assert called(world).answered == START + timedelta(seconds=50)


def test_who_is_on_the_stop_list_calls_in_vain() -> None:
    world = network()
    world.stop_list(reception(world).account, ALICE)

    assert dispositions(called(world)) == [(ALICE, "stop_listed")]


def test_a_campaign_without_agents_leads_nowhere() -> None:
    world = network()
    reception(world).agents = ()

    assert dispositions(called(world)) == [(ALICE, "no_route")]


def test_a_call_lasts_as_long_as_its_campaign_lets_it() -> None:
    world = network()
    reception(world, max_length=timedelta(seconds=5))

    call = called(world)

    assert (call.talk, call.hung_up_by) == (timedelta(seconds=5), "network")


def test_an_agent_who_talks_already_is_busy() -> None:
    world = network()
    reception(world).agents = (BOB,)
    first = world.switchboard.ring(ALICE, HOTLINE)

    second = world.switchboard.ring(CAROL, HOTLINE)
    settle(world)

    assert first.joined
    assert second.joined
    assert (first.joined.disposition, second.joined.disposition) == ("answered", "busy")


def test_nobody_picks_up_where_nothing_receives_calls() -> None:
    world = network()
    reception(world).state = CampaignState.PAUSED

    with pytest.raises(NobodyThere):
        world.handsets.call_in(ALICE)


def test_who_is_on_the_phone_cannot_call_in() -> None:
    world = network()
    reception(world)
    world.handsets.call_in(ALICE)

    with pytest.raises(NobodyThere):
        world.handsets.call_in(ALICE)


def test_a_tester_answers_in_the_place_of_an_agent_and_presses_a_key() -> None:
    world = network()
    reception(world).agents = (BOB,)
    introduce(world, BOB, Disposition.NO_ANSWER, ring=seconds(30))
    call = world.switchboard.ring(ALICE, HOTLINE)
    world.advance_to(START + timedelta(seconds=2))

    assert (
        world.handsets.answer(BOB)
        is world.handsets.press(BOB, "1")
        is world.handsets.press(ALICE, "2")
        is call
    )
    settle(world)

    whats = [(moment.what, moment.detail) for moment in call.timeline()]
    assert whats[1:-1] == [
        ("connecting", BOB),
        ("answered", ""),
        ("pressed", "2"),
        ("connected", BOB),
        ("pressed", "1"),
    ]
    assert dispositions(call) == [(ALICE, "answered"), (BOB, "answered")]


@pytest.mark.parametrize("number", [ALICE, BOB])
def test_nobody_presses_a_key_or_answers_twice_while_it_rings(number: E164) -> None:
    world = network()
    reception(world).agents = (BOB,)
    world.switchboard.ring(ALICE, HOTLINE)

    with pytest.raises(NobodyThere):
        world.handsets.press(number, "1")
    if number == ALICE:
        with pytest.raises(NobodyThere):
            world.handsets.answer(number)
