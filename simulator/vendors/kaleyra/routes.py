"""Kaleyra's operations, gathered: importing a module of them puts them on the one address."""

from __future__ import annotations

from simulator.exchange import Answer
from simulator.vendor import RequestContext
from simulator.vendors.kaleyra import autodial, blocking, click2call, followups, health, obd, reports
from simulator.vendors.kaleyra.endpoint import blueprint
from simulator.vendors.kaleyra.paths import PLAY
from simulator.vendors.kaleyra.recordings import answer_recording, find_recording

__all__ = ["RESOURCES", "blueprint"]

RESOURCES = (click2call, reports, blocking, followups, health, autodial, obd)


@blueprint.public(PLAY)
def recording(context: RequestContext) -> Answer:
    """Play what was recorded of a call."""
    return answer_recording(find_recording(context.world, context.form.get("id") or ""))
