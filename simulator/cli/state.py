"""`simulator state`: what a state file holds, and what to do about one that is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.errors import StateError

if TYPE_CHECKING:
    from simulator.state.file import Segment, StateFile

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
WORLD = click.option("--world", default="main", show_default=True, help="Of which world.")


@click.group()
def state() -> None:
    """Look into a state file of `serve --state` that nobody uses."""


@state.command("show")
@FILE
def show_state(file: Path) -> None:
    """List the worlds of a file: how many inputs each has, and what it was begun with."""
    opened = _open(file)
    click.echo(f"{file}: {opened.size():,} bytes")
    for segment in opened.segments():
        began = f"begun {segment.start:%F %T} UTC by version {segment.version}"
        click.echo(f"{segment.world:<24} {_count(opened, segment):>9,} inputs, {began}, with {segment.setup}")


@state.command("verify")
@FILE
def verify_state(file: Path) -> None:
    """Read all of a file; what is damaged ends with 1 and is named with the last good input."""
    opened = _open(file)
    for segment in opened.segments():
        click.echo(f"{segment.world:<24} {_count(opened, segment):>9,} inputs, all whole")


@state.command("export")
@FILE
@WORLD
def export_inputs(file: Path, world: str) -> None:
    """Print the inputs of a world, a line of JSON each; bodies of requests are in Base64."""
    import msgspec  # noqa: PLC0415

    opened = _open(file)
    for number, (host, entry) in enumerate(opened.inputs(_find(opened, world)), 1):
        cause = type(entry.cause).__name__
        line = {"n": number, "at": entry.at, "host": host, "what": cause, "input": entry.cause}
        click.echo(msgspec.json.encode(line))


@state.command("truncate")
@FILE
@WORLD
@click.option("--after", type=click.IntRange(0), required=True, help="The last input to keep, by its number.")
def truncate_inputs(file: Path, world: str, after: int) -> None:
    """Forget the inputs of a world behind a number, so that what is before it can be used again."""
    opened = _open(file)
    _find(opened, world)
    click.echo(f"{opened.truncate(world, after)} inputs of {world} are forgotten, those up to {after} kept")


@state.command("drop")
@FILE
@WORLD
def drop_world(file: Path, world: str) -> None:
    """Forget a world, so that it begins anew."""
    opened = _open(file)
    _find(opened, world)
    opened.drop(world)
    click.echo(f"{world} is forgotten")


def _open(file: Path) -> StateFile:
    from simulator.state.file import StateFile  # noqa: PLC0415

    return StateFile(file)


def _find(file: StateFile, world: str) -> Segment:
    segments = {segment.world: segment for segment in file.segments()}
    if world not in segments:
        raise StateError(f"{file.path} has no world {world!r}", f"it has {', '.join(segments) or 'none'}")
    return segments[world]


def _count(file: StateFile, segment: Segment) -> int:
    return sum(1 for _ in file.inputs(segment))
