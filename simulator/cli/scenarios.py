"""`simulator scenarios`: what ships, and whether a file of one's own can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import OutputFile
from simulator.cli.terminal import tell
from simulator.errors import BrokenScenario, SimulatorError

if TYPE_CHECKING:
    from simulator.conformance.contract import Contract
    from simulator.scenario.document import Remark
    from simulator.scenario.schema import Scenario


STARTER = """\
# yaml-language-server: $schema=scenario.schema.json
sim: 1
title: Half of the town is out, and nobody may be called twice for one request
seed: 1                       # what is drawn is keyed by it, so that every run is the same
clock: {{at: 2026-03-02T10:00, zone: Europe/London}}
strangers: townspeople        # who answers where nobody in particular does

accounts:
  shop: {{vendors: [{vendor}], balance: 100.00}}

people:
  - {{number: "+447700900310", persona: busy_first}}

personas:
  townspeople:
    first: {{answered: 50%, no_answer: 40%, busy: 10%}}
    talk: 20s..90s
  busy_first: {{attempts: [busy, answered]}}

faults:
  - {{where: {vendor}.*, when: request 3, do: status 503}}

run: [advance 1h, until idle]

expect:
  - client: {{double_dials: 0, honours: retry_after}}
  - contract: {{violations: 0}}
"""

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
    from simulator.scenario.files import list_scenarios as names  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    for name in names():
        click.echo(f"{name:<24} {load_scenario(name).title}")


@scenarios.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--resolved", is_flag=True, help="With all that it extends laid under it.")
def show_scenario(name: str, resolved: bool) -> None:
    """Print a scenario, to start one's own from."""
    import yaml  # noqa: PLC0415

    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    document = load_scenario(name).document
    if not resolved:
        click.echo("\n".join(document.source.lines))
        return
    whole = {word: value for word, value in document.value.items() if word != "extends"}
    click.echo(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100), nl=False)


@scenarios.command("explain")
@click.argument("name", metavar="NAME|FILE")
def explain_scenario(name: str) -> None:
    """Tell in sentences what a scenario will do, and what happens to which number."""
    from simulator.scenario.explaining import explain  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    click.echo("\n\n".join(explain(load_scenario(name))))


