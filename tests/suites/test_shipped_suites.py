"""The suites that ship: sound, complete, passed by a right client, and failed by wrong ones."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from simulator.conformance.contract import load_contract
from simulator.resources import suite_documents
from simulator.suites.cases import THEMES
from simulator.suites.lint import LEAST_CASES, lint_suite
from simulator.suites.loading import load_suite
from tests.clients import understanding
from tests.suites.driving import failures, run_client
from tests.thoroughness import sampled

VENDORS = [*suite_documents()]
EVERY = 20


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_suite_is_sound(vendor: str) -> None:
    assert lint_suite(load_suite(vendor), load_contract(vendor)) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_suite_has_enough_cases_of_every_theme(vendor: str) -> None:
    cases = load_suite(vendor).cases

    assert len(cases) >= LEAST_CASES
    assert {case.theme for case in cases} == set(THEMES)


@pytest.mark.parametrize("vendor", sampled([vendor for vendor in VENDORS if vendor != "callo"], 3))
def test_a_right_client_passes_every_case(vendor: str) -> None:
    """That of Callo is led through its suite by test_loop."""
    assert failures(run_client(vendor)) == []


def bugs_to_look_for() -> list[tuple[str, str]]:
    """Return every bug of understanding with its vendor, or each sixth of them by turns."""
    rows = [(vendor, bug.name) for vendor in VENDORS for bug in understanding.BUGS[vendor]]
    return rows if os.environ.get("CORPUS") == "all" else rows[::EVERY]


@pytest.mark.parametrize(
    ("vendor", "bug"), bugs_to_look_for(), ids=lambda value: getattr(value, "name", value)
)
@pytest.mark.thorough
def test_a_bug_of_understanding_is_found(vendor: str, bug: str) -> None:
    evidence = run_client(vendor, cases_of(vendor, bug), bug)

    assert {case.outcome for case in evidence.cases} & {"FAIL", "NON-STRICT"}


def cases_of(vendor: str, bug: str) -> Sequence[str]:
    """Return the cases with the task in which a bug shows."""
    (task,) = {one.flow for one in understanding.BUGS[vendor] if one.name == bug}
    return [case.id for case in load_suite(vendor).cases if case.task.name == task]
