"""A run in lines: for a terminal, and for GitHub as annotations and a summary in Markdown.

A case is a line, with what was found and its smallest fix below it; the sum comes last.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.conformance.violations import how_sure
from simulator.reports.evidence import CaseEvidence, Evidence, Finding

KINDS = {"FAIL": "error", "NON-STRICT": "warning", "BROKEN-US": "warning", "INFO": "notice"}
SIGNS = {"PASS": "✅", "FAIL": "❌", "NON-STRICT": "⚠️", "INFO": "ℹ️", "BROKEN-US": "🐞"}


def line_of(case: CaseEvidence) -> str:
    """Return a case in a line."""
    why = f"  ({case.reason})" if case.reason else ""
    accepted = "  (expected to fail)" if case.accepted else ""
    return f"{case.outcome:<13} {case.id:<12} {case.title}{why}{accepted}"


def describe_case(case: CaseEvidence) -> Iterator[str]:
    """Yield what there is to tell of a case with findings: the requirement, and each of them."""
    if not case.findings:
        return
    if case.requirement is not None:
        requirement = case.requirement
        yield f"  requires {requirement.rule} [{how_sure(requirement.mark)}] ({requirement.at})"
    for finding in case.findings:
        yield from _finding(finding)
    if case.advice:
        yield f"  advice   {case.advice}"
    if case.replay:
        yield f"  replay   {case.replay}"
    if case.printed:
        last = case.printed.strip().splitlines()[-3:]
        yield from (f"  printed  {line}" for line in last)


def _finding(finding: Finding) -> Iterator[str]:
    at = f" ({', '.join(finding.exchanges)})" if finding.exchanges else ""
    yield f"  {finding.about:<8} {finding.subject}{at}"
    yield f"    asked    {finding.asked}" + (f" [{finding.mark}]" if finding.mark else "")
    yield f"    arrived  {finding.arrived}"
    if finding.fix:
        yield f"    fix      {finding.fix}" + (f"  ({finding.source})" if finding.source else "")
    if finding.example:
        yield f"    example  {finding.example}"


def summary(evidence: Evidence) -> str:
    """Return the counts of a run in a line."""
    counts = ", ".join(f"{number} {outcome}" for outcome, number in evidence.counts.items())
    return f"{evidence.title or evidence.made_by}: {counts or 'nothing ran'} in {evidence.seconds:.1f} s"


# -- for GitHub -----------------------------------------------------------------------------------------


def render_annotations(evidence: Evidence) -> Iterator[str]:
    """Yield a workflow command for each finding."""
    for case in evidence.cases:
        kind = "notice" if case.accepted else KINDS.get(case.outcome)
        for finding in case.findings if kind else ():
            file, _, line = case.place.rpartition(":")
            where = f"file={_word(file)},line={line}," if file else ""
            arrived = finding.arrived.rstrip(".")
            text = f"{finding.subject}: asked {finding.asked}; arrived {arrived}. Fix: {finding.fix}"
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
