"""Follow-ups: whom somebody wants to call again, when, and the calls that come of that on the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial

from msgspec import Struct

from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import (
    CampaignNotDialing,
    InsufficientFunds,
    TooManyCallsToNumber,
    UnknownFollowUp,
)
from simulator.telephony.network import Network
from simulator.telephony.owners import Entity, Owner, Ref, look_up
from simulator.telephony.phone_numbers import E164


class Plan(Struct, frozen=True, kw_only=True):
    """Call `phone`, who is called `name`, again at `at`: `follower` does; with `calls` both are rung up."""

    phone: E164
    name: str
    follower: E164
    at: datetime
    calls: bool = False
    notes: str = ""


class FollowUp(Entity):
    """One follow-up of an account; its plan may change, its calls are those of `campaign`."""

    ref: Ref
    campaign: Campaign
    plan: Plan


class FollowUps:
    """The follow-ups of a world; those that call by themselves do so on its clock, none in hindsight."""

    def __init__(self, network: Network, place_call: Callable[[Campaign, Order], object]) -> None:
        self._network = network
        self._place_call = place_call
        self._kept: dict[Owner, dict[Ref, FollowUp]] = {}

    def of(self, account: Owner) -> Mapping[Ref, FollowUp]:
        """Return the follow-ups of an account, the one noted longest ago first."""
        return self._kept.get(account, {})

    def find(self, account: Owner, ref: Ref) -> FollowUp:
        """Return a follow-up of `account`; raises UnknownFollowUp."""
        return look_up(self.of(account), ref, UnknownFollowUp)

    def add(self, campaign: Campaign, plan: Plan) -> FollowUp:
        """Note a follow-up; if its plan says so, the call is placed in `campaign` when the time comes."""
        account = campaign.account
        ref = self._network.mint_next(account, "follow_up")
        follow_up = self._kept.setdefault(account, {})[ref] = FollowUp(ref, campaign, plan)
        self._await(follow_up)
        return follow_up

    def change(self, follow_up: FollowUp, plan: Plan) -> None:
        """Give a follow-up another plan; what the former one scheduled does not happen."""
        follow_up.plan = plan
        self._await(follow_up)

    def drop(self, follow_up: FollowUp) -> None:
        """Forget a follow-up."""
        del self._kept[follow_up.campaign.account][follow_up.ref]

    def _await(self, follow_up: FollowUp) -> None:
        if follow_up.plan.calls and follow_up.plan.at >= self._network.clock.now:
            self._network.clock.at(follow_up.plan.at, partial(self._do, follow_up, follow_up.plan))

    def _do(self, follow_up: FollowUp, plan: Plan) -> None:
        campaign = follow_up.campaign
        if self.of(campaign.account).get(follow_up.ref) is follow_up and follow_up.plan is plan:
            with suppress(InsufficientFunds, CampaignNotDialing, TooManyCallsToNumber):
                self._place_call(campaign, Order(callee=plan.follower, bridge=(plan.phone,)))
