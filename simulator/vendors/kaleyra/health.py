"""monitor: how the account's numbers do, region by region."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.telephony.accounts import Account
from simulator.telephony.phone_numbers import E164
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.phones import region_of
from simulator.vendors.kaleyra.settings import Incident, KaleyraSettings

ROWS = {"incidents": "monitor", "numbers": "monitor"}
"""XML calls an incident and a number alike (the sample)."""


@operation("monitor", "health")
def health(context: RequestContext) -> Reply:
    """Tell the incidents; without the plugin, or without incidents, refuse (both documented)."""
    if not KaleyraSettings.of(context.account).monitor:
        raise Refused("plugin_inactive")
    if not (incidents := incidents_of(context.account)):
        raise Refused("no_incidents")
    return Reply(success({"incidents": [render_incident(incident) for incident in incidents]}), ROWS)


def incidents_of(account: Account) -> tuple[Incident, ...]:
    """Return what the account's settings list; else its own numbers by region, all of them operational.

    That a healthy number is listed so, is what the samples show.
    """
    listed = KaleyraSettings.of(account).incidents
    if listed is not None:
        return listed
    numbers: dict[tuple[str, str], tuple[E164, ...]] = {}
    for number in account.caller_ids:
        region = region_of(number)
        numbers[region] = (*numbers.get(region, ()), number)
    return tuple(
        Incident(region=region, region_code=code, numbers=own) for (region, code), own in numbers.items()
    )


def render_incident(incident: Incident) -> dict[str, Any]:
    """Return an incident, its keys in the order of the sample."""
    return {**msgspec.structs.asdict(incident), "numbers": list(incident.numbers)}
