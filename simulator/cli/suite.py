"""`simulator suite`: certify a client of one vendor, in any language."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import NAMED_VALUE, Finite, OutputFile, gates_of, with_gates, with_reports
from simulator.cli.terminal import tell
from simulator.errors import counted

if TYPE_CHECKING:
    from simulator.checking.run_files import Run
    from simulator.reports.evidence import CaseEvidence, Evidence
    from simulator.suites.cases import Case, Suite
    from simulator.suites.gates import Gates
    from simulator.suites.runs import SuiteRun


@click.command()
@click.argument("vendor")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK=COMMAND",
    help="The command that does a task, with {phone} and the like; `*` for all others; repeatable.",
)
@click.option(
    "--tasks", "vocabulary", is_flag=True, help="Show the tasks, with what each takes and concludes."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of conclusions.")
@click.option("--list", "listed", is_flag=True, help="List the cases, and run none.")
@click.option("--lint", is_flag=True, help="Check the suite itself.")
@click.option("--only", multiple=True, metavar="ID", help="Only this case, or theme (CALLO-6); repeatable.")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help="Only cases of this; repeatable.")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Cases at a time.")
@click.option("--min-cases", "least", type=click.IntRange(0), default=0, help="Fail where fewer ran.")
@click.option(
    "--expected-failures",
    "expected",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cases that may fail, one a line with its reason; one that passes fails the run.",
)
@click.option("--locked", type=click.IntRange(1), help="Version of the suite; newer cases are PENDING.")
@click.option("--timeout", "seconds", type=Finite(0.1), default=10.0, help="Seconds for a turn.")
@click.option(
    "--env",
    "named_values",
    multiple=True,
    type=NAMED_VALUE,
    help="A variable under the client's own name, such as API=callo.base_url; repeatable.",
)
@click.option(
    "--agent", "agents", multiple=True, metavar="NAME", help="What the client is called in reports."
)
@click.option(
    "--wait",
    is_flag=True,
    help="Let resident clients come for their cases, until they have done them; --agent names several.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where --wait listens.  [default: any]"
)
@click.option(
    "--patience",
    type=Finite(0.1),
    default=60.0,
    show_default=True,
    help="Silence that ends --wait.",
)
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option(
    "--evidence",
    type=OutputFile(),
    help="Write all that was seen to this file, for `simulator report`.",
)
@with_reports
@with_gates
def suite(*, vendor: str, only: tuple[str, ...], profiles: tuple[str, ...], **options: Any) -> None:
    """Certify a client of VENDOR: give it tasks, each in a world of its own, and ask what it concluded.

    A command finds the vendor in its environment (CALLO_BASE_URL, CALLO_PUBLIC_KEY, ...) as with `check`, and
    its task in {task} and {arguments} too, which is JSON. It prints one line of JSON at the end,
    {"outcome": "placed", "id": "..."}, or ends with code 0 done, 10 refused, 11 unknown, 12 not supported.

    A client that goes on running asks GET /_simulator/v1/suite/next?agent=NAME for a case, does it, and posts
    what it concluded to the address in `conclude`, until it is `over`: of --wait, or plain `simulator serve`.

    The exit code is 1 if a case fails or nothing ran, 3 if the simulator itself is to blame.
    """
    from simulator.suites.gates import choose  # noqa: PLC0415
    from simulator.suites.loading import load_suite  # noqa: PLC0415

    loaded = load_suite(vendor)
    if options["vocabulary"] or options["schema"]:
        _show_vocabulary(loaded, options["schema"])
    elif options["lint"]:
        raise SystemExit(_lint(loaded))
    elif options["listed"]:
        tell(_line(case) for case in choose(loaded, only, profiles))
    else:
        raise SystemExit(_run(loaded, choose(loaded, only, profiles), options))


def _line(case: Case) -> str:
    return f"{case.id:<12} {case.level:<7} {case.profile:<9} {case.title}  [{case.source.mark}]"


def _show_vocabulary(loaded: Suite, schema: bool) -> None:
    from simulator.suites.conclusions import describe, schema_of  # noqa: PLC0415

    if schema:
        click.echo(json.dumps(schema_of(loaded), indent=2))
    else:
        tell(describe(loaded))


def _lint(loaded: Suite) -> int:
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.suites.lint import lint_suite  # noqa: PLC0415

    findings = lint_suite(loaded, load_contract(loaded.vendor))
    tell(findings)
    count = counted(len(findings), "finding") if findings else "no findings"
    click.echo(f"{loaded.vendor}: {counted(len(loaded.cases), 'case')}, {count}")
    return 1 if findings else 0


def _run(loaded: Suite, cases: list[Case], options: dict[str, Any]) -> int:
    """Run cases, print each as it ends and what was found in the end; return the exit code."""
    from simulator.checking.suite_command import CommandDriver, run_suite  # noqa: PLC0415
    from simulator.checking.task_commands import read_commands  # noqa: PLC0415
    from simulator.suites.gates import Gates, read_expected  # noqa: PLC0415
    from simulator.suites.runs import RunRecord, SuiteRun  # noqa: PLC0415

    expected, agents = options["expected"], options["agents"]
    gates = Gates(least=options["least"], expected=read_expected(expected, loaded) if expected else {})
    options["gates"] = gates_of(options)
    if options["evidence"]:
        options["reports"] = (*options["reports"], ("evidence", options["evidence"]))
    commands = read_commands(options["tasks"], loaded)
    run = SuiteRun(
        suite=loaded,
        cases=cases,
        agent=agents[0] if agents else "",
        jobs=options["jobs"],
        command=commands.written,
        locked=options["locked"] or 0,
        show_numbers=options["show_numbers"],
        record=RunRecord(any(form == "evidence" for form, _ in options["reports"])),
    )
    if options["wait"]:
        return _finish(_wait(run, gates, options), gates, options, len(cases))
    if len(agents) > 1:
        raise click.UsageError("several --agent need --wait: commands are those of one client")
    driver = CommandDriver(commands, options["seconds"], options["named_values"])
    evidence = run_suite(run, driver, _printer(gates))
    return _finish([(evidence, run.record.worlds)], gates, options)


def _printer(gates: Gates) -> Callable[[CaseEvidence], None]:
    from simulator.reports.text import line_of  # noqa: PLC0415
    from simulator.suites.gates import accept  # noqa: PLC0415

    return lambda case: click.echo(line_of(accept([case], gates)[0]))


def _wait(run: SuiteRun, gates: Gates, options: dict[str, Any]) -> list[Run]:
    """Wait for resident clients; the one who comes is called as it calls itself."""
    from simulator.checking.suite_command import Waiting, wait_for_clients  # noqa: PLC0415

    if options["tasks"]:
        raise click.UsageError("--task drives commands, and --wait waits for clients: choose one")
    waiting = Waiting(agents=options["agents"], port=options["port"], patience=options["patience"])
    show = _printer(gates)

    def on_case(agent: str, case: CaseEvidence) -> None:
        click.echo(f"{agent}: ", nl=False)
        show(case)

    return wait_for_clients(
        run, waiting, lambda url: click.echo(f"waiting for GET {url}?agent=NAME"), on_case
    )


def _finish(runs: list[Run], gates: Gates, options: dict[str, Any], asked: int = 0) -> int:
    """Tell what was found in each run, write what is to be written; return the exit code of the worst."""
    from simulator.checking.run_files import write_runs  # noqa: PLC0415
    from simulator.reports.run_gates import pass_gates  # noqa: PLC0415
    from simulator.suites.gates import exit_code  # noqa: PLC0415

    if not runs:
        click.echo("nobody came for a case")
    codes, judged, kept = [0 if runs else 1], [], options["gates"]
    for run, worlds in runs:
        evidence, lines, holds = pass_gates(_accepted(run, gates), kept)
        _show(evidence, gates)
        tell(lines)
        codes += [exit_code(evidence.cases, gates), 0 if holds else 1]
        if (missing := asked - len(evidence.cases)) > 0:
            were = "was" if missing == 1 else "were"
            click.echo(f"{missing} of {counted(asked, 'case')} {were} never asked for by {run.agent}")
            codes.append(1)
        judged.append((evidence, worlds))
    tell(f"written: {file}" for file in write_runs(judged, options["reports"]))
    return 1 if 1 in codes else max(codes)


def _accepted(run: Evidence, gates: Gates) -> Evidence:
    from msgspec.structs import replace  # noqa: PLC0415

    from simulator.suites.gates import accept  # noqa: PLC0415

    return replace(run, cases=tuple(accept(run.cases, gates)))


def _show(run: Evidence, gates: Gates) -> None:
    from simulator.reports.text import describe_case, line_of, summary  # noqa: PLC0415
    from simulator.suites.gates import check_gates  # noqa: PLC0415

    for case in run.cases:
        if case.findings and not case.accepted:
            click.echo(f"\n{line_of(case)}")
            tell(describe_case(case))
    click.echo(f"\n{summary(run)}")
    tell(check_gates(run.cases, gates))
