"""dial.click2call: one phone rings, and whoever answers is connected to another or to an IVR."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Script
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import Policy
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation, refuse_blocked, require_credit
from simulator.vendors.kaleyra.fields import Fields, convert
from simulator.vendors.kaleyra.phones import read_numbers
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, IVR, RETRY_AFTER, WELCOME, campaign_of
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import MAX_USE, OFF_HOUR, TURNED_AWAY

MOST_RETRIES = 2

_IVR = re.compile(r"ivr:([\w-]{1,40})|([\w-]{1,40})\.ivr", re.ASCII | re.IGNORECASE)


@operation("dial.click2call", "click_to_call")
def click_to_call(context: RequestContext) -> Reply:
    """Ring the caller, then the receiver; the id is told only with return=1 (documented)."""
    order, wants_id = parse_click_to_call(Fields(context), context.world.clock.now)
    require_credit(context)
    refuse_blocked(context, (order.callee, *order.others))
    refuse_blocked(context, order.bridge)
    campaign = campaign_of(context.world, context.account, CLICK2CALL)
    if word := _turned_away(context, campaign, order):
        order = replace(order, tags={**order.tags, TURNED_AWAY: word})
    call = context.world.place_call(campaign, order)
    if word:
        context.world.turn_away(call)
    return Reply(success({"id": click_id(call)} if wants_id else None))


def _turned_away(context: RequestContext, campaign: Campaign, order: Order) -> str:
    """Return the word for a call that nobody will be dialed for, as its account is set, or an empty text."""
    settings, now = KaleyraSettings.of(context.account), context.world.clock.now
    begin = order.policy.earliest or now
    if settings.off_hours == "end" and not campaign.hours.contain(begin):
        return OFF_HOUR
    is_full = begin <= now and campaign.busy_lines >= campaign.lines
    return MAX_USE if settings.lines_full == "end" and is_full else ""


def parse_click_to_call(fields: Fields, now: datetime) -> tuple[Order, bool]:
    """Read an order and whether its id is wanted; `delay` counts from `now`.

    Several callers are joined by `-`, several receivers by `^` (documented).
    """
    caller, *others = fields.numbers("caller", "-")
    ivr = read_ivr(fields.required("receiver"))
    script = script_of(fields.account, ivr) if ivr else None
    receivers = () if ivr else convert("receiver", _read_receivers, fields.required("receiver"))
    tags = {"meta": fields.json("meta"), "custom": fields.text("custom"), IVR: ivr}
    retries = fields.integer("retry", MOST_RETRIES)
    order = Order(
        callee=caller,
        script=script,
        caller_id=read_caller_id(fields),
        others=tuple(others),
        bridge=receivers,
        policy=Policy(
            attempts=1 + retries,
            retry_after=RETRY_AFTER,
            earliest=now + timedelta(seconds=fields.integer("delay")),
        ),
        postback=fields.postback(answers=True),
        tags={name: value for name, value in tags.items() if value},
    )
    return order, fields.flag("return")


def read_caller_id(fields: Fields) -> E164 | None:
    """Return the number to call from: one of the account's, the first where none is asked (documented)."""
    known = fields.account.caller_ids
    if (number := fields.number("caller_id")) is None:
        return next(iter(known), None)
    if number not in known:
        raise Refused("caller_id_unknown", number=fields.text("caller_id"))
    return number


def read_ivr(text: str) -> str:
    """Return the id in `ivr:<id>` or `<id>.ivr`, or an empty text for anything else."""
    match = _IVR.fullmatch(text)
    return (match[1] or match[2]) if match else ""


def script_of(account: Account, ivr: str) -> Script:
    """Return what an IVR says: that of the account's campaign of this id or name, else a welcome."""
    for campaign in account.campaigns.values():
        if campaign.kind == IVR and ivr in (str(campaign.ref), campaign.name):
            return campaign.script
    known = KaleyraSettings.of(account).ivrs
    if known and ivr not in known:
        raise Refused("sound_unknown", id=ivr)
    return WELCOME


def click_id(call: Call) -> str:
    """Return how click2call names a call."""
    return f"c2c_{call.ref}"


def own_words(call: Call) -> dict[str, str]:
    """Return what the client sent to find a call by, where the account's rows have it.

    No sample has either key; `custom` was seen in live rows of another report, so this is inferred.
    """
    if not KaleyraSettings.of(call.account).references_in_rows:
        return {}
    return {name: call.order.tags[name] for name in ("custom", "meta") if call.order.tags.get(name)}


def _read_receivers(text: str) -> tuple[E164, ...]:
    return read_numbers(text, "^")
