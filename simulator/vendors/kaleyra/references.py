"""Calls and groups by the ids that answers told, and what is meant where an id is of another method."""

from __future__ import annotations

import re

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.live_calls import LiveCall
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.provisioning import OBD
from simulator.vendors.kaleyra.responses import click_id, incoming_id

_OBD_ID = re.compile(r"([1-9][0-9]{0,11})-([1-9][0-9]{0,8})", re.ASCII)
_GROUP = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)

_KINDS = (
    (re.compile(r"c2c_.+"), "dial.c2cstatus", "an id that begins with c2c_ is of dial.click2call"),
    (_OBD_ID, "voice.status", "an id with a dash is of voice.call or voice.json"),
    (_GROUP, "voice.groupstatus", "a number alone is of a group"),
    (re.compile(r"[0-9a-f]{22}"), "dial", "an id of 22 digits is of an incoming call"),
)
"""What ids look like, which method tells of them, and where they come from; deployed clients mix up some."""


def find_call(context: RequestContext, ref: str) -> Call:
    """Return a click2call by its id; raises Refused."""
    call = context.account.calls.get(ref.removeprefix("c2c_"))
    if call is None or ref != click_id(call):
        raise _unknown("call_unknown", ref, "dial.c2cstatus")
    return call


def find_incoming(context: RequestContext, ref: str) -> LiveCall:
    """Return an incoming call by its id; raises Refused."""
    call = context.account.line_calls.get(ref[:16])
    if call is None or ref != incoming_id(call):
        raise _unknown("call_unknown", ref, "dial")
    return call


def find_group(account: Account, ref: str) -> Campaign:
    """Return the calls of one group; raises Refused."""
    campaign = account.campaigns.get(int(ref)) if _GROUP.fullmatch(ref) else None
    if campaign is None or campaign.kind != OBD:
        raise _unknown("group_unknown", ref, "voice.groupstatus")
    return campaign


def another_campaigns(ref: str) -> Refused:
    """Return the refusal of a group that is there, but not in the campaign that a request names."""
    error = Refused("group_unknown", id=ref)
    error.advice = "the group is there, and its campaign has another name"
    return error


def find_obd_call(account: Account, ref: str) -> Call:
    """Return the call with an id `<group>-<n>`, n counted from 1; raises Refused."""
    if not (match := _OBD_ID.fullmatch(ref)):
        raise _unknown("call_unknown", ref, "voice.status")
    campaign = account.campaigns.get(int(match[1]))
    if campaign is None or campaign.kind != OBD or int(match[2]) > len(campaign.calls):
        raise _unknown("call_unknown", ref, "voice.status")
    return campaign.calls[int(match[2]) - 1]


def _unknown(fact: str, ref: str, method: str) -> Refused:
    """Return the refusal of an id by a method, with advice where it looks like another method's."""
    error = Refused(fact, id=ref)
    for looks, asked, origin in _KINDS:
        if asked != method and looks.fullmatch(ref):
            error.advice = f"{origin}: ask {asked} for it"
            break
    return error
