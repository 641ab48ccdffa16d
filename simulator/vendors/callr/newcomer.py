"""What a newcomer to Callr finds, and how this vendor calls things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.audio import AudioClip, ClipSource
from simulator.telephony.campaigns import Campaign
from simulator.telephony.phone_numbers import parse_number
from simulator.telephony.world import World
from simulator.vendors.callr.credentials import letters
from simulator.vendors.callr.holdings import keep_scenario, register
from simulator.vendors.callr.inventory import series_of
from simulator.vendors.callr.settings import POSTPAID, cents, setting

_MIXED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LENGTHS = {"job": 32, "reservation": 40, "event": 32}


def number(kind: str, at: datetime, draw: int) -> Ref:
    """Make an id as the vendor's look.

    A call's is the day as YYMMDD and six digits (the samples), a run's `api:` and eight capitals, a task's
    has 32 letters and digits, a token 40; everything else is called by a SID of eight.
    """
    if kind == "line_call":
        return int(f"{at:%y%m%d}{draw % 10**6:06}")
    if kind == "run":
        return "api:" + letters(draw, 8, _CAPITALS)
    if kind in _LENGTHS:
        return letters(draw, _LENGTHS[kind], _MIXED)
    return letters(draw, 8)


def furnish(world: World, account: Account) -> None:
    """Give a new account its levels of credit, its numbers, and a sound of the vendor's own."""
    if setting(account, "payment") != POSTPAID:
        account.warning_level, account.shutdown_level = (
            cents(account, "warning_level"),
            cents(account, "shutdown_level"),
        )
    wanted = account.caller_ids or [parse_number(text) for text in setting(account, "numbers")]
    for owned in wanted:
        if world.numbers.find(owned) is None:
            world.numbers.give(account, owned, series_of(account, owned))
    clip = AudioClip(0, "Silence", world.clock.now, world.clips.SILENCE, "system")
    clip.source, clip.read_only = ClipSource.OPERATOR, True
    world.add_clip(account, clip)
    for entry in setting(account, "scenarios"):
        scenario = keep_scenario(world, account, str(entry["name"]), str(entry["script"]))
        for text in entry.get("numbers", ()):
            account.numbers[parse_number(text)].routed_to = scenario.sid
    for entry in setting(account, "webhooks"):
        register(world, account, entry["type"], entry["endpoint"], entry.get("options") or {})


def outfit(campaign: Campaign) -> None:
    """Leave a campaign as it is: this vendor has none."""


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that sends a message; the plus sign of a query is escaped."""
    return (
        f"curl -H 'x-api-key: {credentials['api_key']}' -H 'Content-Type: application/json' "
        f"-d '{{\"text\":\"Hello world!\"}}' '{base_url}/v2.0/sms?to=%2B33639980001'"
    )
