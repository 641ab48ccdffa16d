"""Campaigns in JAICP's words: a token opens one, and `control` moves it from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import WrongCampaignState
from simulator.telephony.owners import Ref, Slot
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import BOTH, JaicpSettings

Json = dict[str, Any]

STARTED: Slot[dict[Ref, bool]] = Slot("started", dict)
"""The campaigns of an account that a request has started."""
STATES: Mapping[CampaignState, str] = {
    CampaignState.PLANNED: "planned",
    CampaignState.ACTIVE: "inProgress",
    CampaignState.PAUSED: "paused",
    CampaignState.FINISHED: "finished",
    CampaignState.ARCHIVED: "deleted",
}
"""The words of `status`; one that is planned and has no numbers yet is `new` (inferred)."""

STATES_IN_CAPITALS: Mapping[CampaignState, str] = {
    state: "IN_PROGRESS" if word == "inProgress" else word.upper() for state, word in STATES.items()
}
"""The same in the refusal of new numbers (observed)."""

PLANNED, ACTIVE, PAUSED = CampaignState.PLANNED, CampaignState.ACTIVE, CampaignState.PAUSED
MOVES: Mapping[str, tuple[tuple[CampaignState, ...], CampaignState]] = {
    "start": ((PLANNED,), ACTIVE),
    "pause": ((ACTIVE,), PAUSED),
    "resume": ((PAUSED,), ACTIVE),
    "stop": ((PLANNED, ACTIVE, PAUSED), CampaignState.FINISHED),
}
"""From which states an action leads to which (inferred from the descriptions)."""


def campaign_of(account: Account, token: str) -> Campaign:
    """Return the campaign that a token opens; a token of the account alone opens its first."""
    campaigns = list(account.campaigns.values())
    return next((campaign for campaign in campaigns if campaign.key == token), campaigns[0])


def control(world: World, campaign: Campaign, action: str) -> None:
    """Move a campaign; raises WrongCampaignState.

    Where both editions are served, a campaign that began to dial by itself may still be started by a request
    once, so that a client of either edition finds its way (inferred).
    """
    allowed, then = MOVES[action]
    started = STARTED.of(campaign.account)
    chosen = JaicpSettings.of(campaign.account).profile
    if action == "start" and chosen == BOTH and campaign.ref not in started:
        allowed = (PLANNED, ACTIVE)
    if campaign.state not in allowed:
        raise WrongCampaignState(campaign.ref, STATES_IN_CAPITALS[campaign.state])
    if action == "start":
        started[campaign.ref] = True
    world.set_state(campaign, then)


def render_status(campaign: Campaign) -> str:
    """Return the word for a campaign's state."""
    if campaign.state is PLANNED and not campaign.calls:
        return "new"
    if campaign.state is ACTIVE and JaicpSettings.of(campaign.account).in_process_status:
        return "inProcess"
    return STATES[campaign.state]


def render_campaign(campaign: Campaign) -> Json:
    """Return a campaign's facts and how far it has come; names of project and bot are made up."""
    account = campaign.account
    owner = "Project" if account.name == account.credential else account.name
    begun = campaign.started or (campaign.created if campaign.state is not PLANNED else None)
    return {
        "id": campaign.ref,
        "name": campaign.name,
        "projectName": owner,
        "creationDate": milliseconds(campaign.created),
        "botId": f"{campaign.ref}-bot",
        "status": render_status(campaign),
        "shortReport": _short_report(campaign),
        "startTime": milliseconds(begun),
        "endTime": milliseconds(campaign.finished),
        "maxSimultaneousCalls": campaign.lines,
    }


def _short_report(campaign: Campaign) -> Json:
    """Return the figures so far; `retryCalls` are the jobs that were tried more than once (observed)."""
    talked = campaign.talked // timedelta(seconds=1)
    return {
        "totalNumbers": len(campaign.calls),
        "processedNumbers": len(campaign.over),
        "usedTalkingTime": talked,
        "usedAsrSeconds": talked,
        "inProcessCalls": campaign.busy_lines,
        "retryCalls": campaign.retried,
    }


def milliseconds(instant: datetime | None) -> int | None:
    """Return an instant as the wire tells it, Unix time in milliseconds, or None."""
    return None if instant is None else round(instant.timestamp() * 1000)
