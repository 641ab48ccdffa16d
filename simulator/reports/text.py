"""A run for a terminal: a line a case, what was found with its smallest fix, and the sum."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.reports.evidence import CaseEvidence, Evidence, Finding

SURE = {"documented": "the vendor's own word", "observed": "seen in live clients"}


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
        sure = SURE.get(case.requirement.mark, "no vendor says so, our reading")
        yield f"  requires {case.requirement.rule} [{case.requirement.mark}: {sure}] ({case.requirement.at})"
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
