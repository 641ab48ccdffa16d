"""What a newcomer to Kaleyra finds: a key, numbers of their own, agents, a group, and how ids look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NotRequired, TypedDict

from simulator.errors import guess
from simulator.telephony.accounts import Account, ContactGroup
from simulator.telephony.campaign_settings import Method, RetryPolicy
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Choice, Menu, Prompt, Script
from simulator.telephony.magic_numbers import blocks_of
from simulator.telephony.owners import Ref
from simulator.telephony.people import MAGIC_PERSONAS
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor_settings import WrongSetting
from simulator.vendors.kaleyra.history import keep_past_calls
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.refusals import CATALOGUE
from simulator.vendors.kaleyra.settings import KaleyraSettings

KINDS = CLICK2CALL, INCOMING, OBD, AUTODIAL, IVR = "click2call", "incoming", "obd", "autodial", "ivr"

RETRY_AFTER = timedelta(minutes=1)
"""How long the vendor waits before it tries again; not documented."""

OWN_NUMBERS = (E164("+918000000001"), E164("+918000000002"))
"""Numbers of the account: Bangalore has none that begin with a zero, so nobody is reached by them."""

_FREE = blocks_of("IN")[0]
AGENTS = (_FREE.number(0, 8), _FREE.number(0, 9))
CUSTOMER = _FREE.number(0, 3)
GROUP = ContactGroup("4477", "Newcomers", (_FREE.number(0, 1), _FREE.number(0, 2)))
"""People in India whose numbers nobody seems to have (inferred); they answer, unless a scenario says else."""

WELCOME = Script(
    Prompt("Welcome. To hear more, press 1. To talk to an agent, press 2."),
    Menu(choices={"1": Choice(label="More"), "2": Choice(label="Agent")}),
)
"""What an IVR says of which nothing more is known."""

_DETAIL = re.compile(r"\{([^{}]*)\}")
_KEY = re.compile(r"A?[0-9a-f]{32}", re.IGNORECASE | re.ASCII)


def configure_campaign(campaign: Campaign) -> None:
    """Give a campaign what its kind means; how often a number may be called is not limited.

    Whoever receives calls has a number to be called at.
    """
    campaign.repeat, campaign.retry = None, RetryPolicy(1, RETRY_AFTER)
    if campaign.kind == AUTODIAL:
        campaign.lines = 1
    elif campaign.kind == INCOMING:
        campaign.method = Method.RECEIVE
        campaign.account.caller_ids = campaign.account.caller_ids or OWN_NUMBERS
    elif campaign.kind == IVR:
        campaign.script = WELCOME


def check_settings(settings: KaleyraSettings) -> None:
    """Raise WrongSetting for words of a refusal that does not exist, or that name details it lacks."""
    for fact, words in settings.errors.items():
        if fact not in CATALOGUE:
            wrong = f"has no refusal {fact!r}; {guess(fact, CATALOGUE)}"
            raise WrongSetting("kaleyra", ("errors",), wrong, fact)
        known = _DETAIL.findall(CATALOGUE[fact].message)
        for detail in (name for name in _DETAIL.findall(words.message or "") if name not in known):
            wrong = f"cannot be used: nothing is filled in for {{{detail}}} of {fact}; {guess(detail, known)}"
            raise WrongSetting("kaleyra", ("errors", fact, "message"), wrong)


def provision(world: World, account: Account) -> None:
    """Give a new account numbers, agents who take its incoming calls, a group of contacts and a past."""
    account.currency = "INR"
    account.caller_ids = account.caller_ids or OWN_NUMBERS
    account.groups = account.groups or {GROUP.ref: GROUP}
    for number in (*AGENTS, *GROUP.numbers):
        world.people.residents[number] = MAGIC_PERSONAS[0]
    world.open_campaign(account, "Click2Call", CLICK2CALL)
    incoming = world.open_campaign(account, "Incoming", INCOMING)
    incoming.agents = AGENTS
    keep_past_calls(world, incoming, CUSTOMER, KaleyraSettings.of(account).past_calls)


def campaign_of(world: World, account: Account, kind: str, name: str = "") -> Campaign:
    """Return the account's first campaign of a kind, or the one with this name; opens it at first need."""
    for campaign in account.campaigns.values():
        if campaign.kind == kind and name in ("", campaign.name):
            return campaign
    return world.open_campaign(account, name or kind, kind)


def new_id(kind: str, at: datetime, draw: int) -> Ref:
    """Make an id as the vendor's look: sixteen hex digits for a call, nine digits for an OBD group.

    A follow-up is a small number in a text (the samples: "1864", "2354").
    """
    if kind in ("call", "line_call"):
        return f"{int(at.timestamp()) & 0xFFFFFFFF:08x}{draw & 0xFFFFFFFF:08x}"
    if kind == "follow_up":
        return str(1_000 + draw % 9_999_000)
    return 10**8 + draw % (9 * 10**8)


def accepts_credential(credential: str) -> bool:
    """Tell whether a key is one: `A` and 32 hex digits (documented); old ones lack the A (observed)."""
    return _KEY.fullmatch(credential) is not None


def new_credential(draw: int) -> str:
    """Return a key made out of keyed bits."""
    return "A" + blake2b(str(draw).encode(), digest_size=16).hexdigest()


class Credentials(TypedDict):
    """What a client of Kaleyra needs: the key, a number to call from and a group to call, if there is one."""

    api_key: str
    caller_id: NotRequired[str]
    group: NotRequired[str]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the key, a number to call from and a group to call."""
    details = Credentials(api_key=account.credential)
    if caller_id := render_number(next(iter(account.caller_ids), None)):
        details["caller_id"] = caller_id
    if group := next(iter(account.groups), None):
        details["group"] = group
    return details


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that connects two people."""
    form = "method=dial.click2call&format=json&return=1&caller=6010000001&receiver=6010000002"
    return f"curl -H 'x-api-key: {credentials['api_key']}' -d '{form}' {base_url}/v1/"
