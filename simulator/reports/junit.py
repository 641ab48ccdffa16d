"""A run as JUnit XML, in the dialect that CI servers read: suites, cases, one failure a case."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.reports.text import describe_case

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SKIPPED = ("UNIMPLEMENTED", "PENDING")


def render_junit(evidence: Evidence) -> str:
    """Return the XML of a run: a suite a theme; FAIL is a failure, BROKEN-US an error, others are passed."""
    root = Element("testsuites", name=clean(evidence.title or evidence.made_by))
    for group, cases in groupby(evidence.cases, key=lambda case: case.group):
        _add_suite(root, group, [*cases], evidence)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _add_suite(root: Element, group: str, cases: list[CaseEvidence], evidence: Evidence) -> None:
    counts = {
        "tests": len(cases),
        "failures": sum(case.failed for case in cases),
        "errors": sum(case.outcome == "BROKEN-US" for case in cases),
        "skipped": sum((case.outcome in SKIPPED) + case.accepted for case in cases),
    }
    about = {"name": clean(group), "time": f"{sum(case.seconds for case in cases):.3f}"}
    if evidence.started:
        about["timestamp"] = evidence.started[:19]
    suite = SubElement(root, "testsuite", about | {name: str(count) for name, count in counts.items()})
    for case in cases:
        _add_case(suite, case, evidence)


def _add_case(suite: Element, case: CaseEvidence, evidence: Evidence) -> None:
    name = clean(case.title if case.title.startswith(case.id) else f"{case.id} {case.title}")
    owner = clean(f"{evidence.suite or evidence.made_by}.{case.group}")
    element = SubElement(suite, "testcase", name=name, classname=owner, time=f"{case.seconds:.3f}")
    text = clean("\n".join(describe_case(case)))
    summary = clean("; ".join(finding.key for finding in case.findings) or case.reason)
    if case.failed:
        SubElement(element, "failure", message=summary, type=case.outcome).text = text
    elif case.outcome == "BROKEN-US":
        SubElement(element, "error", message=summary, type=case.outcome).text = text
    elif case.outcome in SKIPPED or case.accepted:
        SubElement(element, "skipped", message=summary or "expected to fail")
    elif text:
        SubElement(element, "system-out").text = f"{case.outcome}\n{text}"


def clean(text: str) -> str:
    """Return a text without what XML cannot hold, even escaped, such as most control characters."""
    return _NOT_XML.sub("?", text)
