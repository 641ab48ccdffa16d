"""Every form of report holds every case, escapes what it is given, and can be read by those it is for."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator, Draft7Validator
from msgspec.structs import replace

from simulator.errors import SimulatorError
from simulator.reports.ctrf import render_ctrf
from simulator.reports.evidence import Finding, UnreadableEvidence, read_evidence, render_evidence
from simulator.reports.junit import render_junit
from simulator.reports.page import render_html
from simulator.reports.rendering import write_report
from simulator.reports.sarif import render_sarif
from simulator.reports.text import render_annotations, render_markdown
from tests.reports.formats import junit_mistakes
from tests.reports.runs import EVIDENCE

SCHEMAS = Path(__file__).parent / "schemas"
VOID = {"meta", "br"}


def test_evidence_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(render_evidence(EVIDENCE), "utf-8")

    assert read_evidence(tmp_path / "run.json") == EVIDENCE


@pytest.mark.parametrize(
    "text", ["", "{}", '{"evidence": 2, "made_by": "suite"}', "[1]", "\xff", '{"x":' + "[" * 3000]
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="latin-1")

    with pytest.raises(UnreadableEvidence, match="version 1"):
        read_evidence(tmp_path / "run.json")


def test_what_one_run_missed_once_is_counted_as_one() -> None:
    page = render_html([EVIDENCE])

    assert "callo, callbacks: 1 missed" in page
    assert "1 callbacks" not in page


def test_junit_counts_what_it_holds() -> None:
    suites = ElementTree.fromstring(render_junit(EVIDENCE).encode())  # noqa: S314 - it is our own

    for suite in suites:
        cases = suite.findall("testcase")
        for count, word in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[count]) == sum(case.find(word) is not None for case in cases)
        assert int(suite.attrib["tests"]) == len(cases)
    assert [suite.attrib["name"] for suite in suites] == ["request shapes", "success and refusal"]
    assert sum(int(suite.attrib["failures"]) for suite in suites) == 1


def test_junit_of_any_text_can_be_read_and_leaves_out_a_time_that_is_not_known() -> None:
    finding = Finding(about="wire", subject="\x00\x1b[1m<&>\ud800\ufffe", asked='"', arrived="]]>\n\x0b")
    case = replace(EVIDENCE.cases[0], title="\x08 a", group="\x0c", outcome="FAIL", findings=(finding,))
    root = ElementTree.fromstring(  # noqa: S314 - it is our own
        render_junit(replace(EVIDENCE, started="", title="\x07", cases=(case,))).encode()
    )

    assert [*junit_mistakes(root)] == []
    assert "timestamp" not in root[0].attrib
    assert "<&>" in root[0][0][0].attrib["message"]


def test_junit_has_no_element_and_no_attribute_that_readers_do_not_know() -> None:
    root = ElementTree.fromstring(render_junit(EVIDENCE).encode())  # noqa: S314 - it is our own

    assert [*junit_mistakes(root)] == []
    root[0][0].set("file", "a.py")
    root[0].attrib.pop("errors")
    assert sorted(junit_mistakes(root)) == ["testcase has file", "testsuite lacks errors"]


def test_sarif_keeps_its_schema() -> None:
    log = json.loads(render_sarif(EVIDENCE))
    judge = Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()))

    assert [*judge.iter_errors(log)] == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert [error.json_path for error in judge.iter_errors(log)] == ["$.runs[0].results[0].level"]


def test_ctrf_counts_what_it_holds() -> None:
    results = json.loads(render_ctrf(EVIDENCE))["results"]
    statuses = [test["status"] for test in results["tests"]]

    for status in ("passed", "failed", "pending", "skipped", "other"):
        assert results["summary"][status] == statuses.count(status)
    assert results["summary"]["tests"] == len(EVIDENCE.cases)
    assert results["summary"]["stop"] - results["summary"]["start"] == 3500


def test_ctrf_keeps_its_schema() -> None:
    schema = json.loads((SCHEMAS / "ctrf-schema-0.0.json").read_text())

    assert [*Draft7Validator(schema).iter_errors(json.loads(render_ctrf(EVIDENCE)))] == []


def test_vendored_schemas_are_as_they_were_published() -> None:
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in SCHEMAS.iterdir()}

    assert digests == json.loads((SCHEMAS.parent / "schemas.json").read_text())["sha256"]


def test_sarif_has_a_rule_for_each_result_and_none_for_our_own_fault() -> None:
    (run,) = json.loads(render_sarif(EVIDENCE))["runs"]
    rules = run["tool"]["driver"]["rules"]

    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note", "none"}
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert (levels["CALLO-1.2"], levels["CALLO-1.3"]) == ("error", "note")


def test_annotations_stand_in_one_line_each() -> None:
    lines = [*render_annotations(EVIDENCE)]

    assert all(re.fullmatch(r"::(error|warning|notice) file=[^\n]+", line) for line in lines), lines
    assert sum(line.startswith("::error") for line in lines) == 1


def test_markdown_has_a_row_a_case() -> None:
    rows = [line for line in render_markdown(EVIDENCE).splitlines() if "**CALLO-" in line]

    assert len(rows) == len(EVIDENCE.cases)
    assert "<b>" not in "".join(rows)


class Page(HTMLParser):
    """Follows the tags of a page, and fails where they do not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: list[str] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_has_no_script_no_other_address_and_fitting_tags() -> None:
    page = Page()
    page.feed(render_html([EVIDENCE, EVIDENCE]))

    assert page.open == []
    assert len(page.ids) == len({*page.ids}) > 0
    assert not {"script", "link", "img", "iframe", "b"} & {*page.met}
    assert "table" in page.met


def test_several_runs_stand_beside_each_other_in_html_alone(tmp_path: Path) -> None:
    write_report([EVIDENCE, EVIDENCE], "html", tmp_path / "both.html")

    with pytest.raises(SimulatorError, match="junit holds one run"):
        write_report([EVIDENCE, EVIDENCE], "junit", tmp_path / "both.xml")
