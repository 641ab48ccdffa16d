"""Worlds and what they are made of: opened, listed, reset, closed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec
import msgspec.structs

from simulator.admin.problems import Problem, blaming, unusable
from simulator.admin.visits import TEXT, Json, Told, Visit, media_type
from simulator.engine.sandbox import Sandbox
from simulator.errors import UnknownName
from simulator.resources import VERSION
from simulator.scenario.loading import list_scenarios, load_text
from simulator.scenario.schema import Scenario
from simulator.web.known_secrets import HIDDEN

SENT = "body.yaml"
"""How findings call a scenario that came in a request."""

_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def show_health(visit: Visit) -> Json:
    """Tell that the simulator lives, and what it would forget if it did not."""
    return {
        "status": "ok",
        "version": VERSION,
        "vendors": list(visit.worlds.vendors),
        "worlds": len(visit.worlds),
        "survives_restart": False,
        **visit.worlds.memory.counts(),
    }


def list_worlds(visit: Visit) -> Json:
    """List the open worlds, the main one first."""
    return {"worlds": [_world(visit, sandbox) for sandbox in visit.worlds]}


def create_world(visit: Visit) -> Told:
    """Open a world by the name and the scenario said; one that is open already stays as it is."""
    said = visit.fields({"name": TEXT}, {"scenario": TEXT})
    name = said["name"]
    if not _NAME.fullmatch(name):
        example = "letters a to z, digits and inner dashes, 63 at most"
        raise unusable([f"#/name: {name[:80]!r} cannot stand in a host name; {example}"])
    if any(sandbox.world.name == name for sandbox in visit.worlds):
        raise Problem(409, "world exists", f"a world {name!r} is open", "reset it, or choose another name")
    with blaming("#/scenario"):
        sandbox = _open(visit, name, said.get("scenario"))
    return Told(_world(visit, sandbox), 201)


def close_world(visit: Visit, name: str) -> Told:
    """Forget a world; the main one stays."""
    visit.nothing()
    visit.worlds.close(name)
    return Told(None, 204)


def reset_world(visit: Visit) -> Json:
    """Begin the world again, as its scenario says."""
    visit.nothing()
    return _world(visit, visit.worlds.open(visit.sandbox.world.name, visit.sandbox.scenario))


def show_scenario(visit: Visit) -> Json:
    """Show what the world was made of, as words with their defaults left out."""
    scenario = visit.sandbox.scenario
    return {
        "world": visit.sandbox.world.name,
        "scenario": _describe(scenario),
        "shipped": list_scenarios(),
    }


def put_scenario(visit: Visit) -> Json:
    """Replace the world by one of another scenario: all of it, or none where a finding stands against it."""
    name = visit.sandbox.world.name
    if media_type(visit.request) in _YAML:
        return _world(visit, visit.worlds.open(name, load_text(visit.request.body, SENT)))
    said = visit.fields({"name": TEXT})
    with blaming("#/name"):
        sandbox = _open(visit, name, said["name"])
    return _world(visit, sandbox)


def _world(visit: Visit, sandbox: Sandbox) -> Json:
    with sandbox.lock:
        return {
            "name": sandbox.world.name,
            "title": sandbox.scenario.title,
            "now": sandbox.world.clock.now.isoformat(),
            "mode": str(visit.worlds.pace(sandbox.scenario)),
            "exchanges": sandbox.record.journal.recorded,
            "calls": len(sandbox.world.calls),
        }


def _open(visit: Visit, name: str, scenario: str | None) -> Sandbox:
    """Open a world of a scenario that ships, by its name, which never leads to another file."""
    if scenario is not None and scenario not in list_scenarios():
        raise UnknownName("scenario", scenario, list_scenarios())
    return visit.worlds.open(name, scenario)


def _describe(scenario: Scenario) -> Json:
    """Return a scenario's words as they were loaded, its credentials masked."""
    words: dict[str, Json] = _words(msgspec.structs.replace(scenario, document=None), scenario.document.value)
    for account in words.get("accounts", {}).values():
        if account.get("key"):
            account["key"] = HIDDEN
        if account.get("keys"):
            account["keys"] = dict.fromkeys(account["keys"], HIDDEN)
    return words


def _words(value: Any, written: Any) -> Json:
    """Return loaded words as they are `written`: what stands at its default is left out."""
    if isinstance(value, msgspec.Struct):
        fields = [(field, getattr(value, field.name)) for field in msgspec.structs.fields(value)]
        return {
            field.encode_name: _words(entry, written.get(field.encode_name, entry))
            for field, entry in fields
            if not _is_default(field, entry)
        }
    if isinstance(written, dict):
        return {str(key): _words(entry, written[key]) for key, entry in value.items()}
    if isinstance(written, list):
        return [_words(entry, text) for entry, text in zip(value, written, strict=True)]
    return str(value) if isinstance(value, Decimal) and not isinstance(written, str) else written


def _is_default(field: msgspec.structs.FieldInfo, value: object) -> bool:
    if field.default_factory is not msgspec.NODEFAULT:
        return bool(value == field.default_factory())
    return bool(value == field.default)
