"""`simulator report` at the prompt."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from simulator.cli import main
from simulator.reports.evidence import render_evidence
from tests.reports.runs import EVIDENCE


def test_every_form_is_written_to_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(render_evidence(EVIDENCE), "utf-8")
    forms = ("html", "junit", "ctrf", "sarif", "markdown")
    options = [word for form in forms for word in (f"--{form}", str(tmp_path / form))]

    result = CliRunner().invoke(main, ["report", str(tmp_path / "run.json"), *options, "--github"])

    assert result.exit_code == 0, result.output
    assert all((tmp_path / form).stat().st_size for form in forms)
    assert "::error file=" in result.output


def test_without_a_form_it_is_told_as_text(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(render_evidence(EVIDENCE), "utf-8")

    result = CliRunner().invoke(main, ["report", str(tmp_path / "run.json")])

    assert result.exit_code == 0
    assert "FAIL          CALLO-1.2" in result.output


def test_what_is_no_evidence_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")

    result = CliRunner().invoke(main, ["report", str(tmp_path / "run.json")])

    assert result.exit_code == 2
    assert "no evidence of version 1" in result.output
