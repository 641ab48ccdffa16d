"""The command line: arguments in, calls out. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import signal
from errno import ENOSPC
from importlib import import_module
from os import environ
from typing import Any

import click

from simulator.errors import SimulatorError, nearest
from simulator.version import VERSION

COMMANDS = {
    "check": "check",
    "contracts": "contracts",
    "deploy": "deploy",
    "following": "tail wait",
    "handsets": "answer call-in hang-up press reject speak text",
    "magic_numbers": "numbers",
    "probe": "probe",
    "reach": "ca env",
    "record": "record",
    "replay": "replay",
    "report": "report",
    "run": "run",
    "scenarios": "scenarios",
    "serve": "serve",
    "state": "state",
    "steering": "clock deliveries faults fork open reset restore snapshot verdicts violations worlds",
    "suite": "suite",
    "vendors": "vendors",
    "words": "words",
}
"""The modules, each with its commands, whose functions are called as they are."""

MODULES = {name: module for module, names in COMMANDS.items() for name in names.split()}


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
        module = import_module(f"simulator.cli.{MODULES[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command that is asked for; one that is misspelt is told what was meant."""
        if args and args[0] not in MODULES and not args[0].startswith("-") and not ctx.resilient_parsing:
            meant = nearest(args[0], sorted(MODULES))
            hint = f"did you mean {meant!r}?" if meant else "--help lists those that there are"
            ctx.fail(f"No such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a SimulatorError, or a file that is no use, ends it with exit code 2 or its own.

        Ctrl-C ends it with 130, and without a word.
        """
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
        except KeyboardInterrupt:
            ctx.exit(128 + signal.SIGINT)  # as shells have it


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="simulator")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Stand in for telephony vendors: their endpoints, limits, errors and callbacks."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        ctx.color = False
