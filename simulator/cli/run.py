"""`simulator run`: a scenario played on its own, and judged by what it expects."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import OutputFile
from simulator.cli.terminal import tell
from simulator.errors import counted

if TYPE_CHECKING:
    from simulator.verdicts.findings import Verdict


MOST_SHOWN = 20
MOST_EXPLAINED = 8
"""How many verdicts are told, and of how many that are broken also why."""

NOTHING_EXPECTED = "it expects nothing: say under `expect` what must be true"


@click.command()
@click.argument("file", metavar="NAME|FILE")
@click.option("--seed", type=int, help="Instead of the scenario's own.")
@click.option("--junit", type=OutputFile(), help="Write a report for CI there.")
@click.pass_context
def run(ctx: click.Context, file: str, seed: int | None, junit: Path | None) -> None:
    """Play a scenario without a client: what its timeline does, then `run`; judge what it expects.

    Ends with 1 if something expected did not come true. A client is judged by `simulator check --scenario`.
    """
    from simulator.app import Simulator  # noqa: PLC0415
    from simulator.engine.verification import run_steps, verdicts_on  # noqa: PLC0415
    from simulator.telephony.clock import write_length  # noqa: PLC0415

    simulator = Simulator(scenario=Path(file) if file.endswith((".yaml", ".yml")) else file, seed=seed)
    sandbox = simulator.worlds.sandbox()
    begun, zone = sandbox.now(), sandbox.scenario.clock.zone
    for step, happened in run_steps(sandbox):
        came = counted(happened.acts, "event")
        click.echo(f"{step}: {came}, then {happened.now.astimezone(zone):%F %T}, {zone.key}")
    verdicts, mask = verdicts_on(simulator.worlds, sandbox), sandbox.recorder.masker.text
    length = write_length(sandbox.now() - begun)
    click.echo(f"{length} went by in the world; " + ("expected:" if verdicts else NOTHING_EXPECTED))
    tell(map(mask, _on_a_screen(verdicts)))
    if junit is not None:
        junit.write_text(_junit(file, [(one, mask(one.write())) for one in verdicts]), "utf-8")
    broken = sum(verdict.held is False for verdict in verdicts)
    if broken:
        click.echo(_where_to_look(file, seed))
    if verdicts:
        click.echo(f"{len(verdicts) - broken} of {len(verdicts)} hold or could not be judged")
    if broken and not any(True for _ in sandbox.recorder.journal):
        click.echo(
            f"nobody asked for anything: `simulator check --scenario {file} -- COMMAND` lets a client play"
        )
    simulator.close()
    ctx.exit(1 if broken else 0)


def _where_to_look(file: str, seed: int | None) -> str:
    """Return how to see what is behind the verdicts, for nothing is served here."""
    words = ["simulator", "serve", "--clock", "virtual", "--scenario", file]
    command = shlex.join(words if seed is None else [*words, "--seed", str(seed)])
    return f"no control API is served here: `{command}` serves it, and its page does the steps, under Clock"


def _on_a_screen(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what there is to say, what is broken first; what goes beyond a screen is only counted."""
    ranked = sorted(verdicts, key=lambda verdict: (True, None, False).index(verdict.held), reverse=True)
    broken = sum(verdict.held is False for verdict in ranked)
    for place, verdict in enumerate(ranked[: max(broken, MOST_SHOWN)]):
        text = verdict.write()
        yield text if place < MOST_EXPLAINED or verdict.held is not False else text.splitlines()[0]
    if (more := len(ranked) - max(broken, MOST_SHOWN)) > 0:
        yield f"... and {more} more that are not broken"


def _junit(file: str, verdicts: Sequence[tuple[Verdict, str]]) -> str:
    """Return a JUnit report with a case for each expectation; what could not be judged is skipped."""
    from xml.etree.ElementTree import Element, SubElement, tostring  # noqa: PLC0415 - only for who asks

    from simulator.reports.junit import clean  # noqa: PLC0415 - only for who asks

    counts = {"failures": False, "skipped": None}
    sums = {name: str(sum(one.held is held for one, _ in verdicts)) for name, held in counts.items()}
    about = {"name": clean(file), "tests": str(len(verdicts)), "errors": "0", "time": "0.000"}
    suite = Element("testsuite", about | sums)
    for verdict, text in [(one, clean(written)) for one, written in verdicts]:
        name = text.splitlines()[0].removeprefix(f"{verdict.outcome}: ")
        case = SubElement(suite, "testcase", classname=clean(file), name=name, time="0.000")
        if verdict.held is not True:
            kind = "failure" if verdict.held is False else "skipped"
            SubElement(case, kind, message=text.splitlines()[0]).text = text
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
