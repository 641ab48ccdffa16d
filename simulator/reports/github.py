"""A run for GitHub: annotations in the log of a job, and its summary in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.reports.text import summary

KINDS = {"FAIL": "error", "NON-STRICT": "warning", "BROKEN-US": "warning", "INFO": "notice"}
SIGNS = {"PASS": "✅", "FAIL": "❌", "NON-STRICT": "⚠️", "INFO": "ℹ️", "BROKEN-US": "🐞"}


def render_annotations(evidence: Evidence) -> Iterator[str]:
    """Yield a workflow command for each finding."""
    for case in evidence.cases:
        kind = "notice" if case.accepted else KINDS.get(case.outcome)
        for finding in case.findings if kind else ():
            file, _, line = case.place.rpartition(":")
            where = f"file={_word(file)},line={line}," if file else ""
            text = f"{finding.subject}: asked {finding.asked}; arrived {finding.arrived}. Fix: {finding.fix}"
            yield f"::{kind} {where}title={_word(f'{case.id} {case.title}')}::{_text(text)}"


def render_markdown(evidence: Evidence) -> str:
    """Return the summary of a run as Markdown: a row a case, and what was found."""
    lines = [f"## {summary(evidence)}", "", "| | case | level | outcome |", "|---|---|---|---|"]
    lines += [_row(case) for case in evidence.cases]
    return "\n".join(lines) + "\n"


def _row(case: CaseEvidence) -> str:
    sign = SIGNS.get(case.outcome, "")
    return f"| {sign} | **{case.id}** {_cell(case.title)} | {case.level} | {case.outcome}{_findings(case)} |"


def _findings(case: CaseEvidence) -> str:
    return "".join(f"<br>{_cell(finding.subject)}: {_cell(finding.arrived)}" for finding in case.findings)


def _cell(text: str) -> str:
    plain = text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return plain if len(plain) <= 200 else f"{plain[:200]}..."


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _word(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
