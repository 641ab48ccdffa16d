"""Two people on one line: who is rung first, who is connected, and how each leg ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator.telephony.calls import Call, CallResult
from simulator.telephony.campaign_settings import RetryPolicy
from simulator.telephony.errors import NobodyThere
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import Policy
from tests.telephony.network import ALICE, BOB, START, campaign_in, introduce, network, place, settle

CAROL = E164("+380509998877")
RINGS = seconds(4)
TALKS = seconds(30)


def bridged(alice: Disposition, bob: Disposition, **order: Any) -> Call:
    world = network()
    introduce(world, ALICE, alice, ring=RINGS, talk=TALKS)
    introduce(world, BOB, bob, ring=RINGS, talk=TALKS)
    call = place(campaign_in(world, retry=RetryPolicy(1)), world, bridge=(BOB,), **order)
    settle(world)
    return call


def legs_of(call: Call) -> list[tuple[str, str]]:
    assert call.attempt
    return [(leg.party, leg.disposition) for leg in call.attempt.legs]


def test_the_callee_is_rung_first_and_then_connected() -> None:
    call = bridged(Disposition.ANSWERED, Disposition.ANSWERED)

    assert legs_of(call) == [(ALICE, "answered"), (BOB, "answered")]
    assert call.attempt
    first, second = call.attempt.legs
    assert (second.started, first.answered) == (START + timedelta(seconds=4),) * 2
    assert first.ended == second.ended == START + timedelta(seconds=38)


@pytest.mark.parametrize("outcome", [Disposition.NO_ANSWER, Disposition.BUSY, Disposition.CANCELLED])
def test_a_second_leg_that_fails_ends_the_call_without_another_attempt(outcome: Disposition) -> None:
    call = bridged(Disposition.ANSWERED, outcome, policy=Policy(attempts=3))

    assert legs_of(call) == [(ALICE, "answered"), (BOB, outcome)]
    assert (len(call.attempts), call.ending) == (1, CallResult.COMPLETED)


def test_nobody_is_connected_to_somebody_who_did_not_answer() -> None:
    assert legs_of(bridged(Disposition.BUSY, Disposition.ANSWERED)) == [(ALICE, "busy")]


def test_an_order_may_say_how_often_it_is_tried() -> None:
    call = bridged(
        Disposition.NO_ANSWER,
        Disposition.ANSWERED,
        policy=Policy(attempts=2, retry_after=timedelta(minutes=1)),
    )

    assert (len(call.attempts), call.ending) == (2, CallResult.EXHAUSTED)


def test_whoever_is_connected_to_themselves_fails_in_silence() -> None:
    world = network()
    call = place(campaign_in(world), world, bridge=(ALICE,))
    settle(world)

    assert legs_of(call) == [(ALICE, "answered"), (ALICE, "failed")]


def test_the_answer_of_the_first_leg_is_reported_before_the_end() -> None:
    world = network()
    place(campaign_in(world), world, bridge=(BOB,))
    settle(world)

    assert world.operators["plain"].calls_told == ["attempt.answered", "attempt.finished", "call.finished"]  # type: ignore[attr-defined]


def test_of_several_phones_the_first_to_answer_counts() -> None:
    world = network()
    introduce(world, ALICE, Disposition.ANSWERED, ring=seconds(20))
    introduce(world, CAROL, Disposition.ANSWERED, ring=seconds(3))
    call = place(campaign_in(world), world, others=(BOB, CAROL), bridge=(BOB,))
    introduce(world, BOB, Disposition.BUSY)
    settle(world)

    assert legs_of(call)[0] == (CAROL, "answered")


def test_both_lines_are_engaged_while_they_talk() -> None:
    world = network()
    introduce(world, ALICE, Disposition.ANSWERED, ring=RINGS, talk=TALKS)
    introduce(world, BOB, Disposition.ANSWERED, ring=RINGS, talk=TALKS)
    place(campaign_in(world), world, bridge=(BOB,))
    world.advance_to(START + timedelta(seconds=20))

    assert set(world.dialer.lines) == {ALICE, BOB}
    settle(world)
    assert world.dialer.lines == {}


def test_a_call_for_later_is_dialed_when_its_time_comes() -> None:
    world, later = network(), START + timedelta(hours=1)
    campaign = campaign_in(world)
    call = place(campaign, world, policy=Policy(earliest=later))
    world.advance_to(START + timedelta(minutes=59))
    before = campaign.log[:]
    settle(world)

    assert (before, campaign.log) == ([], [call])
    assert call.attempts[0].started == later


def test_a_tester_picks_up_the_second_phone_while_it_rings() -> None:
    world = network()
    introduce(world, ALICE, Disposition.ANSWERED, ring=RINGS, talk=TALKS)
    introduce(world, BOB, Disposition.NO_ANSWER, ring=seconds(30), talk=TALKS)
    call = place(campaign_in(world), world, bridge=(BOB,))
    world.advance_to(START + timedelta(seconds=10))

    world.handsets.answer(BOB)
    with pytest.raises(NobodyThere):
        world.handsets.answer(BOB)
    settle(world)

    assert call.attempt
    assert legs_of(call)[1] == (BOB, "answered")
    assert call.attempt.ended == START + timedelta(seconds=40)
