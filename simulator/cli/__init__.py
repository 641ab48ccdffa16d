"""The command line: arguments in, calls out. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from errno import ENOSPC
from importlib import import_module
from typing import Any

import click

from simulator.errors import SimulatorError
from simulator.version import VERSION

MODULES = {
    "answer": "handsets",
    "ca": "reach",
    "call-in": "handsets",
    "check": "check",
    "clock": "steering",
    "contracts": "contracts",
    "deliveries": "steering",
    "deploy": "deploy",
    "env": "reach",
    "faults": "steering",
    "fork": "steering",
    "hang-up": "handsets",
    "numbers": "magic_numbers",
    "open": "steering:open_page",
    "press": "handsets",
    "probe": "probe",
    "record": "record",
    "reject": "handsets",
    "replay": "replay",
    "report": "report",
    "reset": "steering",
    "restore": "steering",
    "run": "run",
    "scenarios": "scenarios",
    "serve": "serve",
    "snapshot": "steering",
    "speak": "handsets",
    "state": "state",
    "suite": "suite",
    "tail": "following",
    "text": "handsets",
    "vendors": "vendors",
    "verdicts": "steering",
    "violations": "steering",
    "wait": "following",
    "words": "words",
    "worlds": "steering",
}
"""Where each command is, and how its function is called where that is not its name."""


class Verbs(click.Group):
    """Commands, each imported when it is asked for: together they take longer than the one.

    Their mistakes are told in a line or two, without a traceback.
    """

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return their names, in alphabetical order."""
        return sorted(MODULES)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return one of them; None where there is none."""
        if name not in MODULES:
            return None
        module, _, function = MODULES[name].partition(":")
        place = import_module(f"simulator.cli.{module}")
        command: click.Command = getattr(place, function or name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a SimulatorError, or a file that is no use, ends it with exit code 2 or its own."""
        try:
            return super().invoke(ctx)
        except SimulatorError as error:
            click.echo(f"simulator: {error}", err=True)
            ctx.exit(getattr(error, "exit_code", 2))
        except OSError as error:
            if error.filename is None and error.errno != ENOSPC:
                raise
            place = "what is printed" if error.filename is None else error.filename
            click.echo(f"simulator: {place}: {error.strerror}", err=True)
            ctx.exit(2)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="simulator")
def main() -> None:
    """Stand in for telephony vendors: their endpoints, limits, errors and callbacks."""
