"""`simulator scenarios`: what ships, and whether a file of one's own can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.terminal import tell
from simulator.errors import BrokenScenario, SimulatorError

if TYPE_CHECKING:
    from simulator.conformance.contract import Contract
    from simulator.scenario.remarks import Remark
    from simulator.scenario.schema import Scenario


MOST_ROUNDS = 10
"""So often a file is mended and looked at again: some mistakes show when others are gone."""


@click.group(invoke_without_command=True)
@click.pass_context
def scenarios(ctx: click.Context) -> None:
    """List, show and check scenarios."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_scenarios)


@scenarios.command("list")
def list_scenarios() -> None:
    """List the scenarios that ship with the simulator."""
    from simulator.scenario.loading import list_scenarios as names  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    for name in names():
        click.echo(f"{name:<24} {load_scenario(name).title}")


@scenarios.command("show")
@click.argument("name")
def show_scenario(name: str) -> None:
    """Print a scenario, to start one's own from."""
    from simulator.scenario.loading import open_scenario  # noqa: PLC0415

    click.echo("\n".join(open_scenario(name)[1].source.lines))


@scenarios.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option("--fix", is_flag=True, help="Mend misspelt names and missing quotes in the files first.")
@click.pass_context
def lint_scenarios(ctx: click.Context, files: tuple[str, ...], strict: bool, fix: bool) -> None:
    """Check scenario files; mistakes fail, warnings are only told.

    Warnings are about what is allowed and hardly meant: rules that never apply, people nobody calls or is,
    expectations that cannot hold.
    """
    from simulator.conformance.contract import list_contracts, load_contract  # noqa: PLC0415
    from simulator.engine.known_names import everything_known  # noqa: PLC0415
    from simulator.scenario.building import world_remarks  # noqa: PLC0415
    from simulator.scenario.lint import lint  # noqa: PLC0415
    from simulator.scenario.loading import open_scenario  # noqa: PLC0415

    known, broken = everything_known(), 0
    vendors = {name: known.operator(name) for name in known.present}
    contracts = [load_contract(name) for name in list_contracts()]

    def also(scenario: Scenario) -> Iterator[Remark]:
        yield from world_remarks(scenario, vendors, known)
        yield from _unknown_refusals(scenario, contracts)

    for file in files:
        if fix:
            _mend(file, also)
        try:
            scenario, document = open_scenario(file, also)
            warnings = lint(scenario, document)
            tell(f"warning: {line}" for line in warnings)
            broken += strict and bool(warnings)
        except BrokenScenario as error:
            tell(error.findings)
            broken += 1
    click.echo(f"{len(files) - broken} of {len(files)} can be used")
    ctx.exit(1 if broken else 0)


def _mend(file: str, also: Callable[[Scenario], Iterator[Remark]]) -> None:
    """Mend a file until nothing mechanical is left to mend."""
    from simulator.scenario.fixing import mend  # noqa: PLC0415
    from simulator.scenario.lint import lint  # noqa: PLC0415
    from simulator.scenario.loading import open_scenario  # noqa: PLC0415

    path = Path(file)
    for _ in range(MOST_ROUNDS):
        try:
            findings = lint(*open_scenario(file, also))
        except BrokenScenario as error:
            findings = error.findings
        if not path.is_file() or (mended := mend(text := path.read_text("utf-8"), findings, file)) == text:
            return
        path.write_text(mended, "utf-8", newline="")


def _unknown_refusals(scenario: Scenario, known: list[Contract]) -> Iterator[Remark]:
    from simulator.engine.explaining import check_expected  # noqa: PLC0415
    from simulator.scenario.remarks import Remark  # noqa: PLC0415

    for place, word in enumerate(scenario.expect_refusals):
        try:
            check_expected([word], known)
        except SimulatorError as error:
            yield Remark(("expect_refusals", place), str(error).replace("\n", "; "))


@scenarios.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files, for an editor."""
    import json  # noqa: PLC0415

    from simulator.engine.known_names import everything_known  # noqa: PLC0415
    from simulator.scenario.editor_schema import editor_schema  # noqa: PLC0415
    from simulator.vendor_settings import settings_schema  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    vendors = {name: load_vendor(name).settings for name in vendor_names()}
    click.echo(json.dumps(editor_schema(*settings_schema(vendors), everything_known()), indent=2))
