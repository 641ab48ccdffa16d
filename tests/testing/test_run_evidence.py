"""What tests did to their vendors, in every form: from one process, and merged from workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import simulator.testing.run_evidence  # noqa: F401 - once here, since a session in this process forgets it
from simulator.checking.replaying import find_recorded, replay
from simulator.cli import main
from simulator.reports.evidence import Evidence, read_evidence

TESTS = """
import pytest
import requests
from simulator.testing.client_suites import CalloClientSuite

API = "/manager/cabapi_external/api/v1/"


def balance(callo):
    requests.get(callo.base_url + API + "users/balance/", params={"public_key": callo.key}, timeout=9)


def order(callo, **more):
    fields = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"], **more}
    requests.post(callo.base_url + API + "phones/call/", data=fields, timeout=9)


def test_right(callo):
    balance(callo)


def test_wrong(callo):
    balance(callo)
    order(callo, phone="+447700900311")
    order(callo, phone="+447700900310", colour="red")


def test_own(callo):
    balance(callo)
    assert callo.key == ""


@pytest.fixture
def broken(callo):
    raise OSError("no database")


def test_not_begun(broken):
    pass


def test_skipped(callo):
    pytest.skip("not today")


def test_without_a_vendor():
    assert True


class TestSuite(CalloClientSuite):
    only = ("CALLO-2.4",)

    def status(self, task):
        order_of = {"public_key": task.credentials["public_key"], "call_id": task.arguments["call_id"]}
        requests.get(task.base_url + API + "phones/call_by_id/", params=order_of, timeout=9)
        return {"outcome": "refused"}
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_ours=TESTS)
    return pytester


def run(tests: pytest.Pytester, *words: str) -> Evidence:
    forms = [f"--simulator-report={form}={form}" for form in ("evidence", "html", "junit", "sarif")]
    result = tests.runpytest("-q", "-p", "no:cacheprovider", *words, *forms)
    result.stdout.fnmatch_lines(["simulator: written: html"])
    assert all((tests.path / form).stat().st_size for form in ("html", "junit", "sarif"))
    return read_evidence(tests.path / "evidence")


def outcomes(evidence: Evidence) -> dict[str, str]:
    return {case.id.rpartition("::")[2]: case.outcome for case in evidence.cases}


EXPECTED = {
    "test_right": "PASS",
    "test_wrong": "FAIL",
    "test_own": "FAIL",
    "test_not_begun": "FAIL",
    "test_skipped": "UNIMPLEMENTED",
    "CALLO-2.4": "PASS",
}


def test_a_run_is_one_case_a_test_with_findings_exchanges_and_what_was_met(tests: pytest.Pytester) -> None:
    evidence = run(tests, "-p", "no:xdist")

    assert outcomes(evidence) == EXPECTED
    cases = {case.title: case for case in evidence.cases}
    (wrong,), (own,) = cases["test_wrong"].findings, cases["test_own"].findings
    assert (wrong.about, wrong.fix) == ("contract", "leave `colour` out: it is silently ignored")
    assert wrong.exchanges[0] in [one.id for one in cases["test_wrong"].exchanges]
    assert own.about == "test"
    assert "25267a4a6c5fe4638764a33e6c42e27e" not in (tests.path / "evidence").read_text()
    assert cases["test_skipped"].reason == "Skipped: not today"
    assert evidence.coverage["callo"].operations.met == ("add_call", "call_by_id", "balance")


@pytest.mark.thorough
def test_workers_make_one_run_that_can_be_played_again(tests: pytest.Pytester) -> None:
    evidence = run(tests, "-n", "2")

    assert outcomes(evidence) == EXPECTED
    assert {*evidence.coverage["callo"].operations.met} == {"add_call", "call_by_id", "balance"}
    wrong = next(case for case in evidence.cases if case.title == "test_wrong")
    (world,) = find_recorded(tests.path / "evidence", wrong.id)
    assert [one.difference for one in replay(world)] == [(), (), ()]


@pytest.mark.thorough
def test_a_test_whose_worker_crashed_is_in_the_report(tests: pytest.Pytester) -> None:
    tests.makepyfile(test_ours="import os\n\ndef test_crash(callo):\n    os._exit(7)\n")
    (case,) = run(tests, "-n", "1").cases

    assert (case.id, case.outcome) == ("test_ours.py::test_crash", "FAIL")
    assert "its process crashed" in case.findings[0].arrived


def test_what_a_report_has_to_keep_is_told_by_its_exit_code(tests: pytest.Pytester, tmp_path: Path) -> None:
    evidence, known = str(tests.path / "evidence"), tmp_path / "known"
    failed = [case for case in run(tests).cases if case.failed]
    known.write_text("".join(f"{case.id} {one.key}  # known\n" for case in failed for one in case.findings))

    codes = [
        CliRunner().invoke(main, ["report", evidence, "--html", "html", *words]).exit_code
        for words in ([], ["--min-coverage", "callo=1"], ["--baseline", str(known)])
    ]

    assert codes == [0, 1, 0]


@pytest.mark.parametrize(
    ("report", "says"),
    [
        ("htm=x", "*--simulator-report: 'htm=x' is no FORM=FILE*"),
        ("html=/nowhere/x", "*/nowhere/x cannot be written: there is no folder /nowhere*"),
    ],
)
def test_what_cannot_be_written_is_told_and_fails_the_run(
    pytester: pytest.Pytester, report: str, says: str
) -> None:
    pytester.makepyfile("def test_nothing(): pass")

    result = pytester.runpytest("-q", "-p", "no:cacheprovider", f"--simulator-report={report}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "INTERNALERROR" not in str(result.stdout) + str(result.stderr)
    result.stderr.fnmatch_lines([says])
