"""What a newcomer to JAICP finds: a token, and the campaign that it opens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, TypedDict

from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Ref, Tariff
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import FORMER, JaicpSettings

_TOKEN = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}\.[A-Za-z0-9]{4,80}")

LINES = 10
"""How many calls a campaign makes at once where nobody says (inferred)."""


def accepts_credential(credential: str) -> bool:
    """Tell whether a token is one: two numbers and a run of letters and digits, with dots between."""
    return _TOKEN.fullmatch(credential) is not None


def new_credential(draw: int) -> str:
    """Return a token made out of keyed bits, of the longer form that the 1.10.3 page shows."""
    secret = blake2b(str(draw).encode(), digest_size=21).hexdigest()
    return f"{draw % 900_000 + 100_000}.{draw % 900 + 100}.{secret}"


def new_id(kind: str, at: datetime, draw: int) -> Ref:  # noqa: ARG001 - ids tell no date
    """Make an id: a job's is a string of ten digits (observed), a campaign's a whole number."""
    return str(10**9 + draw % (9 * 10**9)) if kind == "call" else 1_000 + draw % 999_000


def configure_campaign(campaign: Campaign) -> None:
    """Let a campaign dial as this vendor does.

    A number that does not exist is not dialed again (by its status), any number may be added at any time, and
    it is planned (observed) for a second (inferred) before it is dialed.
    """
    account = campaign.account
    campaign.lines, campaign.repeat, campaign.delay = LINES, None, timedelta(seconds=1)
    if account.tariff == Tariff():
        campaign.tariff = Tariff(Decimal(0))  # this API speaks of no money; a scenario may set a price
    campaign.retry = replace(campaign.retry, gives_up_on=frozenset({Disposition.INVALID}))
    if JaicpSettings.of(account).profile == FORMER:
        campaign.state = CampaignState.PLANNED  # this edition can start a campaign, so somebody has to


def provision(world: World, account: Account) -> None:
    """Give a new account its campaign."""
    world.open_campaign(account, "Outgoing calls", "broadcast")


class Credentials(TypedDict):
    """What a client of JAICP needs: the token of the first campaign, and those of all by their names."""

    token: str
    campaign_id: Ref
    tokens: dict[str, str]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the token of the first campaign, and those of all by their names."""
    campaigns = list(account.campaigns.values())
    tokens = {campaign.name: campaign.key for campaign in campaigns}
    return {"token": campaigns[0].key, "campaign_id": campaigns[0].ref, "tokens": tokens}


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that adds a number."""
    url = f"{base_url}/api/calls/campaign/{credentials['token']}/addPhones"
    return f"curl -H 'Content-Type: application/json' -d '[{{\"phone\": \"447700900000\"}}]' {url}"
