"""What a newcomer to JAICP finds: a campaign, how it dials, and how ids look."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Ref, Tariff
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import FORMER, JaicpSettings

LINES = 10
"""How many calls a campaign makes at once where nobody says (inferred)."""


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


def new_id(kind: str, at: datetime, draw: int) -> Ref:  # noqa: ARG001 - ids tell no date
    """Make an id: a job's is a string of ten digits (observed), a campaign's a whole number."""
    return str(10**9 + draw % (9 * 10**9)) if kind == "call" else 1_000 + draw % 999_000
