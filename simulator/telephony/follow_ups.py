"""Follow-ups: whom somebody wants to call again, when, and whether the network places that call."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from simulator.telephony.calls import Order
from simulator.telephony.errors import CampaignNotDialing, InsufficientFunds, TooManyCallsToNumber
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.accounts import Ref
    from simulator.telephony.campaigns import Campaign
    from simulator.telephony.world import World


@dataclass(frozen=True, slots=True)
class Plan:
    """Call `phone`, who is called `name`, again at `at`: `follower` does; with `calls` both are rung up."""

    phone: E164
    name: str
    follower: E164
    at: datetime
    calls: bool = False
    notes: str = ""


@dataclass(slots=True, eq=False)
class FollowUp:
    """One follow-up of an account; its plan may change, its calls are those of `campaign`."""

    ref: Ref
    campaign: Campaign
    plan: Plan


class FollowUps:
    """The follow-ups of a world; those that call by themselves do so on its clock."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, campaign: Campaign, plan: Plan) -> FollowUp:
        """Note a follow-up; if its plan says so, the call is placed in `campaign` when the time comes."""
        account = campaign.account
        ref = self._world.mint(account, "follow_up", account.follow_ups, len(account.follow_ups), plan.phone)
        account.follow_ups[ref] = follow_up = FollowUp(ref, campaign, plan)
        self._await(follow_up)
        return follow_up

    def change(self, follow_up: FollowUp, plan: Plan) -> None:
        """Give a follow-up another plan; what the former one scheduled does not happen."""
        follow_up.plan = plan
        self._await(follow_up)

    def drop(self, follow_up: FollowUp) -> None:
        """Forget a follow-up."""
        del follow_up.campaign.account.follow_ups[follow_up.ref]

    def _await(self, follow_up: FollowUp) -> None:
        if follow_up.plan.calls:
            self._world.clock.at(follow_up.plan.at, partial(self._do, follow_up, follow_up.plan))

    def _do(self, follow_up: FollowUp, plan: Plan) -> None:
        account = follow_up.campaign.account
        if account.follow_ups.get(follow_up.ref) is follow_up and follow_up.plan is plan:
            with suppress(InsufficientFunds, CampaignNotDialing, TooManyCallsToNumber):
                self._world.place_call(follow_up.campaign, Order(plan.follower, bridge=(plan.phone,)))
