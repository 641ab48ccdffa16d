"""`simulator check`."""

from __future__ import annotations

from collections.abc import Sequence
from signal import SIGINT
from typing import Any

import click
from click.core import ParameterSource

from simulator.cli.options import (
    CLOCK_MODE,
    NAMED_VALUE,
    SUBJECT,
    gates_of,
    settings_of,
    with_gates,
    with_names,
    with_passed,
    with_reports,
    with_world,
)

REACH = ("intercept", "guard", "isolate", "passed", "named_values")


@click.command(context_settings={"allow_interspersed_args": False})
@with_world
@with_names
@click.option("--clock", type=CLOCK_MODE, help="Default: the scenario's, but idle for virtual.")
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fail on warnings too, when nothing was judged, and when the simulator breaks a contract.",
)
@click.option(
    "--allow-refused",
    "refusals",
    multiple=True,
    is_flag=False,
    flag_value="*",
    metavar="[OPERATION|ERROR]",
    help="Refusals that are part of the test, by operation, error or code; repeatable; all without a name.",
)
@click.option("--conduct/--no-conduct", default=True, help="Judge how the client behaves, too.")
@click.option(
    "--allow-conduct",
    "allowed",
    multiple=True,
    type=SUBJECT,
    help="Forgive this, as it is told; repeatable.",
)
@click.option(
    "--env",
    "named_values",
    multiple=True,
    type=NAMED_VALUE,
    metavar="NAME=VENDOR.VALUE",
    help="A variable under the name that COMMAND reads, such as VOICE_API=kaleyra.voice_url; repeatable.",
)
@click.option(
    "--intercept",
    is_flag=True,
    help="Answer at the vendors' own https addresses, too: for clients that have them in their code.",
)
@click.option("--guard", is_flag=True, help="Fail if a client tried to reach a real vendor past us.")
@click.option(
    "--isolate",
    is_flag=True,
    help="--intercept in a network of its own, where nothing else can be reached (Linux).",
)
@with_passed
@with_reports
@with_gates
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def check(
    ctx: click.Context,
    /,
    *,
    command: tuple[str, ...],
    strict: bool,
    refusals: tuple[str, ...],
    conduct: bool,
    allowed: tuple[str, ...],
    **options: Any,
) -> None:
    """Run COMMAND against the vendors and judge what it sends: simulator check -- npm test.

    Of a scenario that is named, `run` is done after COMMAND, and each word under `expect` is judged. What no
    client may do is judged in any case: --no-conduct leaves that out. The exit code is COMMAND's if that
    fails, 1 for a client that is found wanting, 2 if no vendor was called.
    """
    from simulator.serving.reach import Reach  # noqa: PLC0415

    judged = ctx.get_parameter_source("scenario") is not ParameterSource.DEFAULT
    reach = Reach(**{name: options.pop(name) for name in REACH})
    if reach.passed and reach.ports.proxy is None:
        raise click.UsageError("--pass says what a proxy lets through: give --intercept or --guard, too")
    if reach.isolate:
        _isolate(options["vendors"], reach.passed)
    how = {"strict": strict, "judged": judged, "allowed": allowed if conduct else None, "reach": reach}
    raise SystemExit(_check(command, refusals, options, how))


def _check(
    command: Sequence[str], refusals: Sequence[str], options: dict[str, Any], how: dict[str, Any]
) -> int:
    from simulator.checking.check_command import check as judge  # noqa: PLC0415
    from simulator.checking.run_files import Output  # noqa: PLC0415
    from simulator.engine.settings import Settings  # noqa: PLC0415
    from simulator.serving.ending import ENDING, watched  # noqa: PLC0415

    output = Output(reports=options.pop("reports"), gates=gates_of(options))
    settings = Settings(expected_refusals=tuple(refusals), **settings_of(options))
    with watched([signal for signal in ENDING if signal != SIGINT]):
        return judge(command, settings, write=click.echo, output=output, **how)


def _isolate(vendors: Sequence[str], passed: Sequence[Any]) -> None:
    from simulator.serving.isolation import isolate  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    if passed:
        raise click.UsageError("--isolate lets nothing out, so that nothing can be let through by --pass")
    names = vendors or vendor_names()
    hosts = [host for name in names for host in load_vendor(name).hosts if not host.startswith("*")]
    isolate([*hosts, *(f"{name}.localhost" for name in names)])
