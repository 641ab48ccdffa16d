"""Whether calls may be placed and whether they are dialed, and the group that a broadcast's calls are in."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import InsufficientFunds
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.owners import Slot
from simulator.telephony.phone_numbers import E164
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.provisioning import OBD
from simulator.vendors.kaleyra.requests import Broadcast
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import MAX_USE, OFF_HOUR

_GROUPS: Slot[dict[tuple[str, Prompt], Campaign]] = Slot("obd groups", dict)


def require_credit(context: RequestContext) -> None:
    """Refuse a call that the account cannot pay for: prepaid credits are used up at zero."""
    if context.account.balance <= 0:
        raise InsufficientFunds


def refuse_blocked(context: RequestContext, numbers: Iterable[E164]) -> None:
    """Refuse to call numbers that are all blocked, where the account's settings say so (inferred)."""
    callees, account = list(numbers), context.account
    refuses = KaleyraSettings.of(account).refuses_blocked
    if callees and refuses and account.stop_list.keys() >= set(callees):
        raise Refused("number_blocked", number=render_number(callees[0]))


def why_turned_away(context: RequestContext, campaign: Campaign, order: Order) -> str:
    """Return the word for a call that nobody will be dialed for, as its account is set, or an empty text."""
    settings, now = KaleyraSettings.of(context.account), context.world.clock.now
    begin = order.policy.earliest or now
    if settings.off_hours == "end" and not campaign.hours.contain(begin):
        return OFF_HOUR
    is_full = begin <= now and campaign.busy_lines >= campaign.lines
    return MAX_USE if settings.lines_full == "end" and is_full else ""


def place_broadcasts(
    context: RequestContext, name: str, new_group: bool, broadcasts: list[Broadcast]
) -> tuple[Campaign, list[Call]]:
    """Place the calls of one request, which share a group."""
    require_credit(context)
    refuse_blocked(context, [number for broadcast in broadcasts for number in broadcast.numbers])
    campaign = _group(context, name or "API", broadcasts[0].script, new_group)
    orders: list[Order] = []
    for broadcast in broadcasts:
        orders += broadcast.orders(len(campaign.calls) + len(orders) + 1)
    return campaign, context.world.place_calls(campaign, orders)


def _group(context: RequestContext, name: str, script: Script, new: bool) -> Campaign:
    """Return a group for calls: by default similar requests share one (documented).

    Similar are requests of one campaign with the same script (inferred).
    """
    shared = _GROUPS.of(context.account)
    key = (name, script.opening)
    if new or key not in shared:
        campaign = context.world.open_campaign(context.account, name, OBD)
        shared.setdefault(key, campaign)
        return campaign
    return shared[key]
