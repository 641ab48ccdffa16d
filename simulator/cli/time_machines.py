"""Verbs that bring back what was: snapshots of worlds, worlds restored and forked."""

from __future__ import annotations

import click

from simulator.cli.control import Control, Json, with_control

AT = click.option("--at", metavar="TIME", help="As it was then: 2026-03-02T10:30, or the last 10:30.")


@click.command()
@click.argument("name", required=False)
@AT
@click.option("--drop", is_flag=True, help="Forget it.")
@with_control
def snapshot(control: Control, name: str | None, at: str | None, drop: bool) -> None:
    """Keep the world as it is under NAME, until the simulator ends; without NAME, list what is kept."""
    if (name is None and (at or drop)) or (at and drop):
        raise click.UsageError("say NAME, with --at TIME or --drop if wanted, or nothing to list them")
    if name is None:
        listed = control.get("snapshots")
        control.show(listed, [_line(one) for one in listed["snapshots"]] or ["no snapshots"])
    elif drop:
        control.send("DELETE", f"snapshots/{name}")
        control.show({"dropped": name}, [f"{name} is forgotten"])
    else:
        kept = control.send("POST", "snapshots", {"name": name, **({"at": at} if at else {})})
        control.show(kept, [_line(kept)])


@click.command()
@click.argument("name")
@with_control
def restore(control: Control, name: str) -> None:
    """Make the world again what the snapshot NAME says."""
    _show(control, control.send("POST", "restore", {"snapshot": name}), "is again as it was")


@click.command()
@click.argument("name")
@AT
@click.option("--snapshot", "of", metavar="NAME", help="As in this snapshot.")
@with_control
def fork(control: Control, name: str, at: str | None, of: str | None) -> None:
    """Open a world NAME that knows what happened in this one until now, and goes on alone."""
    if at and of:
        raise click.UsageError("say --at or --snapshot, not both")
    given = {"at": at, "snapshot": of}
    body = {"name": name, **{word: text for word, text in given.items() if text}}
    _show(control, control.send("POST", "fork", body), "is open")


def _line(snapshot: Json) -> str:
    came = f"{snapshot['inputs']} inputs"
    return f"{snapshot['name']:<16} {snapshot['at']} {snapshot['world']:<16} {came}  {snapshot['title']}"


def _show(control: Control, world: Json, state: str) -> None:
    counts = f"{world['calls']} calls, {world['exchanges']} requests"
    control.show(world, [f"{world['name']} {state}: {world['title']}, {world['now']}, {counts}"])
