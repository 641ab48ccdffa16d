"""`simulator run`: a scenario played and judged without a client."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

from simulator.cli import main

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


def test_a_scenario_that_is_broken_is_told_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sim: 1\nfaults: [{where: callo.add_cal, do: reset}]\nrun: [untl idle]\n")
    outcome = CliRunner().invoke(main, ["run", str(file)])

    assert outcome.exit_code != 0
    assert f"{file}:2:18: callo has no operation 'add_cal'" in outcome.output
    assert f"{file}:3:7: 'untl idle' is not a step" in outcome.output
