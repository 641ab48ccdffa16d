"""Calls and campaigns by the names that addresses of the control plane have for them."""

from __future__ import annotations

from simulator.errors import UnknownName
from simulator.telephony.campaigns import Campaign
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.world import World


def find_call(world: World, name: str) -> AnyCall:
    """Return the call called `vendor:ref`, or by its reference alone; raises UnknownName."""
    vendor, colon, ref = name.rpartition(":")
    keys = (ref, int(ref)) if ref.isascii() and ref.isdecimal() and len(ref) < 20 else (ref,)
    for account in world.accounts.values():
        if colon and account.vendor != vendor:
            continue
        for key in keys:
            if (call := account.calls.get(key) or account.line_calls.get(key)) is not None:
                return call
    raise UnknownName("call", name, [])


def find_campaign(world: World, name: str) -> Campaign:
    """Return the campaign called `vendor:ref`, or by its reference alone; raises UnknownName."""
    vendor, colon, ref = name.rpartition(":")
    for account in world.accounts.values():
        for campaign in account.campaigns.values():
            if str(campaign.ref) == ref and (not colon or account.vendor == vendor):
                return campaign
    raise UnknownName("campaign", name, [])
