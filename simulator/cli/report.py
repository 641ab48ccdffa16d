"""`simulator report`: evidence of a run in the forms that people and CI servers read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulator.cli.options import OutputFile, gates_of, together, with_gates
from simulator.cli.terminal import tell

FORMS = ("html", "junit", "ctrf", "sarif", "markdown")


with_forms = together(
    *(
        click.option(f"--{form}", type=OutputFile(), help=f"Write it as {form} to this file.")
        for form in FORMS
    )
)
"""Adds an option for each form."""


@click.command()
@click.argument(
    "evidence", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@with_forms
@click.option("--github", is_flag=True, help="Print annotations for a job of GitHub Actions.")
@with_gates
def report(*, evidence: tuple[Path, ...], github: bool, **options: Any) -> None:
    """Render EVIDENCE of a run; of several, HTML shows a matrix. Without an option it is told as text.

    Who asks for coverage, or names a baseline or a ratchet file, gets exit code 1 where a run does not keep
    that, or has a failure that is not accepted.
    """
    from simulator.reports.evidence import read_evidence  # noqa: PLC0415
    from simulator.reports.rendering import write_report  # noqa: PLC0415
    from simulator.reports.run_gates import pass_gates  # noqa: PLC0415
    from simulator.reports.text import (  # noqa: PLC0415
        describe_case,
        line_of,
        render_annotations,
        summary,
    )

    gates = gates_of(options)
    judged = [pass_gates(read_evidence(file), gates) for file in evidence]
    runs, files = [run for run, _, _ in judged], options
    for form, file in files.items():
        if file is not None:
            write_report(runs, form, file)
            click.echo(f"{form}: {file}")
    if github:
        tell(line for run in runs for line in render_annotations(run))
    if not github and not any(files.values()):
        for run in runs:
            for case in run.cases:
                tell([line_of(case), *describe_case(case)])
            click.echo(summary(run))
    if gates:
        tell(line for _, lines, _ in judged for line in lines)
        failed = any(case.failed for run in runs for case in run.cases)
        raise SystemExit(1 if failed or not all(holds for _, _, holds in judged) else 0)