@scenarios.command("init")
@click.argument("file", type=OutputFile(), default="scenario.yaml")
@click.option("--vendor", default="callo", show_default=True, help="Whose account it begins with.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init_scenario(file: Path, vendor: str, force: bool) -> None:
    """Write a scenario to begin with into FILE, and its schema for the editor beside it."""
    from simulator.vendors import load_vendor  # noqa: PLC0415

    load_vendor(vendor)
    if file.suffix not in (".yaml", ".yml"):
        raise SimulatorError(f"{file} is not named as a scenario is", "let its name end in .yaml or .yml")
    schema = file.with_name("scenario.schema.json")
    if file.exists() and not force:
        raise SimulatorError(f"{file} is there already", "name another file, or say --force")
    file.write_text(STARTER.format(vendor=vendor), "utf-8")
    schema.write_text(_schema_text(), "utf-8")
    click.echo(f"{file} and {schema} are written; `simulator scenarios explain {file}` tells what it does")


@scenarios.command("lint")
@click.argument("places", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option("--fix", is_flag=True, help="Mend misspelt names and missing quotes in the files first.")
@click.pass_context
def lint_scenarios(ctx: click.Context, places: tuple[str, ...], strict: bool, fix: bool) -> None:
    """Check scenario files, also those in folders; mistakes fail, warnings are only told.

    Warnings are about what is allowed and hardly meant: rules that never apply, people nobody calls or is,
    expectations that cannot hold.
    """
    from simulator.conformance.contract import list_contracts, load_contract  # noqa: PLC0415
    from simulator.engine.known_names import everything_known  # noqa: PLC0415
    from simulator.scenario.building import world_remarks  # noqa: PLC0415
    from simulator.scenario.lint import lint  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415
    from simulator.scenario.vendor_words import vendor_doubts  # noqa: PLC0415

    known, broken = everything_known(), 0
    vendors = {name: known.operator(name) for name in known.present}
    contracts = [load_contract(name) for name in list_contracts()]

    def also(scenario: Scenario) -> Iterator[Remark]:
        yield from world_remarks(scenario, vendors, known)
        yield from _unknown_refusals(scenario, contracts)

    files = [file for place in places for file in _files_in(place)]
    for file in files:
        try:
            if fix:
                _mend(file, also)
            scenario = load_scenario(file, also)
            doubts = scenario.document.findings(vendor_doubts(scenario, vendors))
            warnings = [*lint(scenario), *doubts]
            tell(f"warning: {line}" for line in warnings)
            broken += strict and bool(warnings)
        except SimulatorError as error:
            _tell_why(error if not Path(file).is_dir() else _NoScenarios(file))
            broken += 1
    click.echo(f"{len(files) - broken} of {len(files)} can be used")
    ctx.exit(1 if broken else 0)


class _NoScenarios(SimulatorError):
    """A folder in which no scenario lies."""

    def __init__(self, folder: str) -> None:
        what = "one is a file whose name ends in .yaml or .yml, with a line that begins with `sim:`"
        super().__init__(f"no scenario lies in {folder}", what)


def _tell_why(error: SimulatorError) -> None:
    """Tell the findings in a file, or why it is none."""
    if isinstance(error, BrokenScenario):
        tell(error.findings)
    else:
        click.echo(f"simulator: {error}", err=True)


def _files_in(place: str) -> Iterator[str]:
    """Yield a file, or what in a folder, and below it, says that it is a scenario; the folder without any."""
    if not Path(place).is_dir():
        yield place
        return
    scenarios = [path for path in sorted(Path(place).rglob("*")) if _is_scenario(path, Path(place))]
    yield from map(str, scenarios) if scenarios else [place]


def _is_scenario(path: Path, folder: Path) -> bool:
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return False
    if any(name.startswith(".") or name == "node_modules" for name in path.relative_to(folder).parts):
        return False
    return any(line.startswith(b"sim:") for line in path.read_bytes().splitlines())


def _mend(file: str, also: Callable[[Scenario], Iterator[Remark]]) -> None:
    """Mend a file until nothing mechanical is left to mend."""
    from simulator.scenario.checking import mend  # noqa: PLC0415
    from simulator.scenario.lint import lint  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    path = Path(file)
    for _ in range(MOST_ROUNDS):
        try:
            findings = lint(load_scenario(file, also))
        except BrokenScenario as error:
            findings = error.findings
        try:
            text = path.read_bytes().decode()  # as it is, with the line breaks of its editor
        except (OSError, UnicodeDecodeError):  # the lint tells it
            return
        if (mended := mend(text, findings, file)) == text:
            return
        path.write_text(mended, "utf-8", newline="")


def _unknown_refusals(scenario: Scenario, known: list[Contract]) -> Iterator[Remark]:
    from simulator.engine.explaining import check_expected  # noqa: PLC0415
    from simulator.scenario.document import Remark  # noqa: PLC0415

    for place, word in enumerate(scenario.expect_refusals):
        try:
            check_expected([word], known)
        except SimulatorError as error:
            yield Remark(("expect_refusals", place), f"{error.message}; {error.remedy}")


@scenarios.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files, for an editor."""
    click.echo(_schema_text(), nl=False)


def _schema_text() -> str:
    import json  # noqa: PLC0415

    from simulator.engine.known_names import everything_known  # noqa: PLC0415
    from simulator.scenario.editor_schema import editor_schema  # noqa: PLC0415
    from simulator.vendor_settings import settings_schema  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    vendors = {name: load_vendor(name).settings for name in vendor_names()}
    schema = editor_schema(*settings_schema(vendors), everything_known())
    return json.dumps(schema, indent=2) + "\n"
