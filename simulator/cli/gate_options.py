"""Options of commands that judge a run: in which forms it is written, and what it has to keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.cli.options import Parsed

if TYPE_CHECKING:
    from simulator.reports.run_gates import RunGates

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)


def _read_report(text: str) -> tuple[str, Path]:
    from simulator.reports.rendering import parse_report  # noqa: PLC0415

    return parse_report(text)


def _read_number(text: str) -> tuple[str, float]:
    from simulator.reports.run_gates import parse_number  # noqa: PLC0415

    return parse_number(text)


NUMBER = Parsed("vendor=number", _read_number)
REPORT = click.option(
    "--report",
    "reports",
    multiple=True,
    type=Parsed("form=file", _read_report),
    metavar="FORM=FILE",
    help="Write html, junit, ctrf, sarif, markdown or evidence (for `report` and `replay`); repeatable.",
)
GATES = (
    click.option(
        "--min-coverage",
        "shares",
        multiple=True,
        type=NUMBER,
        metavar="VENDOR=PERCENT",
        help="Fail where less of a contract was met; repeatable.",
    ),
    click.option(
        "--max-missed",
        "missed",
        multiple=True,
        type=NUMBER,
        metavar="VENDOR=COUNT",
        help="Fail where more of it was missed; repeatable.",
    ),
    click.option("--enforce/--no-enforce", "enforced", default=True, help="Or only tell of coverage."),
    click.option("--ratchet", type=FILE, help="Shares reached so far, which may only rise; kept up to date."),
    click.option(
        "--baseline",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Accepted findings, `CASE FINDING  # reason` a line; one that is not found fails the run.",
    ),
)


def with_gates(command: Command) -> Command:
    """Add the options that say what has to be kept."""
    for option in reversed(GATES):
        command = option(command)
    return command


def with_reports(command: Command) -> Command:
    """Add the option that says in which forms a run is written."""
    return REPORT(command)


def gates_of(options: dict[str, Any]) -> RunGates:
    """Take what has to be kept out of the options of a command."""
    from simulator.reports.run_gates import RunGates  # noqa: PLC0415

    missed = {vendor: int(number) for vendor, number in options.pop("missed")}
    return RunGates(
        shares=dict(options.pop("shares")),
        missed=missed,
        enforced=options.pop("enforced"),
        ratchet=options.pop("ratchet"),
        baseline=options.pop("baseline"),
    )
