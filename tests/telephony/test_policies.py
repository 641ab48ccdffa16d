from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from simulator.telephony.calls import Call, CallResult, Order
from simulator.telephony.campaign_settings import CampaignState, RetryPolicy
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Choice, Menu, Prompt, Redial, Script
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import Policy, Windows
from simulator.telephony.world import World
from tests.telephony.network import (
    ALICE,
    BOB,
    MINUTE,
    START,
    campaign_in,
    introduce,
    network,
    people_who,
    settle,
)

NINE_TO_SIX: Windows = dict.fromkeys(range(7), ((time(9), time(18)),))
UNTIL_NOON: Windows = dict.fromkeys(range(7), ((time(9), time(12)),))
AGAIN = Script(
    Prompt("Shall we call again? Press 9."), Menu(choices={"9": Choice(label="later", redial=Redial(MINUTE))})
)


def place(world: World, campaign: Campaign, callee: E164 = ALICE, **policy: Any) -> Call:
    return world.place_call(campaign, Order(callee=callee, policy=Policy(**policy)))


def crowd(world: World, campaign: Campaign, policies: Sequence[Policy]) -> list[Call]:
    orders = [
        Order(callee=E164(f"+3805000{place:05}"), policy=policy) for place, policy in enumerate(policies)
    ]
    return world.place_calls(campaign, orders)


def started(calls: Sequence[Call]) -> list[int]:
    """Return the places of the calls in the order in which they were first dialed."""
    dialed = [(call.attempts[0].started, place) for place, call in enumerate(calls) if call.attempts]
    return [place for _, place in sorted(dialed)]


def test_a_policy_is_laid_over_the_one_below_it_word_by_word() -> None:
    number = Policy(attempts=5, zone="Asia/Tokyo")

    assert Policy(attempts=2).over(number) == Policy(attempts=2, zone="Asia/Tokyo")


def test_a_number_has_its_own_attempts_and_waits_and_the_campaigns_otherwise() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER))
    campaign = campaign_in(world, retry=RetryPolicy(3, timedelta(hours=1)))
    own, other = place(world, campaign, attempts=2, retry_after=MINUTE), place(world, campaign, BOB)

    settle(world)

    assert [len(own.attempts), len(other.attempts)] == [2, 3]
    assert own.attempts[1].started - own.attempts[0].ended == MINUTE


def test_a_number_is_dialed_in_the_hours_of_its_own_zone_across_a_change_of_the_clock() -> None:
    world = World(datetime(2026, 3, 28, 20, tzinfo=UTC), network().operators)
    campaign = campaign_in(world)

    call = place(world, campaign, windows=NINE_TO_SIX, zone="Europe/Berlin")
    settle(world)

    assert call.attempts[0].started == datetime(2026, 3, 29, 7, tzinfo=UTC)  # 09:00 in summer time


def test_a_campaign_may_keep_to_the_time_of_each_callee() -> None:
    world = network()
    introduce(world, ALICE, Disposition.ANSWERED)
    world.people.listed[ALICE].zone = "America/New_York"
    campaign = campaign_in(world, customer_time=True)

    call = place(world, campaign, windows=NINE_TO_SIX)
    settle(world)

    assert call.attempts[0].started == datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_a_call_starts_not_before_its_earliest_and_never_after_its_latest() -> None:
    world = network()
    campaign = campaign_in(world, lines=1)
    later = place(world, campaign, earliest=START + timedelta(hours=3))
    campaign.lines = 0
    missed = place(world, campaign, BOB, latest=START + timedelta(hours=1))

    settle(world, timedelta(hours=2))
    campaign.lines = 1
    settle(world)

    assert later.attempts[0].started == START + timedelta(hours=3)
    assert (missed.ending, missed.attempts, missed.ended) == (
        CallResult.EXPIRED,
        (),
        START + timedelta(hours=1),
    )


def test_no_retry_is_made_after_the_latest_instant() -> None:
    world = network(people=people_who(Disposition.BUSY))
    call = place(world, campaign_in(world), attempts=9, retry_after=MINUTE, latest=START + 3 * MINUTE)

    settle(world)

    assert call.ending is CallResult.EXPIRED
    assert all(attempt.started < START + 3 * MINUTE for attempt in call.attempts)


def test_own_terms_go_first_then_priority_then_the_window_that_closes_soonest() -> None:
    world = network(people=people_who(Disposition.ANSWERED))
    campaign = campaign_in(world, lines=1, state=CampaignState.PAUSED)
    policies = [
        Policy(),
        Policy(windows=NINE_TO_SIX),
        Policy(windows=UNTIL_NOON),
        Policy(priority=5, windows=UNTIL_NOON),
        Policy(priority=1),
        Policy(latest=START + timedelta(hours=1)),
    ]
    calls = crowd(world, campaign, policies)

    world.set_state(campaign, CampaignState.ACTIVE)
    settle(world)

    assert started(calls) == [4, 5, 2, 1, 3, 0]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_who_waits_in_hours_of_their_own_waits_since_those_began(order: tuple[int, ...]) -> None:
    world = World(START.replace(hour=18), network().operators)
    campaign = campaign_in(world, lines=1, state=CampaignState.PAUSED)
    spans = [(time(17), time(21)), (time(18), time(18, 30)), (time(17), time.max), (time(16), time.max)]
    policies = [Policy(windows=dict.fromkeys(range(7), (spans[place],))) for place in order]
    calls = crowd(world, campaign, policies)

    world.set_state(campaign, CampaignState.ACTIVE)
    settle(world)

    assert ["ABCD"[order[place]] for place in started(calls)] == ["B", "A", "D", "C"]


