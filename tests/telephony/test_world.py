from collections import Counter
from datetime import timedelta

import pytest

from simulator.telephony.accounts import Account
from simulator.telephony.calls import CallResult
from simulator.telephony.campaign_settings import CampaignState, Contact, RowVerdict
from simulator.telephony.errors import (
    CallAlreadyEnded,
    CampaignNotDialing,
    DuplicateLabel,
    InsufficientFunds,
    MalformedCredential,
    TooManyCallsToNumber,
    UnknownCall,
    UnknownCampaign,
    UnknownCredential,
    UnknownLabel,
    UnknownNumber,
)
from simulator.telephony.ivr import Prompt
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import Rules
from tests.telephony.network import ALICE, BOB, MINUTE, START, campaign_in, network, people_who, place, settle


def numbers(count: int) -> list[E164]:
    return [E164(f"+38050{number:07}") for number in range(count)]


def test_a_world_that_admits_anyone_furnishes_the_account_it_opens() -> None:
    world = network(rules=Rules(admits_anyone=True))

    account = world.admit("plain", "somebody")

    assert [campaign.name for campaign in account.campaigns.values()] == ["newcomer's"]
    assert world.admit("plain", "somebody") is account


def test_elsewhere_only_listed_keys_are_let_in() -> None:
    world = network()

    with pytest.raises(UnknownCredential):
        world.admit("plain", "stranger")
    with pytest.raises(MalformedCredential):
        world.admit("plain", "not a key!")


def test_what_an_account_does_not_have_is_named_in_the_refusal() -> None:
    world = network()
    campaign = campaign_in(world)
    account = world.network.account_of(campaign.account)

    with pytest.raises(UnknownCampaign):
        account.campaign(-1)
    with pytest.raises(UnknownCall):
        account.call(-1)
    with pytest.raises(UnknownNumber):
        account.calls_to(ALICE, campaign)
    with pytest.raises(UnknownLabel):
        campaign.call_labelled("x")


def test_a_reference_is_the_same_whatever_was_placed_before() -> None:
    quiet, busy = network(), network()
    campaign, crowded = campaign_in(quiet), campaign_in(busy, repeat=None)
    for number in numbers(20):
        place(crowded, busy, number)

    assert place(campaign, quiet).ref == place(crowded, busy).ref


def test_references_never_collide_even_in_a_small_space() -> None:
    world = network(space=1_000)
    campaign = campaign_in(world, repeat=None)
    calls = [place(campaign, world, number) for number in numbers(600)]

    assert len({call.ref for call in calls}) == 600


def test_the_same_number_may_be_called_only_so_often() -> None:
    world = network()
    campaign = campaign_in(world)
    for _ in range(5):
        place(campaign, world)

    with pytest.raises(TooManyCallsToNumber) as refused:
        place(campaign, world)

    assert (refused.value.allow, refused.value.per) == (5, timedelta(seconds=30))
    place(campaign, world, BOB)
    settle(world, timedelta(seconds=30))
    place(campaign, world)


def test_a_label_is_unique_in_its_campaign() -> None:
    world = network()
    campaign = campaign_in(world)
    call = place(campaign, world, label="order_1")

    with pytest.raises(DuplicateLabel):
        place(campaign, world, BOB, label="order_1")

    assert campaign.call_labelled("order_1") is call


def test_an_archived_campaign_takes_no_calls() -> None:
    world = network()

    with pytest.raises(CampaignNotDialing):
        place(campaign_in(world, state=CampaignState.ARCHIVED), world)


def test_an_account_may_refuse_calls_on_credit() -> None:
    world = network()
    campaign = campaign_in(world)
    campaign.account.refuses_on_credit = True
    world.credit.top_up(campaign.account, -campaign.account.balance - 1)

    with pytest.raises(InsufficientFunds):
        place(campaign, world)


def test_a_removed_call_is_not_dialed_again() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER))
    call = place(campaign_in(world), world)
    settle(world, MINUTE)
    world.remove_call(call)

    settle(world)

    assert (call.ending, len(call.attempts)) == (CallResult.REMOVED, 1)
    with pytest.raises(CallAlreadyEnded):
        world.remove_call(call)


def test_finishing_a_campaign_stops_its_open_calls() -> None:
    world = network(people=people_who(Disposition.NO_ANSWER))
    campaign = campaign_in(world)
    call = place(campaign, world)

    world.set_state(campaign, CampaignState.FINISHED)
    settle(world)

    assert (call.ending, len(call.attempts)) == (CallResult.STOPPED, 1)


def test_imported_contacts_become_calls_later_and_in_portions() -> None:
    world = network()
    campaign = campaign_in(world, state=CampaignState.PAUSED)
    phones = world.imports.take(campaign, [Contact(number) for number in numbers(2_500)])

    seen = [len(phones.calls)]
    for length in (2, 1, 1, 1, 1):
        settle(world, timedelta(seconds=length))
        seen.append(len(phones.calls))

    assert seen == [0, 0, 1000, 2000, 2500, 2500]


def test_a_large_portion_appears_in_slices_the_last_of_which_is_when_it_is_due() -> None:
    world = network()
    campaign = campaign_in(world, state=CampaignState.PAUSED)
    phones = world.imports.take(campaign, [Contact(number) for number in numbers(1_000)])

    settle(world, timedelta(seconds=3))
    instants = Counter(call.created for call in phones.calls)

    assert set(instants.values()) == {50}
    assert max(instants) == START + timedelta(seconds=3)
    assert min(instants) > START + timedelta(seconds=2.9)


def test_imported_calls_are_born_of_the_import_whatever_came_meanwhile() -> None:
    world = network()
    world.clock.cause = 7
    phones = world.imports.take(campaign_in(world), [Contact(number) for number in numbers(1_500)])
    world.clock.cause = 8
    settle(world, MINUTE)

    assert {call.born for call in phones.calls} == {7}


def test_a_bad_row_keeps_its_verdict_and_never_sinks_the_good_ones() -> None:
    world = network()
    campaign = campaign_in(world)
    verdict = RowVerdict(2, "abc", "not a phone number")
    phones = world.imports.take(campaign, [Contact(ALICE), Contact(BOB)], [verdict])

    settle(world, MINUTE)

    assert (len(phones.calls), phones.refused) == (2, [verdict])


def test_a_row_may_bring_its_own_text_and_label() -> None:
    world = network()
    campaign = campaign_in(world)
    world.imports.take(campaign, [Contact(ALICE, Prompt("Dear Alice."), "alice")])
    settle(world, MINUTE)

    call = campaign.call_labelled("alice")

    assert call.order.script is not None
    assert call.order.script.opening.text == "Dear Alice."


def test_two_accounts_of_one_vendor_cannot_share_a_key() -> None:
    world = network()
    campaign_in(world)

    with pytest.raises(ValueError, match="already"):
        world.open_account(Account(name="other", vendor="plain", credential="key", opened=START))


def test_an_end_is_announced_once_and_put_into_the_outbox() -> None:
    world = network()
    call = place(campaign_in(world), world)

    settle(world)

    assert [delivery.request for delivery in world.outbox.deliveries.values()] == [
        f"call.finished {call.ref}"
    ]
