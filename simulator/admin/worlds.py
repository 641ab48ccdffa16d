"""Worlds: opened, listed, reset, closed, kept to be restored, and what they say of their clients."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import msgspec.structs

from simulator.admin.clock import render_advance
from simulator.admin.context import AdminContext, Json, check_fields, read_object
from simulator.admin.problems import Problem, blaming, unusable
from simulator.admin.rendering import render_verdict
from simulator.engine.addresses import NAMING, WORLD_NAME
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import WatchedFile
from simulator.engine.snapshots import Snapshot, read_past, take_snapshot
from simulator.engine.verification import run_steps as run_steps_of
from simulator.engine.verification import verdicts_on
from simulator.errors import UnknownName
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_text
from simulator.scenario.schema import Scenario
from simulator.scenario.words import Words
from simulator.version import VERSION
from simulator.web.known_secrets import HIDDEN
from simulator.web.masking import Shown

SENT = "body.yaml"
"""How findings call a scenario that came in a request."""

_NAME = re.compile(r"[^\s/](?:[^/\r\n]{0,78}[^\s/])?")
"""What a snapshot may be called: a path can say it."""

_AS_YAML = "send the scenario itself as `Content-Type: application/yaml`, of which JSON is a part"
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


def show_health(context: AdminContext) -> Json:
    """Return `status: ok` with the version, the vendors, and what the simulator holds in memory."""
    return {
        "status": "ok",
        "version": VERSION,
        "vendors": list(context.worlds.vendors),
        "worlds": len(context.worlds),
        "survives_restart": context.worlds.keeps_state_in != "memory",
        **context.worlds.memory.counts(),
    }


def list_worlds(context: AdminContext) -> Json:
    """List the open worlds, the main one first."""
    context.worlds.join_all()
    return {"worlds": [world_row(context, sandbox) for sandbox in context.worlds]}


def create_world(context: AdminContext, *, name: str, scenario: str | None = None) -> Json:
    """Open a world by the name and the scenario said; one that is open already stays as it is.

    Who opens it is told the keys that open its vendors, which no other answer tells.
    """
    require_free_name(context, name)
    with blaming("#/scenario"):
        sandbox = _open(context, name, scenario)
    return describe_opened(context, sandbox)


def require_free_name(context: AdminContext, name: str) -> None:
    """Raise Problem 422 for a name that no world can have, and 409 for one that a world has."""
    if not WORLD_NAME.fullmatch(name):
        raise unusable([f"#/name: {name[:80]!r} cannot stand in a host name; {NAMING}"])
    context.worlds.join_all()
    if any(sandbox.world.name == name for sandbox in context.worlds):
        raise Problem(409, "world exists", f"a world {name!r} is open", "reset it, or choose another name")


def describe_opened(context: AdminContext, sandbox: Sandbox) -> Json:
    """Return what whoever opened a world is told, its keys among it."""
    name = sandbox.world.name
    keys = {vendor: Shown(context.worlds.credentials(vendor, name)) for vendor in context.worlds.vendors}
    return {**world_row(context, sandbox), "credentials": keys}


def close_world(context: AdminContext, name: str) -> None:
    """Forget a world; the main one stays."""
    context.worlds.close(name)


def reset_world(context: AdminContext) -> Json:
    """Begin the world again, as its scenario says."""
    return world_row(context, context.worlds.open(context.sandbox.world.name, context.sandbox.scenario))


def show_scenario(context: AdminContext) -> Json:
    """Show what the world was made of, as words with their defaults left out."""
    scenario = context.sandbox.scenario
    return {
        "world": context.sandbox.world.name,
        "scenario": _describe(scenario),
        "shipped": list_scenarios(),
        "watched": describe_watched(context.worlds.settings.watched),
    }


def describe_watched(watched: WatchedFile | None) -> Json:
    """Return which file is followed, and what keeps it from being taken now."""
    return None if watched is None else {"file": str(watched.path), "findings": watched.findings}


def put_scenario(context: AdminContext) -> Json:
    """Replace the world by one of another scenario: all of it, or none where a finding stands against it."""
    name = context.sandbox.world.name
    if context.request.media_type in _YAML:
        scenario = load_text(context.request.body, SENT, context.worlds.setup.remarks)
        return world_row(context, context.worlds.open(name, scenario))
    if context.request.body and context.request.media_type != "application/json":
        given = f"the body is {context.request.media_type[:80] or 'of no type'}"
        raise Problem(415, "unsupported media type", given, _AS_YAML)
    words = read_object(context.request)
    if "sim" in words:
        raise unusable(["#/sim: JSON names a scenario that ships"], _AS_YAML)
    scenario = check_fields(words, {"name": (str,)}, ("name",))["name"]
    with blaming("#/name"):
        sandbox = _open(context, name, scenario)
    return world_row(context, sandbox)


def world_row(context: AdminContext, sandbox: Sandbox) -> Json:
    """Return what a world is called, what it is of, and how much happened there."""
    with sandbox.lock:
        return {
            "name": sandbox.world.name,
            "title": sandbox.scenario.title,
            "now": sandbox.world.clock.now.isoformat(),
            "zone": sandbox.scenario.clock.zone.key,
            "mode": str(context.worlds.setup.pace(sandbox.scenario)),
            "exchanges": sandbox.recorder.journal.recorded,
            "calls": len(sandbox.world.calls) + len(sandbox.world.switchboard.calls),
            "opened_by": sandbox.opened_by or None,
        }


def _open(context: AdminContext, name: str, scenario: str | None) -> Sandbox:
    """Open a world of a scenario that ships, by its name, which never leads to another file."""
    if scenario is not None and scenario not in list_scenarios():
        raise UnknownName("scenario", scenario, list_scenarios())
    return context.worlds.open(name, scenario)


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
    if isinstance(value, Words):
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


def run_steps(context: AdminContext) -> Json:
    """Do what the scenario says under `run`; return what happened in each step."""
    name = context.sandbox.world.name
    steps = [{"step": step, **render_advance(done)} for step, done in run_steps_of(context.sandbox)]
    return {"world": name, "steps": steps}


def list_verdicts(context: AdminContext) -> Json:
    """List a verdict for each word that the scenario expects, as things stand now."""
    name = context.sandbox.world.name
    verdicts = verdicts_on(context.worlds, context.sandbox)
    broken = sum(verdict.held is False for verdict in verdicts)
    return {
        "world": name,
        "broken": broken,
        "verdicts": [*map(render_verdict, verdicts)],
    }


def list_snapshots(context: AdminContext) -> Json:
    """List the snapshots that are kept, the oldest first."""
    return {"snapshots": [_snapshot_row(name, snapshot) for name, snapshot in context.worlds.snapshots]}


def keep_snapshot(context: AdminContext, *, name: str, at: str | None = None) -> Json:
    """Keep the world as it is now, or as it was at an instant, under a name."""
    if not _NAME.fullmatch(name):
        raise unusable(["#/name: it has 1 to 80 letters, no slash and no blank at its ends"])
    snapshot = take_snapshot(context.sandbox, _moment(context, at))
    context.worlds.snapshots.keep(name, snapshot)
    return _snapshot_row(name, snapshot)


def drop_snapshot(context: AdminContext, snapshot: str) -> None:
    """Forget a snapshot."""
    context.worlds.snapshots.drop(snapshot)


def restore_world(context: AdminContext, *, snapshot: str) -> Json:
    """Make the world what a snapshot says, whichever world that was taken of."""
    kept = _find_snapshot(context, snapshot)
    return world_row(context, context.worlds.open(context.sandbox.world.name, kept))


def fork_world(
    context: AdminContext, *, name: str, at: str | None = None, snapshot: str | None = None
) -> Json:
    """Open a world that knows what happened in this one until now, or an instant, or in a snapshot."""
    require_free_name(context, name)
    if snapshot is None:
        kept = take_snapshot(context.sandbox, _moment(context, at))
    else:
        kept = _find_snapshot(context, snapshot)
    return describe_opened(context, context.worlds.open(name, kept))


def _find_snapshot(context: AdminContext, name: str) -> Snapshot:
    with blaming("#/snapshot"):
        return context.worlds.snapshots.find(name)


def _moment(context: AdminContext, text: str | None) -> datetime | None:
    with blaming("#/at"):
        return None if text is None else read_past(text, context.sandbox)


def _snapshot_row(name: str, snapshot: Snapshot) -> Json:
    return {
        "name": name,
        "world": snapshot.world,
        "title": snapshot.scenario.title,
        "at": snapshot.at.isoformat(),
        "inputs": len(snapshot.inputs),
    }
