"""Worlds and what they are made of: opened, listed, reset, closed."""

from __future__ import annotations

import re

from simulator.admin.problems import Problem, blaming, unusable
from simulator.admin.simulation import Json, WorldStage
from simulator.admin.visits import TEXT, Told, Visit, media_type

_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def show_health(visit: Visit) -> Json:
    """Tell that the simulator lives, and what it would forget if it did not."""
    return {
        "status": "ok",
        "version": visit.simulation.version,
        "vendors": list(visit.simulation.vendors),
        "worlds": len(visit.simulation.sandboxes),
        "survives_restart": False,
        **visit.simulation.memory,
    }


def list_worlds(visit: Visit) -> Json:
    """List the open worlds, the main one first."""
    return {"worlds": [_world(visit, sandbox) for sandbox in visit.simulation.sandboxes]}


def create_world(visit: Visit) -> Told:
    """Open a world by the name and the scenario said; one that is open already stays as it is."""
    said = visit.fields({"name": TEXT}, {"scenario": TEXT})
    name = said["name"]
    if not _NAME.fullmatch(name):
        example = "letters a to z, digits and inner dashes, 63 at most"
        raise unusable([f"#/name: {name[:80]!r} cannot stand in a host name; {example}"])
    if any(sandbox.world.name == name for sandbox in visit.simulation.sandboxes):
        raise Problem(409, "world exists", f"a world {name!r} is open", "reset it, or choose another name")
    with blaming("#/scenario"):
        sandbox = visit.simulation.open_world(name, said.get("scenario"))
    return Told(_world(visit, sandbox), 201)


def close_world(visit: Visit, name: str) -> Told:
    """Forget a world; the main one stays."""
    visit.nothing()
    visit.simulation.close_world(name)
    return Told(None, 204)


def reset_world(visit: Visit) -> Json:
    """Begin the world again, as its scenario says."""
    visit.nothing()
    return _world(visit, visit.simulation.reset(visit.sandbox.world.name))


def show_scenario(visit: Visit) -> Json:
    """Show what the world was made of, as words with their defaults left out."""
    scenario = visit.sandbox.scenario
    return {
        "world": visit.sandbox.world.name,
        "scenario": visit.simulation.describe_scenario(scenario),
        "shipped": list(visit.simulation.scenarios()),
    }


def put_scenario(visit: Visit) -> Json:
    """Replace the world by one of another scenario: all of it, or none where a finding stands against it."""
    name = visit.sandbox.world.name
    if media_type(visit.request) in _YAML:
        return _world(visit, visit.simulation.open_world(name, visit.request.body))
    said = visit.fields({"name": TEXT})
    with blaming("#/name"):
        sandbox = visit.simulation.open_world(name, said["name"])
    return _world(visit, sandbox)


def _world(visit: Visit, sandbox: WorldStage) -> Json:
    with sandbox.lock:
        return {
            "name": sandbox.world.name,
            "title": visit.simulation.describe_scenario(sandbox.scenario).get("title", ""),
            "now": sandbox.world.clock.now.isoformat(),
            "mode": visit.simulation.pace(sandbox.scenario),
            "exchanges": sandbox.record.journal.recorded,
            "calls": len(sandbox.world.calls),
        }
