"""The command line: arguments in, calls out. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import click

from simulator.cli import handsets, steering, time_machines
from simulator.cli.check import check
from simulator.cli.contracts import contracts
from simulator.cli.deploy import deploy
from simulator.cli.following import tail, wait
from simulator.cli.magic_numbers import numbers
from simulator.cli.probe import probe
from simulator.cli.reach import ca, env
from simulator.cli.record import record
from simulator.cli.replay import replay
from simulator.cli.report import report
from simulator.cli.run import run
from simulator.cli.scenarios import scenarios
from simulator.cli.serve import serve
from simulator.cli.state import state
from simulator.cli.suite import suite
from simulator.cli.terminal import PlainErrors
from simulator.cli.vendors import vendors
from simulator.cli.words import words
from simulator.version import VERSION


@click.group(cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="simulator")
def main() -> None:
    """Stand in for telephony vendors: their endpoints, limits, errors and callbacks."""


for command in (
    ca,
    check,
    contracts,
    deploy,
    env,
    numbers,
    probe,
    record,
    replay,
    report,
    run,
    scenarios,
    serve,
    state,
    suite,
    tail,
    vendors,
    wait,
    words,
    *handsets.VERBS,
    *steering.VERBS,
    *time_machines.VERBS,
):
    main.add_command(command)
