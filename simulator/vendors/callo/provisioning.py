"""What a newcomer to Callo finds: a campaign of each type, numbers to be called from, and how ids look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

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

REMINDER = Menu(
    choices={
        "1": Choice(label="One", action="sms_to_owner"),
        "2": Choice(label="Two", action="sms_to_client"),
        "yes": Choice(label="Yes"),
        "no": Choice(label="No"),
        "next": Choice(label="Next"),
        "back": Choice(label="Back"),
    }
)
"""The buttons and words of the vendor's examples; "One" is how its statistics name button 1."""


class Kind(Struct, frozen=True):
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
    day = (at.year % 100 * 100 + at.month) * 100 + at.day
    return int(f"{day}{short}") if kind == "call" else short
