"""What `simulator check` finds in clients with one planted bug each, and that it accuses no right one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
from _pytest.mark import ParameterSet

from simulator.scenario.loading import load_scenario
from tests.clients import expectations
from tests.clients.corpus import Case, bug_of, cases, clean_cases, control, run
from tests.clients.expectations import FILE
from tests.clients.kinds import CONDUCT, KINDS
from tests.clients.selection import chosen_bugs, chosen_clean
from tests.clients.situations import SITUATIONS, scenario_of
from tests.thoroughness import THOROUGH, sampled

LEAST_BUGS = 120
LEAST_CAUGHT = 0.75
LEAST_OF_CONDUCT = 45
LEAST_A_VENDOR = 30
LEAST_IN_NODE = 24
REPEATS = int(os.environ.get("REPEATS", "3"))
EXPECTED = expectations.read()


@pytest.fixture(autouse=True)
def the_language_of_the_client(request: pytest.FixtureRequest) -> None:
    """Skip what runs in Node where there is none."""
    if ".mjs" in request.node.name and not which("node"):
        pytest.skip("there is no Node here")


def caught(rows: Iterable[Case]) -> list[Case]:
    return [case for case in rows if EXPECTED[case.name].caught]


@pytest.mark.parametrize("case", sampled(chosen_bugs(), 19), ids=lambda case: case.name)
def test_a_planted_bug_is_caught_or_known_to_be_missed(case: Case) -> None:
    expected, outcome = EXPECTED[case.name], run(case)

    if expected.caught:
        assert outcome.code == 1, f"not caught any more: {bug_of(case).text}\n{outcome}"
        assert expected.caught in outcome.report, outcome
    else:
        assert outcome.code == 0, f"caught now, though {FILE.name} says: {expected.missed}\n{outcome}"


def clean() -> list[ParameterSet]:
    return [
        pytest.param(
            case,
            clock,
            id=f"{case.name}-{clock}",
            marks=[THOROUGH] if place % 15 else [],
        )
        for place, (case, clock) in enumerate(chosen_clean())
    ]


@pytest.mark.parametrize(("case", "clock"), clean())
def test_a_right_client_is_not_accused(case: Case, clock: str) -> None:
    outcome = run(case, clock)

    assert outcome.code == 0, outcome
    assert not outcome.accusation, outcome


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_situation_is_a_scenario_that_expects_nothing(situation: str, tmp_path: Path) -> None:
    assert load_scenario(scenario_of(situation, tmp_path)).expect == ()


def test_every_bug_is_expected_to_be_caught_or_missed() -> None:
    assert [case.name for case in cases()] == list(EXPECTED)
    assert all(bool(expected.caught) != bool(expected.missed) for expected in EXPECTED.values())


@pytest.mark.parametrize("rows", [cases(), chosen_bugs()], ids=["all", "chosen"])
def test_most_bugs_are_caught(rows: tuple[Case, ...]) -> None:
    assert len(rows) >= LEAST_BUGS
    assert len(caught(rows)) >= LEAST_CAUGHT * len(rows), expectations.table(EXPECTED)


def test_most_bugs_are_caught_by_the_default_scenario_alone() -> None:
    plain = [case for case in caught(cases()) if not case.situation]

    assert len(plain) >= LEAST_CAUGHT * len(cases()), expectations.table(EXPECTED)


@pytest.mark.parametrize("rows", [cases(), chosen_bugs()], ids=["all", "chosen"])
def test_the_corpus_is_no_easier_than_the_trial_that_it_is_made_after(rows: tuple[Case, ...]) -> None:
    conduct = [case for case in rows if bug_of(case).kind in CONDUCT]

    assert len(conduct) >= LEAST_OF_CONDUCT
    assert len(conduct) / len(rows) >= 72 / 202 - 0.05


def test_every_kind_that_can_be_built_is_there_and_every_vendor_has_its_share() -> None:
    kinds = {bug_of(case).kind for case in cases()}
    vendors = [case.vendor for case in cases()]

    assert KINDS.keys() - kinds == set()
    assert min(vendors.count(vendor) for vendor in vendors) >= LEAST_A_VENDOR
    assert sum(case.client.endswith(".mjs") for case in cases()) >= LEAST_IN_NODE


def test_the_right_client_stands_beside_every_bug() -> None:
    assert {control(case) for case in cases()} <= {*clean_cases()}


@pytest.mark.thorough
def test_a_client_that_waits_out_a_limit_is_served_and_not_accused() -> None:
    outcome = run(Case("callo", flow="many_pages"))

    assert outcome.code == 0, outcome
    assert '"served": 25' in outcome.printed


def test_a_call_repeated_under_another_label_after_a_lost_answer_is_caught() -> None:
    outcome = run(Case("callo", bug="dials_twice_with_another_label", situation="lost_call"))

    assert outcome.code == 1, outcome


def test_a_list_of_201_numbers_is_caught_though_the_client_swallows_the_refusal() -> None:
    outcome = run(Case("kaleyra", bug="too_many_numbers"))

    assert outcome.code == 1, outcome


@pytest.mark.parametrize(
    "case",
    [
        Case("callo", flow="burst"),
        Case("callo", bug="dials_twice_with_another_label", situation="lost_call"),
        Case("kaleyra", bug="polls_without_pause"),
    ],
    ids=lambda case: case.name,
)
@pytest.mark.thorough
def test_the_same_client_is_judged_alike_each_time(case: Case) -> None:
    pause = timedelta(seconds=1)  # no pause that a busy machine makes is the client's
    runs = [run(case, "idle", pause) for _ in range(REPEATS)]
    outcomes = {(outcome.code, outcome.accusation) for outcome in runs}

    assert len(outcomes) == 1, outcomes
