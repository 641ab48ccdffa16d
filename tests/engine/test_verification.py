"""The end of a scenario: its `run` steps, by hand and by the control API."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import create_app
from simulator.engine.verification import run_steps, verdicts_on
from tests.verdicts.clinic import BEN, CAT, Clinic, clinic


def time_of(client: Clinic) -> datetime:
    return client.desk.sandbox.world.clock.now


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ("advance 3d", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ("advance to 20:00", datetime(2026, 3, 2, 20, tzinfo=UTC)),
        ("advance to 09:30", datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("advance 1h, advance to 10:30", datetime(2026, 3, 3, 10, 30, tzinfo=UTC)),
        ("resend", datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_scenarios_steps_move_its_clock(steps: str, end: datetime) -> None:
    with clinic(more=f"run: [{steps}]") as client:
        done = run_steps(client.desk.sandbox)

        assert [step for step, _ in done] == steps.split(", ")
        assert time_of(client) == end


def test_until_idle_ends_when_nothing_is_due() -> None:
    with clinic(more="run: [until idle]") as client:
        client.remind(BEN)
        ((_, done),) = run_steps(client.desk.sandbox)

        assert done.idle
        assert client.desk.sandbox.world.calls[0].ending == "completed"


def test_resend_sends_what_nobody_took_and_nothing_else() -> None:
    with clinic(more="run: [resend]") as client:
        client.deaf = timedelta(hours=1)
        client.remind(CAT)
        client.desk.advance(hours=1)
        client.remind(BEN)
        client.desk.advance(minutes=1)
        tries = len(client.desk.sandbox.recorder.sendings)
        run_steps(client.desk.sandbox)

        assert [sending.delivery for sending in client.desk.sandbox.recorder.sendings[tries:]] == [
            "delivery-1"
        ]
        assert client.desk.sandbox.recorder.sendings[-1].taken


def ask(client: Clinic, verb: str, path: str) -> Any:
    answer = client.desk.ask(verb, path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_control_api_performs_the_steps_and_judges() -> None:
    with clinic("  - contract: {violations: 0}", more="run: [advance 1h]") as client:
        client.desk.base = "/_simulator/v1"
        done = ask(client, "POST", "/run")
        judgement = ask(client, "GET", "/verdicts")

    assert [(step["step"], step["now"]) for step in done["steps"]] == [
        ("advance 1h", "2026-03-02T11:00:00+00:00")
    ]
    assert (judgement["broken"], [verdict["held"] for verdict in judgement["verdicts"]]) == (0, [True])


def test_looking_at_verdicts_changes_nothing() -> None:
    with clinic(more="run: [advance 1h]") as client:
        client.desk.base = "/_simulator/v1"
        ask(client, "GET", "/verdicts")

        assert time_of(client) == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_the_control_api_tells_where_it_has_more_of_what_a_verdict_names() -> None:
    with clinic('  - call: {to: "+447700900310"}') as client:
        client.desk.base = "/_simulator/v1"
        (verdict,) = ask(client, "GET", "/verdicts")["verdicts"]

    assert verdict["advice"] == (
        "did the client ask for it, and was it let in? "
        "/v1/exchanges of the control API has every request, and the page lists them"
    )
    assert "look" not in verdict


@pytest.mark.parametrize(
    ("scenario", "is_inherited"),
    [
        ({"extends": "happy"}, True),
        ({"extends": "happy", "expect": [{"call": {"to": "+447700900310", "outcome": "answered"}}]}, False),
    ],
)
def test_what_a_scenario_expects_because_it_extends_another_is_told_as_that(
    scenario: dict[str, Any], is_inherited: bool
) -> None:
    with closing(create_app(vendors=("callo",), scenario=scenario)) as simulator:
        verdict = verdicts_on(simulator.worlds, simulator.worlds.sandbox())[0]

    asked, mended = "did the client ask for it, and was it let in?", "`expect: []` leaves that out)"
    whose = f" (happy.yaml, which the scenario extends, expects it; {mended}" if is_inherited else ""
    assert (verdict.held, verdict.advice) == (False, asked + whose)
