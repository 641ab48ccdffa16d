from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from simulator.telephony.accounts import ContactGroup
from simulator.telephony.errors import UnknownFollowUp, UnknownGroup
from simulator.telephony.follow_ups import Plan
from tests.telephony.network import ALICE, BOB, START, campaign_in, network, settle

TOMORROW = START + timedelta(days=1)
PLAN = Plan(phone=ALICE, name="Alice", follower=BOB, at=TOMORROW, calls=True)


def test_a_follow_up_calls_its_follower_and_connects_them() -> None:
    world = network()
    campaign = campaign_in(world)
    world.follow_ups.add(campaign, PLAN)
    settle(world, timedelta(days=2))

    (call,) = campaign.calls
    assert (call.created, call.callee, call.order.bridge) == (TOMORROW, BOB, (ALICE,))


def test_one_without_calls_only_reminds() -> None:
    world = network()
    campaign = campaign_in(world)
    world.follow_ups.add(campaign, replace(PLAN, calls=False))
    settle(world, timedelta(days=2))

    assert campaign.calls == []


def test_one_whose_time_has_passed_calls_nobody() -> None:
    world = network()
    campaign = campaign_in(world)
    world.follow_ups.add(campaign, replace(PLAN, at=START - timedelta(minutes=1)))
    settle(world, timedelta(days=2))

    assert campaign.calls == []


def test_a_changed_plan_is_followed_once() -> None:
    world = network()
    campaign = campaign_in(world)
    follow_up = world.follow_ups.add(campaign, PLAN)
    world.follow_ups.change(follow_up, replace(PLAN, at=TOMORROW + timedelta(hours=3)))
    settle(world, timedelta(days=2))

    assert [call.created for call in campaign.calls] == [TOMORROW + timedelta(hours=3)]


def test_a_dropped_one_is_forgotten() -> None:
    world = network()
    campaign = campaign_in(world)
    follow_up = world.follow_ups.add(campaign, PLAN)
    world.follow_ups.drop(follow_up)
    settle(world, timedelta(days=2))

    assert campaign.calls == []
    with pytest.raises(UnknownFollowUp):
        world.follow_ups.find(campaign.account, follow_up.ref)


def test_a_group_is_found_by_reference_before_name() -> None:
    world = network()
    account = world.network.account_of(campaign_in(world).account)
    account.groups = {"1": ContactGroup("1", "2"), "2": ContactGroup("2", "patients", (ALICE,))}

    assert account.group("2").numbers == (ALICE,)
    assert account.group("patients").ref == "2"
    with pytest.raises(UnknownGroup):
        account.group("nobody")


def test_who_is_forgiven_can_be_called_again() -> None:
    world = network()
    account = campaign_in(world).account
    world.stop_list(account, ALICE)
    world.forgive(account, ALICE)
    world.forgive(account, BOB)

    assert account.stop_list == {}
