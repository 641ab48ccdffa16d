"""In pytest, a test that names a scenario answers for what that expects."""

from __future__ import annotations

import pytest

from tests.testing.test_pytest_plugin import run

WORDS = """
sim: 1
extends: happy
people:
  - {number: "+447700900000", persona: confirms}
run: [until idle]
expect:
  - call: {to: "+447700900000", outcome: answered}
  - contract: {violations: 0}
"""
NAMED = "@pytest.mark.simulator(scenario='mine.yaml'%s)\n"
PLACED = "def test_it(callo):\n    add_call(callo)\n"
FORGOTTEN = "def test_it(callo):\n    pass\n"


@pytest.fixture
def mine(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite with a scenario of its own."""
    pytester.makefile(".yaml", mine=WORDS)
    return pytester


def test_a_test_that_does_what_its_scenario_expects_passes(mine: pytest.Pytester) -> None:
    run(mine, NAMED % "" + PLACED).assert_outcomes(passed=1)


def test_a_test_that_does_not_is_told_what_was_expected_and_where(mine: pytest.Pytester) -> None:
    result = run(mine, NAMED % "" + FORGOTTEN)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['broken: *mine.yaml:7 call: {to: "+447700900000", outcome: answered}', "  found  nobody called*"]
    )


@pytest.mark.parametrize("test", [FORGOTTEN, NAMED % ", judged=False" + FORGOTTEN])
def test_a_scenario_that_nobody_named_or_judges_by_is_only_a_stage(mine: pytest.Pytester, test: str) -> None:
    run(mine, test, "--simulator-scenario", "mine.yaml").assert_outcomes(passed=1)


def test_a_test_may_conclude_and_judge_by_itself(mine: pytest.Pytester) -> None:
    body = "    assert [one.held for one in callo.verdicts()] == [False, True]\n"

    run(mine, NAMED % "" + "def test_it(callo):\n" + body).assert_outcomes(passed=1)


def test_the_steps_of_a_scenario_are_done_once(mine: pytest.Pytester) -> None:
    body = (
        "    add_call(callo)\n    callo.verdicts()\n    now = callo.clock.now\n    add_call(callo)\n"
        "    assert callo.verdicts()[0].held is False\n    assert callo.clock.now == now\n"
    )

    run(mine, NAMED % "" + "def test_it(callo):\n" + body).assert_outcomes(passed=1)


def test_a_violation_that_a_test_is_about_is_forgiven(mine: pytest.Pytester) -> None:
    body = "def test_it(callo):\n    add_call(callo, fone='1')\n"

    run(mine, NAMED % ", expect='unknown-parameter'" + body).assert_outcomes(passed=1)
