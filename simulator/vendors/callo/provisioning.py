"""What a newcomer to Callo finds: a key, numbers to be called from, and a campaign of each type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, TypedDict

from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Choice, Menu, Prompt, Script
from simulator.telephony.owners import Ref
from simulator.telephony.world import World
from simulator.vendors.callo.requests import (
    FLASHCALL,
    FREE_TEXT,
    PINCODE,
    PINCODE_INCOMING,
    PINCODE_PLACE,
    PINCODE_SHORT,
    SERVICE_NUMBERS,
    TELLCODE,
)

_KEY = re.compile(r"[0-9a-f]{32}")

REMINDER = Menu(
    choices={
        "1": Choice(label="One", action="sms_to_owner"),
        "2": Choice(label="Two", action="sms_to_client"),
        "yes": Choice(label="Yes"),
        "no": Choice(label="No"),
    }
)
"""The buttons and words of the vendor's examples; "One" is how its statistics name button 1."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of campaign: its name for people, how it reaches them and what it says."""

    title: str
    script: Script
    method: Method = Method.SPEAK
    lifetime: timedelta | None = None


KINDS: Mapping[str, Kind] = {
    FREE_TEXT: Kind(
        "Reminders",
        Script(
            Prompt("Good afternoon. This is a reminder of your visit tomorrow. If you will come, press 1."),
            REMINDER,
        ),
    ),
    PINCODE: Kind("Code entry during the call", Script(Prompt("Please enter the code on your screen."))),
    # Any code a persona keys in rightly confirms, and the key to press is 1.
    PINCODE_SHORT: Kind("Confirmation by call", Script(Prompt("To confirm your number, press 1."), code="1")),
    PINCODE_INCOMING: Kind(
        "Call to a verification number", Script(), Method.AWAIT, lifetime=timedelta(hours=1)
    ),
    TELLCODE: Kind(
        "Code dictated by the robot", Script(Prompt(f"Your code is {PINCODE_PLACE}. Again: {PINCODE_PLACE}."))
    ),
    FLASHCALL: Kind("Flash call", Script(), Method.FLASH),
}
"""The six types by the names that the vendor's own links use."""


def configure_campaign(campaign: Campaign) -> None:
    """Give a campaign what its type means; a type of another name says nothing and is left alone.

    Who has no numbers to call from calls from the vendor's (inferred: no sample shows a call without).
    """
    campaign.account.caller_ids = campaign.account.caller_ids or SERVICE_NUMBERS
    if kind := KINDS.get(campaign.kind):
        campaign.script, campaign.method, campaign.lifetime = kind.script, kind.method, kind.lifetime


def provision(world: World, account: Account) -> None:
    """Give a new account a campaign of each type."""
    for name, kind in KINDS.items():
        world.open_campaign(account, kind.title, name)


def new_id(kind: str, at: datetime, draw: int) -> Ref:
    """Make an id as the vendor's look.

    A call's is the day as YYMMDD and a number of nine or ten digits, a list's has twelve digits, all others
    nine or ten (below 2**31).
    """
    if kind == "phone_list":
        return 10**11 + draw % (9 * 10**11)
    short = 10**8 + draw % (2**31 - 10**8)
    return int(f"{at.year % 100}{at.month:02}{at.day:02}{short}") if kind == "call" else short


def accepts_credential(credential: str) -> bool:
    """Tell whether a key is one: 32 lowercase hexadecimal digits (observed)."""
    return _KEY.fullmatch(credential) is not None


def new_credential(draw: int) -> str:
    """Return a key made out of keyed bits."""
    return blake2b(str(draw).encode(), digest_size=16).hexdigest()


class Credentials(TypedDict):
    """What a client of Callo needs: the first campaign, and the first one of each type."""

    public_key: str
    campaign_id: Ref | None
    campaigns: dict[str, Ref]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the key, a campaign to begin with, and the first campaign of each type."""
    campaigns: dict[str, Ref] = {}
    for campaign in account.campaigns.values():
        campaigns.setdefault(campaign.kind, campaign.ref)
    first = campaigns.get(FREE_TEXT) or next(iter(campaigns.values()), None)
    return {"public_key": account.credential, "campaign_id": first, "campaigns": campaigns}


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that adds a call; the plus sign is escaped, for a form reads it as a space."""
    fields = ("public_key", credentials["public_key"]), ("campaign_id", credentials["campaign_id"])
    form = "&".join(f"{name}={value}" for name, value in (*fields, ("phone", "%2B447700900000")))
    return f"curl -d '{form}' {base_url}/manager/cabapi_external/api/v1/phones/call/"
