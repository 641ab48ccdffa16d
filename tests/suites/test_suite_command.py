"""`simulator suite` at the prompt: clients that are commands, outcomes, gates and exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shutil import which

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.reports.evidence import read_evidence
from simulator.suites.loading import load_suite

ROOT = Path(__file__).parent.parent.parent
NODE = f"*=node {ROOT / 'tests/clients/node/callo_tasks.mjs'} {{task}} {{arguments}}"


def suite(*words: str) -> Result:
    return CliRunner().invoke(main, ["suite", *words])


def python(program: str) -> str:
    """Return a command that runs a program in Python."""
    return f"{sys.executable} -S -c '{program}'"


@pytest.mark.parametrize("words", [["--list"], ["--tasks"], ["--schema"]])
def test_a_suite_tells_about_itself(words: list[str]) -> None:
    result = suite("callo", *words)

    assert result.exit_code == 0, result.output
    assert "place" in result.output or "CALLO-1.1" in result.output or "no findings" in result.output


def test_the_list_has_a_line_a_case_that_is_chosen() -> None:
    result = suite("callo", "--list", "--only", "CALLO-6", "--profile", "bulk")

    assert [line.split()[0] for line in result.output.splitlines()] == ["CALLO-6.6"]


@pytest.mark.skipif(not which("node"), reason="there is no Node here")
def test_a_client_in_node_passes_and_its_evidence_can_be_read(tmp_path: Path) -> None:
    result = suite("callo", "--only", "CALLO-2", "--task", NODE, "--evidence", str(tmp_path / "run.json"))

    assert result.exit_code == 0, result.output
    evidence = read_evidence(tmp_path / "run.json")
    assert {case.outcome for case in evidence.cases} == {"PASS"}
    assert evidence.contracts["callo"].startswith("sha256:")


@pytest.mark.skipif(not which("node"), reason="there is no Node here")
def test_a_planted_bug_is_named_with_its_requirement_and_fix() -> None:
    result = suite("callo", "--only", "CALLO-3.2", "--task", f"{NODE} --bug code_as_a_number")

    assert result.exit_code == 1
    assert "requires pincode is text, and its leading zeros count" in result.output
    assert "0042 is not 42" in result.output


@pytest.mark.parametrize(("code", "outcome"), [(12, "UNIMPLEMENTED"), (1, "FAIL"), (10, "FAIL")])
def test_a_code_is_an_outcome(code: int, outcome: str) -> None:
    result = suite("callo", "--only", "CALLO-1.1", "--task", "place=" + python(f"raise SystemExit({code})"))

    assert result.output.startswith(outcome), result.output
    assert result.exit_code == 1  # nothing ran, or what ran failed


def test_a_run_in_which_nothing_ran_fails() -> None:
    result = suite("callo", "--only", "CALLO-1.1")

    assert result.exit_code == 1
    assert "nothing ran" in result.output


def test_what_is_expected_to_fail_may_and_what_passes_may_not_be_expected_to_fail(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("# ours\nCALLO-1.1  # it is being rewritten\n")
    failing = ["--only", "CALLO-1.1", "--task", "place=" + python("raise SystemExit(1)")]

    result = suite("callo", *failing, "--expected-failures", str(tmp_path / "known"))
    assert (result.exit_code, "expected to fail" in result.output) == (0, True), result.output

    (tmp_path / "known").write_text("CALLO-10.1  # it calls at night\n")
    silent = ["--only", "CALLO-10.1", "--task", "place=" + python('print("{\\"outcome\\": \\"deferred\\"}")')]
    result = suite("callo", *silent, "--expected-failures", str(tmp_path / "known"))
    assert (result.exit_code, "may only shrink" in result.output) == (1, True), result.output


def test_a_failure_without_a_reason_cannot_be_expected(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("CALLR-1.1  # of another suite\nCALLO-1.99  # misspelt\n")
    result = suite("callo", "--expected-failures", str(tmp_path / "known"))
    assert (result.exit_code, "known:2: callo has no case CALLO-1.99" in result.output) == (2, True)

    (tmp_path / "known").write_text("CALLO-1.1\n")

    result = suite("callo", "--expected-failures", str(tmp_path / "known"))

    assert result.exit_code == 2
    assert "known:1:" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--task", "place"], "TASK=COMMAND"),
        (["--task", "plaec=node x"], "did you mean 'place'?"),
        (["--task", "place=node {phne}"], "did you mean 'phone'?"),
        (["--task", "place='node"], "mind the quotes"),
        (["--only", "CALLO-99"], "no case of callo"),
        (["--only", "CALLO-1.1", "--task", "place=no-such-command"], "there is no such command"),
    ],
)
def test_a_mistake_at_the_prompt_is_told_with_what_to_do(words: list[str], says: str) -> None:
    result = suite("callo", *words)

    assert result.exit_code == 2, result.output
    assert says in result.output


def test_a_client_that_hangs_is_ended_and_fails() -> None:
    hanging = python("import threading; threading.Event().wait()")

    result = suite("callo", "--only", "CALLO-1.1", "--task", f"place={hanging}", "--timeout", "0.5")

    assert result.exit_code == 1
    assert "had not ended after 0.5 s" in result.output


@pytest.mark.parametrize("vendor", ["callo", "kaleyra", "jaicp", "callr"])
def test_the_schema_knows_every_task(vendor: str) -> None:
    schema = json.loads(suite(vendor, "--schema").output)

    assert schema["$defs"].keys() == load_suite(vendor).file.tasks.keys()
