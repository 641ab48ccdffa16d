"""`simulator run`: a scenario played and judged without a client."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

from simulator.cli import main
from tests.reports.formats import junit_mistakes

MINE = """\
sim: 1
accounts: {shop: {vendors: [callr], caller_ids: ["+33199001234"]}}
timeline: [{at: +1m, do: "text \\"+33639980001\\" to \\"+33199001234\\" 'Hi'"}]
run: [until idle, advance 1h]
expect:
  - hook: {event: message.received, delivered: %s}
  - client: {polls: at most 1 per 30s}
  - contract: {violations: 0}
"""


@pytest.mark.parametrize(("expected", "code", "failures"), [("at most 1", 0, "0"), ("2", 1, "1")])
def test_a_scenario_is_played_and_judged(expected: str, code: int, failures: str, tmp_path: Path) -> None:
    file, report = tmp_path / "mine.yaml", tmp_path / "report.xml"
    file.write_text(MINE % expected)
    outcome = CliRunner().invoke(main, ["run", str(file), "--junit", str(report)])
    suite = fromstring(report.read_text())  # noqa: S314 - our own

    assert outcome.exit_code == code, outcome.output
    assert "until idle: " in outcome.output
    assert f"{file}:6" in outcome.output
    assert (suite.get("tests"), suite.get("failures")) == ("3", failures)
    assert len(suite.findall("testcase/failure")) == int(failures)
    assert outcome.output.count(f"`simulator serve --clock virtual --scenario {file}` serves it") == code


def test_the_time_after_a_step_is_that_of_the_scenarios_zone(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sim: 1\nclock: {at: 2026-05-01T09:00, zone: Europe/Berlin}\nrun: [advance 1h]\n")
    outcome = CliRunner().invoke(main, ["run", str(file)])

    assert "advance 1h: 0 events, then 2026-05-01 10:00:00, Europe/Berlin\n" in outcome.output


def test_a_report_is_what_readers_of_junit_know(tmp_path: Path) -> None:
    file, report = tmp_path / "mine.yaml", tmp_path / "report.xml"
    file.write_text('sim: 1\nexpect: [{message: {to: "+447700900310", text: "a\\x01\\uFFFEb"}}]\n')
    CliRunner().invoke(main, ["run", str(file), "--junit", str(report)])
    suite = fromstring(report.read_bytes())  # noqa: S314 - our own

    assert [*junit_mistakes(suite)] == []
    assert [*suite.attrib] == ["name", "tests", "errors", "time", "failures", "skipped"]
    assert suite.attrib["failures"] == "1"


def test_a_scenario_that_is_broken_is_told_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sim: 1\nfaults: [{where: callo.add_cal, do: reset}]\nrun: [untl idle]\n")
    outcome = CliRunner().invoke(main, ["run", str(file)])

    assert outcome.exit_code != 0
    assert f"{file}:2:18: callo has no operation 'add_cal'" in outcome.output
    assert f"{file}:3:7: 'untl idle' is not a step" in outcome.output


def test_what_is_broken_comes_first_and_the_rest_fits_on_a_screen(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    kept = "  - contract: {violations: 0}\n" * 30
    broken = '  - call: {to: "+447700900310", outcome: answered}\n' * 10
    file.write_text(f"sim: 1\nexpect:\n{kept}{broken}")
    outcome = CliRunner().invoke(main, ["run", str(file)])
    lines = outcome.output.splitlines()

    assert outcome.exit_code == 1
    assert len(lines) < 60
    assert lines[1].startswith("broken: ")
    assert "  next   did the client ask for it, and was it let in?" in lines
    assert "/v1/" not in outcome.output
    assert outcome.output.count("  next ") == 8
    assert "... and 20 more that are not broken" in lines


def test_a_scenario_that_expects_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("sim: 1\nrun: [advance 1h]\n")
    outcome = CliRunner().invoke(main, ["run", str(tmp_path / "mine.yaml")])

    assert outcome.exit_code == 0
    assert "it expects nothing" in outcome.output


def test_a_report_that_cannot_be_written_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("sim: 1\n")
    gone = tmp_path / "gone" / "report.xml"
    outcome = CliRunner().invoke(main, ["run", str(tmp_path / "mine.yaml"), "--junit", str(gone)])

    assert outcome.exit_code == 2
    assert f"{gone} cannot be written: there is no folder {gone.parent}\n  name a file" in outcome.output
