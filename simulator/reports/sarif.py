"""A run as SARIF 2.1.0: a rule a requirement, a result a finding, at the place of the case."""

from __future__ import annotations

import json
from typing import Any

from simulator.reports.evidence import CaseEvidence, Evidence, Finding

Json = Any
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"FAIL": "error", "NON-STRICT": "warning", "INFO": "note", "PENDING": "note", "BROKEN-US": "none"}


def render_sarif(evidence: Evidence) -> str:
    """Return the log of a run; what is the simulator's own fault is no result."""
    cases = [case for case in evidence.cases if case.findings and case.outcome in LEVELS]
    rules = [*map(_rule, cases)]
    driver = {"name": "vendor-simulator", "version": evidence.version, "rules": rules}
    results = [
        _result(case, finding, place)
        for place, case in enumerate(cases)
        for finding in case.findings
        if finding.about != "simulator"
    ]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rule(case: CaseEvidence) -> Json:
    rule = case.requirement.rule if case.requirement else case.title
    texts = {"shortDescription": {"text": case.title}, "fullDescription": {"text": rule}}
    return {"id": case.id, "name": case.title, **texts}


def _result(case: CaseEvidence, finding: Finding, place: int) -> Json:
    fix = f" Fix: {finding.fix}" if finding.fix else ""
    result: Json = {
        "ruleId": case.id,
        "ruleIndex": place,
        "level": "note" if case.accepted else LEVELS[case.outcome],
        "message": {"text": f"{finding.subject}: asked {finding.asked}; arrived {finding.arrived}.{fix}"},
        "partialFingerprints": {"finding/v1": f"{case.id} {finding.key}"},
    }
    file, _, line = case.place.rpartition(":")
    if file and line.isdecimal():
        physical = {"artifactLocation": {"uri": file}, "region": {"startLine": int(line)}}
        result["locations"] = [{"physicalLocation": physical}]
    return result
