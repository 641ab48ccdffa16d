"""monitor: what the account's regions suffer from, as its profile tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Said, success
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.settings import setting

ROWS = {"incidents": "monitor", "numbers": "monitor"}
"""XML calls an incident and a number alike (the sample)."""

DEFAULTS = {"region": "", "region_code": "", "type": "operational", "service": "all"}


@operation("monitor", "health")
def health(context: RequestContext) -> Said:
    """Tell the incidents; without the plugin, or without incidents, refuse (both documented)."""
    if not setting(context.account, "monitor"):
        raise Refused("plugin_inactive")
    if not (incidents := setting(context.account, "incidents")):
        raise Refused("no_incidents")
    return Said(success({"incidents": [render_incident(each) for each in incidents]}), ROWS)


def render_incident(incident: Mapping[str, Any]) -> dict[str, Any]:
    """Return an incident, its keys in the order of the sample."""
    told: dict[str, Any] = {name: str(incident.get(name, usual)) for name, usual in DEFAULTS.items()}
    return {**told, "numbers": [str(number) for number in incident.get("numbers", ())]}