def test_never_more_calls_go_on_than_there_are_lines() -> None:
    world = network(people=people_who(Disposition.ANSWERED))
    campaign = campaign_in(world, lines=3)
    calls = crowd(world, campaign, [Policy(priority=1 + place % 5) for place in range(40)])
    most = 0

    while world.clock.next_due:
        world.advance_to(world.clock.next_due)
        world.outbox.take_ready()
        most = max(most, sum(call.active is not None for call in calls))

    assert most == 3
    assert all(call.ending is CallResult.COMPLETED for call in calls)


def test_a_paused_campaign_keeps_its_calls_and_a_finished_one_ends_them() -> None:
    world = network()
    campaign = campaign_in(world, state=CampaignState.PAUSED)
    kept, stopped = place(world, campaign), place(world, campaign, BOB, priority=2)
    settle(world)
    before = (kept.ending, stopped.attempts)

    world.set_state(campaign, CampaignState.FINISHED)

    assert before == (None, ())
    assert (kept.ending, stopped.ending) == (CallResult.STOPPED, CallResult.STOPPED)
    assert campaign.over == [kept, stopped]
    assert campaign.open == {}


def test_a_campaign_may_give_up_on_what_others_try_again() -> None:
    world = network(people=people_who(Disposition.INVALID))
    campaign = campaign_in(world, retry=RetryPolicy(gives_up_on=frozenset({Disposition.INVALID})))

    call = place(world, campaign)
    settle(world)

    assert (call.ending, len(call.attempts)) == (CallResult.REFUSED, 1)


def test_a_redial_that_the_script_asks_for_is_a_new_call() -> None:
    world = network(people=people_who(Disposition.BUSY, Disposition.ANSWERED, presses=("9",)))
    campaign = campaign_in(world, script=AGAIN, retry=RetryPolicy(2, MINUTE))

    call = place(world, campaign)
    settle(world)

    again = campaign.calls[1]
    assert [(one.ending, len(one.attempts)) for one in campaign.calls] == [(CallResult.COMPLETED, 2)] * 2
    assert (again.repeats, again.redials, again.born) == (1, 1, 0)
    assert call.ended is not None
    assert again.attempts[0].started == call.ended + MINUTE


def test_a_redial_has_terms_of_its_own_laid_over_the_numbers() -> None:
    world = network(people=people_who(Disposition.ANSWERED, presses=("9",)))
    choice = Choice(label="later", redial=Redial(MINUTE, Policy(attempts=1, priority=1)))
    campaign = campaign_in(world, script=Script(menu=Menu(choices={"9": choice})))

    call = place(world, campaign, attempts=7, zone="Asia/Tokyo")
    settle(world)

    again = campaign.calls[1].order.policy
    assert again == Policy(attempts=1, priority=1, zone="Asia/Tokyo", earliest=again.earliest)
    assert call.order.policy == Policy(attempts=7, zone="Asia/Tokyo")


def test_a_call_ended_from_outside_is_over_when_its_attempt_is() -> None:
    world = network(people=people_who(Disposition.ANSWERED))
    campaign = campaign_in(world)
    call = place(world, campaign)
    world.advance_to(START + timedelta(seconds=1))

    world.remove_call(call)
    before = (call.over, list(campaign.over))
    settle(world)

    assert before == (None, [])
    assert (call.over, campaign.over) == (call.attempts[0].ended, [call])


def test_many_calls_are_placed_at_once_or_not_at_all() -> None:
    world = network()
    campaign = campaign_in(world)
    place(world, campaign)
    orders = [Order(callee=BOB), Order(callee=ALICE, label="taken")]
    world.place_call(campaign, Order(callee=ALICE, label="taken"))

    with pytest.raises(Exception, match="taken"):
        world.place_calls(campaign, orders)

    assert len(campaign.calls) == 2


def test_of_very_many_new_calls_those_with_the_best_terms_still_go_first() -> None:
    world = network(people=people_who(Disposition.ANSWERED))
    campaign = campaign_in(world, lines=1, delay=timedelta(seconds=1))
    calls = crowd(world, campaign, [Policy(priority=5)] * 1_200 + [Policy(priority=1)])

    settle(world, timedelta(minutes=1))

    assert started(calls)[0] == 1_200
    assert calls[1_200].attempts[0].started == START + timedelta(seconds=1, milliseconds=20)
