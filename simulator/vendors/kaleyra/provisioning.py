"""What a newcomer to Kaleyra finds: numbers of their own, agents, a group, past calls, and how ids look."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from simulator.errors import guess
from simulator.telephony.accounts import Account, ContactGroup
from simulator.telephony.calls import Direction
from simulator.telephony.campaign_settings import Method, RetryPolicy
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Choice, Menu, Prompt, Script
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.magic_numbers import blocks_of
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Ref
from simulator.telephony.people import MAGIC_PERSONAS
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor_settings import WrongSetting
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

APART = timedelta(hours=1)
RING, TALK = timedelta(seconds=6), timedelta(seconds=42)

_DETAIL = re.compile(r"\{([^{}]*)\}")


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


def keep_past_calls(world: World, campaign: Campaign, caller: E164, count: int) -> None:
    """Put `count` answered calls of `caller` into the log of a campaign that receives calls, an hour apart.

    They are in the vendor's log alone: no calls of this world, nothing to bill, nobody to be called back.
    """
    account = world.network.account_of(campaign.account)
    for nth in range(count, 0, -1):
        call = _past_call(world, account, Direction.INCOMING, caller, nth)
        call.onward.append(_past_call(world, account, Direction.OUTGOING, campaign.agents[0], nth))
        account.line_calls[call.ref] = call
        campaign.received.append(call)


def _past_call(world: World, account: Account, direction: Direction, party: E164, nth: int) -> LiveCall:
    """Return the `nth` last call of a customer to the account, or the leg of an agent who took it."""
    began = world.clock.now - nth * APART
    incoming = direction is Direction.INCOMING
    return LiveCall(
        ref=world.network.mint(account, "line_call", account.line_calls, "past", party, nth),
        account=account,
        direction=direction,
        caller=party if incoming else account.caller_ids[0],
        callee=account.caller_ids[0] if incoming else party,
        party=party,
        started=began,
        answered=began + RING,
        ended=began + RING + TALK,
        disposition=Disposition.ANSWERED,
        hung_up_by=Party.CALLER,
    )


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
