"""What of a call job JAICP ignores: terms beside others that win, and more questions than it asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.exchange import Loss
from simulator.telephony.campaigns import Campaign
from simulator.vendors.jaicp.jobs import DAYS, FORMER_HOURS, MOST_QUESTIONS, open_days

Json = dict[str, Any]


def find_losses(campaign: Campaign, body: list[Json]) -> list[Loss]:
    """Return what is ignored of jobs that were taken, each kind once, with its first place and count."""
    days = [DAYS[day] for day in open_days(campaign)]
    first: dict[str, Loss] = {}
    times: dict[str, int] = {}
    for place, fields in enumerate(body):
        for loss in _of_job(fields, f"/{place}", days):
            first.setdefault(loss.name, loss)
            times[loss.name] = times.get(loss.name, 0) + 1
    return [
        Loss(name, loss.place, f"{loss.arrived}, in {times[name]} of {len(body)} jobs")
        for name, loss in first.items()
    ]


def _of_job(fields: Json, at: str, campaign_days: list[str]) -> Iterator[Loss]:
    hours, days = fields.get("allowedTime") or {}, fields.get("allowedDays") or campaign_days
    if idle := [day for day in hours if day in DAYS and day not in days]:
        yield Loss("hours_of_other_days", f"{at}/allowedTime/{idle[0]}", f"hours of {', '.join(idle)}")
    former = [name for name in FORMER_HOURS if fields.get(name) is not None]
    if hours and former:
        yield Loss("former_hours_ignored", f"{at}/{former[0]}", " and ".join(former))
    again = (fields.get("externalCheck") or {}).get("externalCheckMaxRetries")
    if again is not None and again > MOST_QUESTIONS:
        yield Loss("questions_clamped", f"{at}/externalCheck/externalCheckMaxRetries", str(again))
