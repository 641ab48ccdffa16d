"""When a run of a suite fails, and with which exit code."""

from __future__ import annotations

from threading import Barrier

import pytest
from msgspec.structs import replace

from simulator.checking.suite_command import run_suite
from simulator.errors import SimulatorError
from simulator.reports.evidence import CaseEvidence, Outcome
from simulator.suites.gates import Gates, accept, check_gates, choose, exit_code
from simulator.suites.loading import load_suite
from simulator.suites.runs import SuiteRun
from simulator.testing.client_suites import ObjectDriver, TaskAtHand

PATIENCE = 20.0
CASE = "CALLO-1.1"
WRONG = ObjectDriver(lambda _task: {"outcome": "refused"})


def case(outcome: Outcome, name: str = "CALLO-1.1") -> CaseEvidence:
    return CaseEvidence(id=name, title="A case", group="request shapes", outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("PASS", 0), ("NON-STRICT", 0), ("INFO", 0), ("FAIL", 1), ("UNIMPLEMENTED", 1), ("PENDING", 1)],
)
def test_a_run_of_one_case_ends_with_a_code(outcome: Outcome, code: int) -> None:
    assert exit_code([case(outcome)], Gates()) == code


def test_what_the_simulator_broke_is_told_apart_from_what_the_client_broke() -> None:
    assert exit_code([case("PASS"), case("BROKEN-US")], Gates()) == 3
    assert exit_code([case("FAIL"), case("BROKEN-US")], Gates()) == 1


def test_too_few_cases_fail_a_run() -> None:
    (why,) = check_gates([case("PASS"), case("UNIMPLEMENTED")], Gates(least=2))

    assert why == "1 case ran, and --min-cases asks for 2"


def test_a_failure_that_is_expected_is_accepted_and_no_other() -> None:
    gates = Gates(expected={"CALLO-1.1": "known"})

    accepted = accept([case("FAIL"), case("FAIL", "CALLO-1.2")], gates)

    assert [one.accepted for one in accepted] == [True, False]
    assert [*check_gates(accepted, gates)] == ["1 failed: CALLO-1.2"]


def test_a_case_that_ran_twice_is_accepted_where_it_failed() -> None:
    accepted = accept([case("PASS"), case("FAIL")], Gates(expected={"CALLO-1.1": "known"}))

    assert [one.accepted for one in accepted] == [False, True]


def test_cases_are_chosen_by_theme_id_and_profile() -> None:
    suite = load_suite("callo")

    assert {case.theme for case in choose(suite, ["CALLO-6"], [])} == {6}
    assert {case.profile for case in choose(suite, [], ["bulk", "codes"])} == {"bulk", "codes"}
    assert [case.id for case in choose(suite, ["CALLO-1.1,CALLO-2.1"], ["voice"])] == [
        "CALLO-1.1",
        "CALLO-2.1",
    ]
    with pytest.raises(SimulatorError, match="has the profile bulk"):
        choose(suite, ["CALLO-1.1"], ["bulk"])


@pytest.mark.parametrize("jobs", [1, 3])
def test_so_many_cases_are_tried_at_a_time(jobs: int) -> None:
    suite, meeting = load_suite("callo"), Barrier(jobs)
    cases = choose(suite, ["CALLO-1.1,CALLO-1.2,CALLO-1.4"], [])

    def drive(task: TaskAtHand) -> dict[str, str]:
        meeting.wait(PATIENCE)  # where fewer are at work at a time, nobody comes
        return {"outcome": "refused", "id": task.name}

    evidence = run_suite(SuiteRun(suite=suite, cases=cases, jobs=jobs), ObjectDriver(drive))

    assert [case.findings[0].subject for case in evidence.cases] == ["nothing was asked"] * 3


def test_a_case_newer_than_the_locked_suite_is_pending() -> None:
    suite = load_suite("callo")
    (chosen,) = choose(suite, ["CALLO-1.1"], [])
    newer = replace(chosen, since=2)
    suite = replace(suite, file=replace(suite.file, cases=(newer,), version=2))

    outcomes = [
        run_suite(SuiteRun(suite=suite, cases=[newer], locked=locked), WRONG).cases[0].outcome
        for locked in (1, 2)
    ]

    assert outcomes == ["PENDING", "FAIL"]
