from collections import Counter
from datetime import time, timedelta

import pytest

from simulator.telephony.calls import CallResult
from simulator.telephony.campaign_settings import CampaignState, Method, RetryPolicy
from simulator.telephony.errors import NobodyThere
from simulator.telephony.ivr import Choice, Menu, Prompt, Result, Script
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.phone_numbers import E164
from tests.telephony.network import (
    ALICE,
    BOB,
    MINUTE,
    START,
    campaign_in,
    introduce,
    network,
    people_who,
    place,
    settle,
)
from tests.telephony.windows import daily


def test_a_call_rings_is_answered_and_ends_in_its_own_time() -> None:
    world = network(people=people_who(Disposition.ANSWERED, ring=seconds(8), talk=seconds(40)))
    call = place(campaign_in(world), world)
    attempt = call.active

    settle(world)

    assert attempt is not None
    assert (attempt.answered, attempt.ended) == (START + timedelta(seconds=8), START + timedelta(seconds=48))
    assert (call.ending, call.ended) == (CallResult.COMPLETED, attempt.ended)


def test_nobody_home_is_tried_again_by_the_campaign_s_policy() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER, ring=seconds(30)))
    call = place(campaign_in(world, retry=RetryPolicy(3, 10 * MINUTE)), world)

    settle(world)

    gaps = [
        later.started - earlier.ended
        for earlier, later in zip(call.attempts, call.attempts[1:], strict=False)
    ]
    assert (call.ending, gaps) == (CallResult.EXHAUSTED, [10 * MINUTE, 10 * MINUTE])


def test_a_retry_that_is_answered_completes_the_call() -> None:
    world = network(people=people_who(Disposition.BUSY, Disposition.ANSWERED))
    call = place(campaign_in(world), world)

    settle(world)

    assert [attempt.disposition for attempt in call.attempts] == [Disposition.BUSY, Disposition.ANSWERED]
    assert call.ending is CallResult.COMPLETED


def test_a_campaign_never_uses_more_lines_than_it_has() -> None:
    world = network(people=people_who(Disposition.ANSWERED, ring=seconds(5), talk=seconds(55)))
    campaign = campaign_in(world, lines=2, repeat=None)
    calls = [place(campaign, world, type(ALICE)(f"+38050000000{number}")) for number in range(6)]

    settle(world)

    starts = [call.attempts[0].started - START for call in calls]
    assert starts == [0 * MINUTE, 0 * MINUTE, MINUTE, MINUTE, 2 * MINUTE, 2 * MINUTE]


def test_of_very_many_calls_some_begin_a_moment_later() -> None:
    world = network()
    campaign = campaign_in(world, state=CampaignState.PAUSED, lines=2_000)
    calls = [place(campaign, world, E164(f"+3805{number:08}")) for number in range(1_200)]

    world.set_state(campaign, CampaignState.ACTIVE)
    settle(world)

    starts = Counter((call.attempts[0].started - START) / timedelta(milliseconds=1) for call in calls)
    assert starts == {0: 500, 10: 500, 20: 200}


def test_pacing_keeps_a_gap_between_starts() -> None:
    world = network()
    campaign = campaign_in(world, lines=10, gap=timedelta(seconds=1), repeat=None)
    calls = [place(campaign, world, type(ALICE)(f"+38050000000{number}")) for number in range(3)]

    settle(world)

    assert [(call.attempts[0].started - START).seconds for call in calls] == [0, 1, 2]


def test_outside_its_hours_a_campaign_waits_for_the_morning() -> None:
    world = network()
    call = place(campaign_in(world, hours=daily(time(6), time(9))), world)

    settle(world)

    assert call.attempts[0].started == START.replace(hour=6) + timedelta(days=1)


def test_a_paused_campaign_dials_when_it_is_resumed() -> None:
    world = network()
    campaign = campaign_in(world, state=CampaignState.PAUSED)
    call = place(campaign, world)
    settle(world)
    assert call.attempts == ()

    world.set_state(campaign, CampaignState.ACTIVE)

    assert call.active is not None


def test_a_callee_on_another_call_is_busy() -> None:
    world = network(people=people_who(Disposition.ANSWERED, talk=seconds(60)))
    campaign = campaign_in(world)
    first, second = place(campaign, world), place(campaign, world)

    settle(world)

    assert first.attempts[0].disposition is Disposition.ANSWERED
    assert [attempt.disposition for attempt in second.attempts] == [Disposition.BUSY, Disposition.ANSWERED]


