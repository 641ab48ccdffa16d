"""A run in the Common Test Report Format (ctrf.io), one JSON document."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.reports.text import describe_case

Json = Any
SPECIFICATION = "0.0.0"
STATUS = {
    "PASS": "passed",
    "NON-STRICT": "passed",
    "INFO": "passed",
    "FAIL": "failed",
    "UNIMPLEMENTED": "skipped",
    "PENDING": "pending",
    "BROKEN-US": "other",
}
STATUSES = ("passed", "failed", "pending", "skipped", "other")


def render_ctrf(evidence: Evidence) -> str:
    """Return the document of a run; times are milliseconds."""
    statuses = [_status(case) for case in evidence.cases]
    start = int(datetime.fromisoformat(evidence.started).timestamp() * 1000) if evidence.started else 0
    summary = {
        "tests": len(statuses),
        **{status: statuses.count(status) for status in STATUSES},
        "start": start,
        "stop": start + round(evidence.seconds * 1000),
    }
    tool = {"name": "vendor-simulator", "version": evidence.version}
    results = {"tool": tool, "summary": summary, "tests": [*map(_test, evidence.cases)]}
    known = {
        "agent": evidence.agent,
        "suite": evidence.suite,
        "suiteVersion": evidence.suite_version,
        "suiteDigest": evidence.suite_digest,
        "contracts": evidence.contracts,
        "seed": evidence.seed,
        "clock": evidence.clock,
    }
    if filled := {name: value for name, value in known.items() if value}:
        results["environment"] = {"extra": filled}
    document = {"reportFormat": "CTRF", "specVersion": SPECIFICATION, "results": results}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _status(case: CaseEvidence) -> str:
    return "skipped" if case.accepted else STATUS[case.outcome]


def _test(case: CaseEvidence) -> Json:
    test: Json = {
        "name": f"{case.id} {case.title}",
        "status": _status(case),
        "duration": round(case.seconds * 1000),
        "suite": [case.group],
        "rawStatus": case.outcome,
        "tags": [tag for tag in (case.level, case.profile) if tag],
    }
    if case.findings:
        test["message"] = "; ".join(finding.key for finding in case.findings)
        test["trace"] = "\n".join(describe_case(case))
    elif case.reason:
        test["message"] = case.reason
    if case.place:
        test["filePath"] = case.place.rpartition(":")[0]
    return test
