"""Follow-ups: whom somebody wants to call again, when, and whether the network places that call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.telephony.campaign_settings import CampaignSettings
from simulator.telephony.owners import Ref
from simulator.telephony.phone_numbers import E164


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Call `phone`, who is called `name`, again at `at`: `follower` does; with `calls` both are rung up."""

    phone: E164
    name: str
    follower: E164
    at: datetime
    calls: bool = False
    notes: str = ""


@dataclass(slots=True, eq=False)
class FollowUp:
    """One follow-up of an account; its plan may change, its calls are those of `campaign`."""

    ref: Ref
    campaign: CampaignSettings
    plan: Plan