def test_a_stop_listed_number_is_never_dialed() -> None:
    world = network()
    campaign = campaign_in(world)
    world.stop_list(campaign.account, ALICE)
    call = place(campaign, world)

    settle(world)

    assert (call.ending, call.attempts[0].disposition) == (CallResult.REFUSED, Disposition.STOP_LISTED)


def test_talk_is_billed_by_the_started_minute_and_silence_is_free() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER, Disposition.ANSWERED, talk=seconds(61)))
    campaign = campaign_in(world)
    balance = campaign.account.balance
    call = place(campaign, world)

    settle(world)

    assert [str(attempt.cost) for attempt in call.attempts] == ["0", "0.34"]
    assert balance - campaign.account.balance == call.cost == campaign.cost


def test_an_overdrawn_account_suspends_attempts_until_it_is_topped_up() -> None:
    world = network()
    campaign = campaign_in(world)
    world.credit.top_up(campaign.account, -campaign.account.balance - 1)
    call = place(campaign, world)
    world.clock.after(MINUTE, lambda: world.credit.top_up(campaign.account, campaign.account.balance + 100))

    settle(world)

    assert [attempt.disposition for attempt in call.attempts] == [Disposition.NO_FUNDS, Disposition.ANSWERED]


def test_a_press_from_outside_takes_its_branch() -> None:
    world = network(people=people_who(Disposition.ANSWERED, ring=seconds(5)))
    menu = Menu(Prompt("Press 1."), {"1": Choice(label="one")}, wait=MINUTE)
    call = place(campaign_in(world, script=Script(Prompt("Hello."), menu)), world)
    world.advance_to(START + timedelta(seconds=10))

    world.handsets.press(ALICE, "1")
    settle(world)

    conversation = call.attempts[0].conversation
    assert conversation is not None
    assert (conversation.result, conversation.presses[0].key) == (Result.CHOSEN, "1")
    assert call.ended == START + timedelta(seconds=12)


def test_a_ringing_phone_can_be_answered_from_outside() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER, ring=seconds(30), talk=seconds(20)))
    call = place(campaign_in(world), world)
    world.advance_to(START + timedelta(seconds=3))

    world.handsets.answer(ALICE)
    settle(world)

    assert call.attempts[0].answered == START + timedelta(seconds=3)
    assert (call.ending, len(call.attempts)) == (CallResult.COMPLETED, 1)


def test_nobody_can_press_a_key_where_no_call_is() -> None:
    with pytest.raises(NobodyThere):
        network().handsets.press(ALICE, "1")


def test_a_flash_call_rings_once_and_is_dropped() -> None:
    world = network()
    call = place(campaign_in(world, method=Method.FLASH), world)

    settle(world)

    assert (call.ending, call.attempts[0].disposition, str(call.cost)) == (
        CallResult.COMPLETED,
        Disposition.CANCELLED,
        "0",
    )


def test_an_awaited_callee_calls_in_by_themselves() -> None:
    world = network(people=people_who(Disposition.ANSWERED, calls_in=seconds(30)))
    call = place(campaign_in(world, method=Method.AWAIT), world)

    settle(world)

    assert (call.attempts[0].direction, call.attempts[0].started) == (
        "incoming",
        START + timedelta(seconds=30),
    )


def test_an_awaited_callee_who_never_calls_lets_the_call_expire() -> None:
    world = network(people=people_who(Disposition.ANSWERED, calls_in=None))
    call = place(campaign_in(world, method=Method.AWAIT, lifetime=5 * MINUTE), world)

    settle(world)

    assert (call.ending, call.ended) == (CallResult.EXPIRED, START + 5 * MINUTE)


def test_who_hangs_up_at_once_was_not_reached_and_is_tried_again() -> None:
    world = network(people=people_who(Disposition.ANSWERED, talk=seconds(0.5)))
    call = place(campaign_in(world, script=Script(Prompt("Good morning, this is your clinic."))), world)

    settle(world)

    assert {attempt.disposition for attempt in call.attempts} == {Disposition.TOO_SHORT}
    assert call.ending is CallResult.EXHAUSTED


def test_a_timeline_tells_all_that_happened_in_order() -> None:
    world = network()
    introduce(world, BOB, Disposition.ANSWERED)
    call = place(campaign_in(world), world, BOB)

    settle(world)

    assert [moment.what for moment in call.timeline()] == [
        "placed", "dialing", "ringing", "answered", "hung up", "ended",
    ]  # fmt: skip
