"""Answers in the words of a scenario: before the vendor, after its work, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.faults import Drip, Reply, ReplyOverride
from simulator.scenario.building import fault_rules
from tests.scenario.files import refusal_of, scenario_of
from tests.testing.test_opening import add_call

RULE = "faults: [{where: callo.add_call, %s}]"


def test_the_words_of_an_answer_are_values_once_loaded() -> None:
    words = 'do: accept then reply, reply: {status: 202, headers: {X-Queue: "7"}, body: later}'
    (fault,) = fault_rules(scenario_of(RULE % words))

    assert fault.do == Reply(True, ReplyOverride(202, {"X-Queue": "7"}, {"*": "later"}))


def test_an_answer_may_come_in_drops() -> None:
    (fault,) = fault_rules(scenario_of(RULE % "do: drip 10s"))

    assert isinstance(fault.do, Drip)
    assert fault.do.duration.total_seconds() == 10


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("do: reply", "mine.yaml:2:10: say what is answered: `reply: {status: 200"),
        ("do: reply, reply: {}", "mine.yaml:2:52: say what is answered"),
        ("do: reset, reply: {status: 200}", "mine.yaml:2:45: nothing is answered in these words"),
        ("do: reply, reply: {statos: 200}", "mine.yaml:2:53: unknown word 'statos'; did you mean 'status'?"),
        ("do: reply, reply: {status: 99}", "mine.yaml:2:61: 99 is less than 200"),
        ("do: reply, reply: {body: {text/html: x}}", "mine.yaml:2:59: no vendor chose a type before"),
        (
            "do: reply, reply: {headers: {Content-Type: json}, body: x}",
            "mine.yaml:2:62: 'json' is no content type",
        ),
        ("do: reply 200", "'reply 200' is not a fault, the words of the answer stand beside it"),
        ("do: drip", "'drip' is not a fault, say for how long"),
        ("do: accept then drip 1s", "may come after the work"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_where_it_stands(words: str, wrong: str) -> None:
    (finding,) = refusal_of(RULE % words)

    assert wrong in finding


@pytest.mark.parametrize(
    ("fault", "status", "calls", "minutes"),
    [
        ({"do": "reply", "reply": {"status": 202, "body": "{}"}}, 202, 0, 0),
        ({"do": "accept then reply", "reply": {"status": 500}}, 500, 1, 0),
        ({"do": "drip 10m"}, 200, 1, 10),
    ],
)
def test_a_client_meets_it(fault: dict[str, Any], status: int, calls: int, minutes: int) -> None:
    words = {"extends": "happy", "seed": 1, "faults": [{"where": "callo.add_call", **fault}]}
    with simulator.world(words, strict=False) as world:
        start = world.clock.now

        assert add_call(world) == status
        assert len(world.callo.calls) == calls
        assert (world.clock.now - start).total_seconds() // 60 == minutes
