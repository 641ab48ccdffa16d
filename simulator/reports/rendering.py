"""Evidence in any of its forms, written to where it is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from simulator.errors import SimulatorError, guess
from simulator.reports.ctrf import render_ctrf
from simulator.reports.evidence import Evidence, render_evidence
from simulator.reports.junit import render_junit
from simulator.reports.page import render_html
from simulator.reports.sarif import render_sarif
from simulator.reports.text import render_markdown

FORMS: Mapping[str, Callable[[Evidence], str]] = {
    "html": lambda evidence: render_html([evidence]),
    "junit": render_junit,
    "ctrf": render_ctrf,
    "sarif": render_sarif,
    "markdown": render_markdown,
    "evidence": render_evidence,
}
"""Each form by its name, and what writes it."""


def parse_report(text: str) -> tuple[str, Path]:
    """Read `html=FILE`; raises SimulatorError for a form that there is not, or a file that cannot be."""
    form, _, file = text.partition("=")
    if form not in FORMS or not file:
        raise SimulatorError(f"{text!r} is no FORM=FILE", f"forms: {', '.join(FORMS)}")
    check_writable(Path(file))
    return form, Path(file)


def check_writable(file: Path) -> None:
    """Raise SimulatorError for a file that could not be written: before a long run, rather than after it."""
    folder = file.absolute().parent
    if file.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(file if file.exists() else folder, os.W_OK):
        reason = "it may not be written"
    else:
        return
    raise SimulatorError(f"{file} cannot be written: {reason}", "name a file in a folder that is yours")


def write_reports(evidences: Sequence[Evidence], reports: Iterable[tuple[str, Path]]) -> Iterator[Path]:
    """Write evidence in each form, and yield the files; HTML shows several runs beside each other.

    Of several runs any other form becomes a file an agent, with its name before the suffix: `run.node.xml`.
    """
    for form, file in reports:
        if form == "html":
            write_report(evidences, form, file)
            yield file
            continue
        for evidence in evidences:
            own = own_file(file, evidence, len(evidences) > 1)
            write_report([evidence], form, own)
            yield own


def own_file(file: Path, evidence: Evidence, several: bool) -> Path:
    """Return where a form of a run goes that is one of `several`."""
    agent = re.sub(r"\W+", "-", evidence.agent)
    return file.with_name(f"{file.stem}.{agent}{file.suffix}") if several else file


def write_report(evidences: Sequence[Evidence], form: str, file: Path) -> None:
    """Write evidence in a form; several runs stand beside each other in HTML alone.

    Raises SimulatorError for a form that there is not, or one run too many.
    """
    if form not in FORMS:
        raise SimulatorError(f"no form of report is called {form!r}", guess(form, FORMS))
    if len(evidences) > 1 and form != "html":
        raise SimulatorError(f"{form} holds one run, not {len(evidences)}", "render each evidence by itself")
    text = render_html(evidences) if form == "html" else FORMS[form](evidences[0])
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SimulatorError(
            f"cannot write the {form} report to {file}: {error.strerror}",
            "name a file in a folder that is yours",
        ) from None
