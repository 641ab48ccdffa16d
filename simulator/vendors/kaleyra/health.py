"""monitor: what the account's regions suffer from, as its profile tells."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.settings import Incident, KaleyraSettings

ROWS = {"incidents": "monitor", "numbers": "monitor"}
"""XML calls an incident and a number alike (the sample)."""


@operation("monitor", "health")
def health(context: RequestContext) -> Reply:
    """Tell the incidents; without the plugin, or without incidents, refuse (both documented)."""
    if not KaleyraSettings.of(context.account).monitor:
        raise Refused("plugin_inactive")
    if not (incidents := KaleyraSettings.of(context.account).incidents):
        raise Refused("no_incidents")
    return Reply(success({"incidents": [render_incident(incident) for incident in incidents]}), ROWS)


def render_incident(incident: Incident) -> dict[str, Any]:
    """Return an incident, its keys in the order of the sample."""
    return {**msgspec.structs.asdict(incident), "numbers": list(incident.numbers)}
