"""How the client did: the scenario's `run` steps, and the verdicts on what it expects."""

from __future__ import annotations

from simulator.admin.simulation import Json
from simulator.admin.visits import Visit


def run_steps(visit: Visit) -> Json:
    """Do what the scenario says under `run`; when it is told what happened, all of it has."""
    visit.nothing()
    name = visit.sandbox.world.name
    steps = [
        {**done, "since": done["since"].isoformat(), "now": done["now"].isoformat()}
        for done in visit.simulation.perform(name)
    ]
    return {"world": name, "steps": steps}


def list_verdicts(visit: Visit) -> Json:
    """List a verdict for each word that the scenario expects, as things stand now."""
    name = visit.sandbox.world.name
    told = visit.simulation.describe_verdicts(name)
    broken = sum(verdict["held"] is False for verdict in told)
    return {"world": name, "broken": broken, "verdicts": told}
