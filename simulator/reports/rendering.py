"""Evidence in any of its forms, written to where it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from simulator.errors import SimulatorError, guess
from simulator.reports.ctrf import render_ctrf
from simulator.reports.evidence import Evidence
from simulator.reports.github import render_markdown
from simulator.reports.junit import render_junit
from simulator.reports.page import render_html
from simulator.reports.sarif import render_sarif

FORMS: Mapping[str, Callable[[Evidence], str]] = MappingProxyType(
    {
        "html": lambda evidence: render_html([evidence]),
        "junit": render_junit,
        "ctrf": render_ctrf,
        "sarif": render_sarif,
        "markdown": render_markdown,
    }
)
"""Each form by its name, and what writes it."""


def write_report(evidences: Sequence[Evidence], form: str, file: Path) -> None:
    """Write evidence in a form; several runs stand beside each other in HTML alone.

    Raises SimulatorError for a form that there is not, or one run too many.
    """
    if form not in FORMS:
        raise SimulatorError(f"no form of report is called {form!r}", guess(form, FORMS))
    if len(evidences) > 1 and form != "html":
        raise SimulatorError(f"{form} holds one run, not {len(evidences)}", "render each evidence by itself")
    text = render_html(evidences) if form == "html" else FORMS[form](evidences[0])
    file.write_text(text, encoding="utf-8")
