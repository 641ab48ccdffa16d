"""A run as one HTML file: no script, no other address; on a phone, in the dark, and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from simulator.conformance.violations import how_sure
from simulator.reports.drawing import coverage_picture
from simulator.reports.evidence import CaseEvidence, Evidence, Finding, Message, Seen
from simulator.reports.text import summary

STYLE = (files("simulator.reports") / "report.css").read_text("utf-8")


def render_html(evidences: Sequence[Evidence]) -> str:
    """Return the report of a run, or of several agents beside each other."""
    title = evidences[0].title or f"A run of {evidences[0].made_by}"
    body = "".join(_body(evidences))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}</main>\n</body>\n</html>\n"
    )


def _body(evidences: Sequence[Evidence]) -> Iterator[str]:
    if len(evidences) > 1:
        yield from _matrix(evidences)
    for place, evidence in enumerate(evidences):
        prefix = f"{place + 1}-" if len(evidences) > 1 else ""
        yield from _certificate(evidence)
        for group, cases in groupby(evidence.cases, key=lambda case: case.group):
            yield f"<h2>{escape(group)}</h2>\n"
            for case in cases:
                yield from _case(case, prefix)


def _certificate(evidence: Evidence) -> Iterator[str]:
    failed = any(case.failed for case in evidence.cases)
    verdict = "FAIL" if failed or not evidence.cases else "PASS"
    yield f'<p><span class="outcome {verdict}">{verdict}</span> {escape(summary(evidence))}</p>\n'
    suite = f"{evidence.suite} {evidence.suite_version or ''} {evidence.suite_digest}"
    contracts = [f"{vendor} {value}" for vendor, value in evidence.contracts.items()]
    yield _list(
        {
            "client": evidence.agent,
            "command": evidence.command,
            "suite": suite.strip(),
            "contract": ", ".join(contracts),
            "seed": evidence.seed,
            "clock": evidence.clock,
            "made": f"{evidence.started} by vendor-simulator {evidence.version}",
        }
    )
    if evidence.coverage:
        yield from _coverage(evidence)


def _coverage(evidence: Evidence) -> Iterator[str]:
    """Yield what of each contract was met: in numbers, as a picture, and what was missed by name."""
    names = [*next(iter(evidence.coverage.values())).parts]
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("contract", "met", *names))
    yield "<h2>What of the contract was met</h2>\n"
    yield f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>\n'
    for vendor, one in evidence.coverage.items():
        cells = "".join(f"<td>{len(part.met)} of {part.known}</td>" for part in one.parts.values())
        yield f'<tr><th scope="row">{escape(vendor)}</th><td>{one.share:.1f} %</td>{cells}</tr>\n'
    rows = [
        (
            vendor,
            [*((name, 1) for name in one.operations.met), *((name, 0) for name in one.operations.missed)],
        )
        for vendor, one in evidence.coverage.items()
    ]
    yield f'</table></div>\n<div class="scroll">{coverage_picture(rows)}</div>\n'
    for vendor, one in evidence.coverage.items():
        for name, part in one.parts.items():
            if part.missed:
                missed = escape(", ".join(part.missed))
                yield f"<details><summary>{escape(vendor)}: {len(part.missed)} {name} missed</summary>"
                yield f"<p>{missed}</p></details>\n"


def _list(rows: dict[str, str]) -> str:
    filled = [(name, value) for name, value in rows.items() if value]
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in filled) + "</dl>\n"


def _matrix(evidences: Sequence[Evidence]) -> Iterator[str]:
    agents = [evidence.agent or f"run {place}" for place, evidence in enumerate(evidences, 1)]
    yield '<div class="scroll"><table><thead><tr><th scope="col">case</th>'
    yield "".join(f'<th scope="col">{escape(agent)}</th>' for agent in agents)
    yield "</tr></thead>\n<tbody>\n"
    outcomes = [{case.id: case.outcome for case in evidence.cases} for evidence in evidences]
    titles = {case.id: case.title for evidence in evidences for case in evidence.cases}
    for name, title in titles.items():
        cells = "".join(_cell(row.get(name, "")) for row in outcomes)
        yield f'<tr><th scope="row">{escape(name)} {escape(title)}</th>{cells}</tr>\n'
    yield "</tbody></table></div>\n"


def _cell(outcome: str) -> str:
    return f'<td class="{outcome}">{outcome or "-"}</td>'


def _case(case: CaseEvidence, prefix: str) -> Iterator[str]:
    is_open = " open" if case.findings and not case.accepted else ""
    accepted = " (expected to fail)" if case.accepted else ""
    yield f'<details id="{escape(prefix + case.id)}"{is_open}>\n<summary>'
    yield f'<span class="outcome {case.outcome}">{case.outcome}</span> '
    yield f"<strong>{escape(case.id)}</strong> {escape(case.title)}{accepted}</summary>\n"
    requirement = case.requirement
    yield _list(
        {
            "requirement": requirement.rule if requirement else "",
            "stands at": requirement.at if requirement else "",
            "mark": how_sure(requirement.mark) if requirement else "",
            "level": f"{case.level} {case.profile}".strip(),
            "task": f"{case.task} {_json(case.arguments)}".strip(),
            "concluded": _json(case.conclusion),
            "why": case.reason,
            "case": case.place,
            "seed": case.seed,
            "scenario": case.scenario,
        }
    )
    for finding in case.findings:
        yield _finding(finding)
    if case.findings and case.advice:
        yield f"<p>{escape(case.advice)}</p>\n"
    if case.replay:
        yield f"<p>Play it again: <code>{escape(case.replay)}</code></p>\n"
    if case.printed:
        printed = f"<pre>{escape(case.printed)}</pre>"
        yield f"<details><summary>what the client printed</summary>{printed}</details>\n"
    yield from _exchanges(case)
    yield "</details>\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""


def _finding(finding: Finding) -> str:
    rows = {
        "asked": finding.asked,
        "arrived": finding.arrived,
        "fix": finding.fix,
        "stands at": finding.source,
        "mark": finding.mark,
        "example": finding.example,
        "see": ", ".join(finding.exchanges),
    }
    head = f"<strong>{escape(finding.about)}</strong> {escape(finding.subject)}"
    return f'<div class="finding">{head}{_list(rows)}</div>\n'


def _exchanges(case: CaseEvidence) -> Iterator[str]:
    if not case.exchanges:
        return
    more = f", {case.left_out} in the middle left out" if case.left_out else ""
    count = "1 exchange" if len(case.exchanges) == 1 else f"{len(case.exchanges)} exchanges"
    yield f"<details><summary>{count}{more}</summary>\n"
    for one in case.exchanges:
        yield _exchange(one)
    yield "</details>\n"


def _exchange(one: Seen) -> str:
    target = f"{one.path}?{one.query}" if one.query else one.path
    head = f"{one.id} {one.method} {target}"
    verb = "the client answered" if one.callback else "answered"
    rule = f" ({one.rule})" if one.rule else ""
    text = f"{_written(one.request)}\n\n{verb} {one.status}{rule}\n{_written(one.answer)}".strip()
    return f"<details><summary>{escape(head)}</summary><pre>{escape(text)}</pre></details>\n"


def _written(message: Message) -> str:
    headers = [f"{name}: {value}" for name, value in message.headers]
    return "\n".join([*headers, "", message.body[:4_000]]).strip()
