"""Follow-ups that somebody noted, and the calls that come of them on the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import CampaignNotDialing, InsufficientFunds, TooManyCallsToNumber
from simulator.telephony.follow_ups import FollowUp, Plan
from simulator.telephony.network import Network


class FollowUps:
    """The follow-ups of a world; those that call by themselves do so on its clock."""

    def __init__(self, network: Network, place_call: Callable[[Campaign, Order], object]) -> None:
        self._network = network
        self._place_call = place_call
        self._noted: Counter[tuple[str, str]] = Counter()

    def add(self, campaign: Campaign, plan: Plan) -> FollowUp:
        """Note a follow-up; if its plan says so, the call is placed in `campaign` when the time comes."""
        account = self._network.account_of(campaign.account)
        self._noted[account.vendor, account.credential] += 1
        ref = self._network.mint_next(account, "follow_up", self._noted[account.vendor, account.credential])
        account.follow_ups[ref] = follow_up = FollowUp(ref, campaign, plan)
        self._await(follow_up)
        return follow_up

    def change(self, follow_up: FollowUp, plan: Plan) -> None:
        """Give a follow-up another plan; what the former one scheduled does not happen."""
        follow_up.plan = plan
        self._await(follow_up)

    def drop(self, follow_up: FollowUp) -> None:
        """Forget a follow-up."""
        del self._network.account_of(follow_up.campaign.account).follow_ups[follow_up.ref]

    def _await(self, follow_up: FollowUp) -> None:
        if follow_up.plan.calls:
            self._network.clock.at(follow_up.plan.at, partial(self._do, follow_up, follow_up.plan))

    def _do(self, follow_up: FollowUp, plan: Plan) -> None:
        account = self._network.account_of(follow_up.campaign.account)
        if account.follow_ups.get(follow_up.ref) is follow_up and follow_up.plan is plan:
            with suppress(InsufficientFunds, CampaignNotDialing, TooManyCallsToNumber):
                self._place_call(
                    self._network.campaign_of(follow_up.campaign),
                    Order(callee=plan.follower, bridge=(plan.phone,)),
                )
