"""A run as one HTML file: no script, no other address; on a phone, in the dark, and printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, Template

from simulator.conformance.violations import how_sure
from simulator.reports.drawing import coverage_picture
from simulator.reports.evidence import Evidence, Message, Seen, VendorCoverage
from simulator.reports.text import summary


def render_html(evidences: Sequence[Evidence]) -> str:
    """Return the report of a run, or of several agents beside each other."""
    return _template().render(
        evidences=evidences,
        title=evidences[0].title or f"A run of {evidences[0].made_by}",
        titles={case.id: case.title for evidence in evidences for case in evidence.cases},
        outcomes=[{case.id: case.outcome for case in evidence.cases} for evidence in evidences],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("simulator.reports", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "by_group": lambda cases: groupby(cases, key=lambda case: case.group),
        "how_sure": how_sure,
        "json": lambda value: json.dumps(value, ensure_ascii=False, default=str) if value else "",
        "pairs": lambda values: ", ".join(f"{name} {value}" for name, value in values.items()),
        "picture": _picture,
        "summary": summary,
        "written": _write_exchange,
    }
    return environment.get_template("report.html")


def _picture(coverage: Mapping[str, VendorCoverage]) -> str:
    rows = [
        (
            vendor,
            [*((name, 1) for name in one.operations.met), *((name, 0) for name in one.operations.missed)],
        )
        for vendor, one in coverage.items()
    ]
    return coverage_picture(rows)


def _write_exchange(one: Seen) -> str:
    verb = "the client answered" if one.callback else "answered"
    rule = f" ({one.rule})" if one.rule else ""
    return f"{_write(one.request)}\n\n{verb} {one.status}{rule}\n{_write(one.answer)}".strip()


def _write(message: Message) -> str:
    headers = [f"{name}: {value}" for name, value in message.headers]
    return "\n".join([*headers, "", message.body[:4_000]]).strip()
