"""`simulator suite`: certify a client of one vendor, in any language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import NAMED_VALUE
from simulator.cli.terminal import tell

if TYPE_CHECKING:
    from simulator.suites.cases import Case, Suite


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
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cases at a time.")
@click.option("--min-cases", "least", type=click.IntRange(0), default=0, help="Fail where fewer ran.")
@click.option(
    "--expected-failures",
    "expected",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cases that may fail, one a line with its reason; one that passes fails the run.",
)
@click.option("--locked", type=click.IntRange(1), help="Version of the suite; newer cases are PENDING.")
@click.option("--timeout", "seconds", type=click.FloatRange(0.1), default=10.0, help="Seconds for a turn.")
@click.option(
    "--env",
    "named_values",
    multiple=True,
    type=NAMED_VALUE,
    help="A variable under the client's own name, such as API=callo.base_url; repeatable.",
)
@click.option("--agent", default="", help="What the client is called in reports.")
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option(
    "--evidence",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all that was seen to this file, for `simulator report`.",
)
def suite(*, vendor: str, only: tuple[str, ...], profiles: tuple[str, ...], **options: Any) -> None:
    """Certify a client of VENDOR: give it tasks, each in a world of its own, and ask what it concluded.

    A command finds the vendor in its environment (CALLO_BASE_URL, CALLO_PUBLIC_KEY, ...) as with `check`, and
    its task in {task} and {arguments} too, which is JSON. It prints one line of JSON at the end,
    {"outcome": "placed", "id": "..."}, or ends with code 0 done, 10 refused, 11 unknown, 12 not supported.

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
    from simulator.suites.vocabulary import describe, schema_of  # noqa: PLC0415

    if schema:
        click.echo(json.dumps(schema_of(loaded), indent=2))
    else:
        tell(describe(loaded))


def _lint(loaded: Suite) -> int:
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.suites.lint import lint_suite  # noqa: PLC0415

    findings = lint_suite(loaded, load_contract(loaded.vendor))
    tell(findings)
    click.echo(f"{loaded.vendor}: {len(loaded.cases)} cases, {len(findings) or 'no'} findings")
    return 1 if findings else 0


def _run(loaded: Suite, cases: list[Case], options: dict[str, Any]) -> int:
    """Run cases, print each as it ends and what was found in the end; return the exit code."""
    from msgspec.structs import replace  # noqa: PLC0415

    from simulator.reports.evidence import write_evidence  # noqa: PLC0415
    from simulator.reports.text import describe_case, line_of, summary  # noqa: PLC0415
    from simulator.serving.suite_command import CommandDriver, run_suite  # noqa: PLC0415
    from simulator.serving.task_commands import read_commands  # noqa: PLC0415
    from simulator.suites.gates import Gates, accept, check_gates, exit_code, read_expected  # noqa: PLC0415
    from simulator.suites.runs import SuiteRun  # noqa: PLC0415

    expected = options["expected"]
    gates = Gates(least=options["least"], expected=read_expected(expected) if expected else {})
    commands = read_commands(options["tasks"], loaded)
    run = SuiteRun(
        suite=loaded,
        cases=cases,
        agent=options["agent"],
        jobs=options["jobs"],
        command=commands.written,
        locked=options["locked"] or 0,
        show_numbers=options["show_numbers"],
    )
    evidence = run_suite(
        run,
        CommandDriver(commands, options["seconds"], options["named_values"]),
        lambda case: click.echo(line_of(accept([case], gates)[0])),
    )
    results = accept(evidence.cases, gates)
    evidence = replace(evidence, cases=tuple(results))
    for case in results:
        if case.findings and not case.accepted:
            click.echo(f"\n{line_of(case)}")
            tell(describe_case(case))
    if options["evidence"]:
        write_evidence(evidence, options["evidence"])
    click.echo(f"\n{summary(evidence)}")
    tell(check_gates(results, gates))
    return exit_code(results, gates)
