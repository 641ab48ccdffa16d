"""How the client did: the scenario's `run` steps, and the verdicts on what it expects."""

from __future__ import annotations

from dataclasses import asdict

from simulator.admin.visits import Json, Visit
from simulator.engine.verification import run_steps as run_steps_of
from simulator.engine.verification import verdicts_on


def run_steps(visit: Visit) -> Json:
    """Do what the scenario says under `run`; when it is told what happened, all of it has."""
    visit.nothing()
    name = visit.sandbox.world.name
    steps = [
        {"step": step, **asdict(done), "since": done.since.isoformat(), "now": done.now.isoformat()}
        for step, done in run_steps_of(visit.sandbox)
    ]
    return {"world": name, "steps": steps}


def list_verdicts(visit: Visit) -> Json:
    """List a verdict for each word that the scenario expects, as things stand now."""
    name = visit.sandbox.world.name
    verdicts = verdicts_on(visit.worlds, visit.sandbox)
    broken = sum(verdict.held is False for verdict in verdicts)
    return {"world": name, "broken": broken, "verdicts": [asdict(verdict) for verdict in verdicts]}
