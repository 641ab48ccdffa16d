"""voice.call, voice.json, voice.status and voice.groupstatus: one message to many, one group a request."""

from __future__ import annotations

import re

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import UnknownCall, UnknownCampaign
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.owners import Slot
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, keyed, statuses, success
from simulator.vendors.kaleyra.broadcasts import Broadcast, parse_form, parse_options, text_of
from simulator.vendors.kaleyra.click2call import own_words
from simulator.vendors.kaleyra.endpoint import operation, refuse_blocked, require_credit
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.provisioning import OBD
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import SENT, obd_status
from simulator.vendors.kaleyra.times import render_stamp

ROWS = {"data": "voice"}

_ID = re.compile(r"([0-9]{1,12})-([0-9]{1,9})", re.ASCII)


@operation("voice.call", "start_obd_call", "obd_api_start_call")
def start_obd_call(context: RequestContext) -> Reply:
    """Call numbers or groups; the samples tell nothing but OK, clients get an id with return=1 (observed)."""
    fields = Fields(context)
    broadcast = parse_form(fields, context)
    campaign, calls = _place(context, fields.text("campaign"), fields.flag("newgroup"), [broadcast])
    wants_id = fields.flag("return") or KaleyraSettings.of(context.account).tells_obd_id
    data = {"id": obd_id(calls[0])} if wants_id else None
    return Reply(success(data), only_in_text={"GID": str(campaign.ref)})


@operation("voice.json", "obd_call_json", verbs=("POST",))
def obd_call_json(context: RequestContext) -> Reply:
    """Call the numbers of a JSON body, whose entries may each override its defaults.

    Each request is a group of its own (the samples: ids count from 1).
    """
    body = Fields(context).body()
    if not isinstance(body, dict):
        raise Refused("body_malformed", reason="a JSON object is expected")
    entries = body.get("call")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("parameter_missing", name="call")
    broadcasts = [parse_options({**body, **entry}, context) for entry in entries]
    campaign, calls = _place(context, text_of(body, "campaign"), new_group=True, broadcasts=broadcasts)
    rows = [{"id": obd_id(call), "mobile": render_number(call.callee), "status": SENT} for call in calls]
    return Reply(success({**dict(keyed(rows)), "group_id": campaign.ref}), ROWS)


@operation("voice.status", "obd_status", "obd_api_status")
def obd_status_of_call(context: RequestContext) -> Reply:
    """Tell of one call; `mobile` filters (documented)."""
    fields = Fields(context)
    call = find_obd_call(context.account, fields.required("id"))
    calls = [call] if fields.number("mobile") in (None, call.callee) else []
    return Reply(statuses(keyed([render_obd_call(call) for call in calls])), ROWS, prolog=False)


@operation("voice.groupstatus", "obd_group_status", "obd_api_group_status")
def obd_status_of_group(context: RequestContext) -> Reply:
    """Tell of all calls of a group, in their order."""
    fields = Fields(context)
    ref, name = fields.required("groupid"), fields.text("campaign")
    campaign = find_group(context.account, ref)
    if name not in ("", campaign.name):
        raise UnknownCampaign(ref)
    return Reply(statuses(keyed([render_obd_call(call) for call in campaign.calls])), ROWS, prolog=False)


def find_group(account: Account, ref: str) -> Campaign:
    """Return the calls of one group; raises UnknownCampaign."""
    campaign = account.campaigns.get(int(ref)) if ref.isascii() and ref.isdigit() and len(ref) < 13 else None
    if campaign is None or campaign.kind != OBD:
        raise UnknownCampaign(ref)
    return campaign


def find_obd_call(account: Account, ref: str) -> Call:
    """Return the call with an id `<group>-<n>`, n counted from 1; raises UnknownCall."""
    if not (match := _ID.fullmatch(ref)):
        raise UnknownCall(ref)
    campaign = account.campaigns.get(int(match[1]))
    if campaign is None or campaign.kind != OBD or not 1 <= int(match[2]) <= len(campaign.calls):
        raise UnknownCall(ref)
    return campaign.calls[int(match[2]) - 1]


def obd_id(call: Call) -> str:
    """Return the id of a call: its group, and its place in it."""
    return f"{call.campaign.ref}-{call.order.tags['place']}"


def render_obd_call(call: Call) -> dict[str, str]:
    """Return a row, its keys in the order of the sample."""
    return {
        "id": obd_id(call),
        "mobile": render_number(call.callee),
        "status": obd_status(call),
        "senttime": render_stamp(call.attempts[0].started if call.attempts else call.created),
        **own_words(call),
    }


def _place(
    context: RequestContext, name: str, new_group: bool, broadcasts: list[Broadcast]
) -> tuple[Campaign, list[Call]]:
    require_credit(context)
    refuse_blocked(context, [number for broadcast in broadcasts for number in broadcast.numbers])
    campaign = _group(context, name or "API", broadcasts[0].script, new_group)
    orders: list[Order] = []
    for broadcast in broadcasts:
        orders += broadcast.orders(len(campaign.calls) + len(orders) + 1)
    return campaign, context.world.place_calls(campaign, orders)


_GROUPS: Slot[dict[tuple[str, Prompt], Campaign]] = Slot("obd groups", dict)


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
