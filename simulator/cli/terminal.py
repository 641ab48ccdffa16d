"""How commands print: line by line, and how far they have come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from simulator.errors import SimulatorError

PATIENCE_SECONDS = 0.7
"""How long something takes before a terminal is told how far it has come, and how often then."""


@contextmanager
def progress(how_far: Callable[[], str]) -> Iterator[None]:
    """Tell a terminal on stderr how far what is done in the block has come, if it takes long."""
    if not sys.stderr.isatty():
        yield
        return
    over = Event()
    teller = Thread(target=_tell_progress, args=(how_far, over), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell_progress(how_far: Callable[[], str], over: Event) -> None:
    wrote = False
    while not over.wait(PATIENCE_SECONDS):
        try:
            line = how_far()
        except SimulatorError:
            line = "at work"
        if not over.is_set():
            click.echo(f"\r\x1b[K{line} ...", err=True, nl=False)
            wrote = True
    if wrote:
        click.echo("\r\x1b[K", err=True, nl=False)


def tell(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)
