"""`simulator run`: a scenario played on its own, and judged by what it expects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.terminal import tell

if TYPE_CHECKING:
    from simulator.verdicts.findings import Verdict


@click.command()
@click.argument("file", metavar="NAME|FILE")
@click.option("--seed", type=int, help="Instead of the scenario's own.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a report for CI there.")
@click.pass_context
def run(ctx: click.Context, file: str, seed: int | None, junit: Path | None) -> None:
    """Play a scenario without a client: what its timeline does, then `run`; judge what it expects.

    Ends with 1 if something expected did not come true. A client is judged by `simulator check --scenario`.
    """
    from simulator.app import Simulator  # noqa: PLC0415
    from simulator.engine.verification import run_steps, verdicts_on  # noqa: PLC0415
    from simulator.scenario.explaining import write_length  # noqa: PLC0415

    simulator = Simulator(scenario=Path(file) if file.endswith((".yaml", ".yml")) else file, seed=seed)
    sandbox = simulator.worlds.sandbox()
    begun = sandbox.now()
    for step, happened in run_steps(sandbox):
        click.echo(f"{step}: {happened.acts} events, then {happened.now:%F %T}")
    verdicts, mask = verdicts_on(simulator.worlds, sandbox), sandbox.recorder.masker.text
    click.echo(f"{write_length(sandbox.now() - begun)} went by in the world; expected:")
    tell(mask(verdict.write()) for verdict in verdicts)
    if junit is not None:
        junit.write_text(_junit(file, [(one, mask(one.write())) for one in verdicts]), "utf-8")
    broken = sum(verdict.held is False for verdict in verdicts)
    click.echo(f"{len(verdicts) - broken} of {len(verdicts)} hold or could not be judged")
    if broken and not any(True for _ in sandbox.recorder.journal):
        click.echo(
            f"nobody asked for anything: `simulator check --scenario {file} -- COMMAND` lets a client play"
        )
    simulator.close()
    ctx.exit(1 if broken else 0)


def _junit(file: str, verdicts: Sequence[tuple[Verdict, str]]) -> str:
    """Return a JUnit report with a case for each expectation; what could not be judged is skipped."""
    from xml.etree.ElementTree import Element, SubElement, tostring  # noqa: PLC0415 - only for who asks

    counts = {"failures": False, "skipped": None}
    sums = {name: str(sum(one.held is held for one, _ in verdicts)) for name, held in counts.items()}
    suite = Element("testsuite", {"name": file, "tests": str(len(verdicts)), **sums})
    for verdict, text in verdicts:
        name = text.splitlines()[0].removeprefix(f"{verdict.outcome}: ")
        case = SubElement(suite, "testcase", classname=file, name=name)
        if verdict.held is not True:
            kind = "failure" if verdict.held is False else "skipped"
            SubElement(case, kind, message=text.splitlines()[0]).text = text
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
