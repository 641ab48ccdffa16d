"""Worlds as they were: snapshots by name, and worlds that are made of them or of an instant of their past."""

from __future__ import annotations

from datetime import datetime

from simulator.admin.context import TEXT, AdminAnswer, AdminContext, Json
from simulator.admin.problems import blaming
from simulator.admin.worlds import describe_opened, require_free_name, world_row
from simulator.engine.snapshots import Snapshot, read_past, take_snapshot


def list_snapshots(context: AdminContext) -> Json:
    """List the snapshots that are kept, the oldest first."""
    return {"snapshots": [_row(name, snapshot) for name, snapshot in context.worlds.snapshots]}


def keep_snapshot(context: AdminContext) -> AdminAnswer:
    """Keep the world as it is now, or as it was at an instant, under a name."""
    fields = context.fields({"name": TEXT}, {"at": TEXT})
    snapshot = take_snapshot(context.sandbox, _moment(context, fields.get("at")))
    context.worlds.snapshots.keep(fields["name"][:80], snapshot)
    return AdminAnswer(_row(fields["name"][:80], snapshot), 201)


def drop_snapshot(context: AdminContext, snapshot: str) -> AdminAnswer:
    """Forget a snapshot."""
    context.require_no_fields()
    context.worlds.snapshots.drop(snapshot)
    return AdminAnswer(None, 204)


def restore_world(context: AdminContext) -> Json:
    """Make the world what a snapshot says, whichever world that was taken of."""
    name = context.fields({"snapshot": TEXT})["snapshot"]
    with blaming("#/snapshot"):
        snapshot = context.worlds.snapshots.find(name)
    return world_row(context, context.worlds.open(context.sandbox.world.name, snapshot))


def fork_world(context: AdminContext) -> AdminAnswer:
    """Open a world that knows what happened in this one until now, or an instant, or in a snapshot."""
    fields = context.fields({"name": TEXT}, {"at": TEXT, "snapshot": TEXT})
    require_free_name(context, fields["name"])
    if "snapshot" in fields:
        with blaming("#/snapshot"):
            snapshot = context.worlds.snapshots.find(fields["snapshot"])
    else:
        snapshot = take_snapshot(context.sandbox, _moment(context, fields.get("at")))
    return describe_opened(context, context.worlds.open(fields["name"], snapshot))


def _moment(context: AdminContext, text: str | None) -> datetime | None:
    with blaming("#/at"):
        return None if text is None else read_past(text, context.sandbox)


def _row(name: str, snapshot: Snapshot) -> Json:
    return {
        "name": name,
        "world": snapshot.world,
        "title": snapshot.scenario.title,
        "at": snapshot.at.isoformat(),
        "inputs": len(snapshot.inputs),
    }
