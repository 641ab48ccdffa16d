"""Kaleyra's operations, gathered: importing a module of them puts them on the one address."""

from __future__ import annotations

from simulator.exchange import Answer
from simulator.vendor import Routes, Visit
from simulator.vendors.kaleyra import autodial, blocking, click2call, followups, health, obd, reports
from simulator.vendors.kaleyra.endpoint import routes
from simulator.vendors.kaleyra.paths import PLAY
from simulator.vendors.kaleyra.recordings import answer_recording, find_recording

__all__ = ["RESOURCES", "routes"]

RESOURCES = (click2call, reports, blocking, followups, health, autodial, obd)


def _serve_recordings(known: Routes) -> None:
    @known.get(PLAY, "recording", public=True)
    def recording(visit: Visit) -> Answer:
        """Play what was recorded of a call."""
        return answer_recording(find_recording(visit.world, visit.form.get("id") or ""))


_serve_recordings(routes)
