"""`simulator state`: what a state file holds, and what to do about one that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import LENGTH_OPTION
from simulator.cli.terminal import tell
from simulator.errors import StateError, counted

if TYPE_CHECKING:
    from simulator.state.file import StateFile
    from simulator.state.inputs import Segment
    from simulator.state.streams import Streams

EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
FILE = click.argument("file", type=EXISTING)
PLACE = click.argument("place", metavar="FILE|URL")
WORLD = click.option("--world", default="main", show_default=True, help="Of which world.")

MAIN = "main"
"""The world that always is."""


@click.group()
def state() -> None:
    """Look into a state file of `serve --state` that nobody uses, or into the worlds of a Redis."""


@state.command("show")
@PLACE
def show_state(place: str) -> None:
    """List the worlds of a file, or those of a Redis and for how long nobody has asked them anything."""
    if "://" in place:
        _show_shared(place)
        return
    with _opened(_file(place)) as opened:
        click.echo(f"{place}: {opened.size():,} bytes")
        for segment in opened.segments():
            began = f"begun {segment.start:%F %T} UTC by version {segment.version}, with {segment.setup}"
            click.echo(f"{segment.world:<24} {_inputs(opened.count(segment))}, {began}")


@state.command("verify")
@FILE
def verify_state(file: Path) -> None:
    """Read all of a file; what is damaged ends with 2 and is named with the last good input."""
    with _opened(file) as opened:
        for segment in opened.segments():
            count = sum(1 for _ in opened.inputs(segment))
            click.echo(f"{segment.world:<24} {_inputs(count)}, all whole")


@state.command("export")
@FILE
@WORLD
@click.option("--to", type=NEW_FILE, required=True, help="A new state file, for `state import`.")
def export_world(file: Path, world: str, to: Path) -> None:
    """Copy a world into a file of its own, which you alone can read: it holds keys and numbers in clear."""
    if to.exists():
        raise StateError(f"{to} is there already", "name a file that is not")
    with _opened(file) as opened:
        segment = _find(opened, world)
        with _opened(to) as copy:
            count = copy.copy(segment, opened.inputs(segment))
    warning = "it holds keys and phone numbers in clear, so keep it to yourself"
    click.echo(f"{counted(count, 'input')} of {world} written to {to}; {warning}")


@state.command("import")
@click.argument("file", type=NEW_FILE)
@WORLD
@click.option("--from", "source", type=EXISTING, required=True, help="What `state export` wrote.")
def import_world(file: Path, world: str, source: Path) -> None:
    """Copy a world out of another file into this one, which must not have it; the file may be new."""
    with _opened(source) as other:
        segment = _find(other, world)
        with _opened(file) as opened:
            count = opened.copy(segment, other.inputs(segment))
    click.echo(f"{counted(count, 'input')} of {world} written to {file}")


@state.command("truncate")
@FILE
@WORLD
@click.option("--after", type=click.IntRange(0), required=True, help="The last input to keep, by its number.")
def truncate_inputs(file: Path, world: str, after: int) -> None:
    """Forget the inputs of a world behind a number, so that what is before it can be used again."""
    with _opened(file) as opened:
        _find(opened, world)
        opened.rewrite()
        gone = opened.truncate(world, after)
    click.echo(f"{counted(gone, 'input')} of {world} forgotten, those up to {after} kept")


@state.command("drop")
@PLACE
@click.option("--world", help="Which one.  [default: main]")
@click.option("--idle", type=LENGTH_OPTION, help="All of a Redis but main that are quiet for so long.")
def drop_world(place: str, world: str | None, idle: timedelta | None) -> None:
    """Forget a world of a file or a Redis, so that it begins anew, or those of a Redis that nobody uses."""
    if idle is not None and (world is not None or "://" not in place):
        raise click.UsageError("--idle is about the worlds of a Redis, and names none: leave --world out")
    name = world or MAIN
    if idle is not None:
        _drop_idle(place, idle)
        return
    if "://" in place:
        _drop_shared(place, name)
    else:
        with _opened(_file(place)) as opened:
            opened.rewrite()
            if not opened.drop(name):
                _find(opened, name)
    click.echo(f"{name} is forgotten")


def _show_shared(url: str) -> None:
    from simulator.telephony.clock import write_length  # noqa: PLC0415

    with _shared(url) as streams:
        click.echo(f"{streams.address}: {counted(len(streams.worlds()), 'world')}")
        for world, (count, quiet) in streams.census().items():
            length = write_length(timedelta(seconds=quiet // timedelta(seconds=1)))
            click.echo(f"{world:<24} {_inputs(count)}, quiet for {length}")


def _drop_idle(url: str, idle: timedelta) -> None:
    """Forget the worlds that are quiet for so long; who shares them lets go of them, too."""
    with _shared(url) as streams:
        quiet = [world for world, (_, length) in streams.census().items() if length >= idle]
        dropped = [world for world in quiet if world != MAIN]
        for world in dropped:
            streams.drop(world)
    tell(f"{world} is forgotten" for world in dropped)
    if not dropped:
        click.echo(f"no world{' but main' if MAIN in quiet else ''} is quiet for so long")


def _drop_shared(url: str, world: str) -> None:
    with _shared(url) as streams:
        worlds = streams.worlds()
        if world not in worlds:
            remedy = f"it has {', '.join(worlds) or 'none'}"
            raise StateError(f"{streams.address} has no world {world!r}", remedy)
        streams.drop(world)


@contextmanager
def _shared(url: str) -> Iterator[Streams]:
    from simulator.engine.sharing import share  # noqa: PLC0415

    with closing(share(url, "").streams) as streams:
        yield streams


def _file(place: str) -> Path:
    if not Path(place).is_file():
        raise StateError(f"{place} is not there", "name a file of `serve --state`, or a Redis by its URL")
    return Path(place)


@contextmanager
def _opened(file: Path) -> Iterator[StateFile]:
    from simulator.state.file import StateFile  # noqa: PLC0415

    with closing(StateFile(file)) as opened:
        yield opened


def _find(file: StateFile, world: str) -> Segment:
    segments = {segment.world: segment for segment in file.segments()}
    if world not in segments:
        raise StateError(f"{file.path} has no world {world!r}", f"it has {', '.join(segments) or 'none'}")
    return segments[world]


def _inputs(count: int) -> str:
    return f"{count:>9,} {'input' if count == 1 else 'inputs'}"
