"""Calls that scripts place are calls to whatever judges, however a script comes to place them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.verdicts.bench import Bench, Open

ANN, BOB, OWN = "+33639980001", "+33639980002", "+33199001234"
DIAL_ANN = {"action": "dial@v1", "params": {"targets": [{"number": ANN}], "answerOnBranch": "menu"}}
DIAL_BOB = {"action": "dial@v1", "params": {"to": BOB, "answerOnBranch": "second"}}
MENU = [{"action": "gather@v2", "params": {"maxDigits": 1}}]
EXPECT = """
people: [{number: "%s", persona: chooses}]
expect:
  - call: {to: "%s", outcome: answered, attempts: 1, pressed: "2"}
"""
CHOOSES = "  chooses: {attempts: [answered], talk: 60s, press: '2'}"


def keep(client: Bench, **branches: Any) -> str:
    """Keep a script, and let it answer the account's number."""
    names = {name.replace("_", "-"): steps for name, steps in branches.items()}
    script = json.dumps({"branches": {"menu": MENU, "second": MENU, **names}})
    made = client.callr("POST", "/actions", {"name": "Line", "script": script})
    assert made is not None
    sid = str(made.json()["sid"])
    client.callr("PUT", f"/numbers/{OWN}/scenario/{sid}")
    return sid


def start(client: Bench, sid: str) -> None:
    client.callr("POST", f"/actions/{sid}/runs", {"variables": {}})


def by_the_api(client: Bench) -> None:
    start(client, keep(client, api_initiated=[DIAL_ANN]))


def after_another_call(client: Bench) -> None:
    start(client, keep(client, api_initiated=[DIAL_BOB], second=[DIAL_ANN]))


def for_a_caller(client: Bench) -> None:
    keep(client, inbound_call=[DIAL_ANN])
    client.world.sandbox.act("call_number", number="+33639980009", to=OWN, withheld=False, keys="")


def when_a_caller_has_left(client: Bench) -> None:
    keep(client, inbound_call=[{"action": "say@v2", "params": {"what": "Bye"}}], hangup=[DIAL_ANN])
    client.world.sandbox.act("call_number", number="+33639980009", to=OWN, withheld=False, keys="")


@pytest.mark.parametrize("place", [by_the_api, after_another_call, for_a_caller, when_a_caller_has_left])
def test_a_call_of_a_script_is_judged(bench: Open, place: Callable[[Bench], None]) -> None:
    client = bench(CHOOSES + EXPECT % (ANN, ANN))
    place(client)
    client.wait("10m")

    assert [verdict.held for verdict in client.vendors["callr"].verdicts()] == [True, True, True]


@pytest.mark.parametrize(("most", "held"), [(1, False), (2, True)])
def test_attempts_to_one_number_count_those_of_scripts(bench: Open, most: int, held: bool) -> None:
    client = bench(f"expect: [{{calls: {{per_number: at most {most}, answered: at least 90%}}}}]")
    sid = keep(client, api_initiated=[DIAL_ANN])
    for _ in range(2):
        start(client, sid)
        client.wait("10m")

    verdicts = client.vendors["callr"].verdicts()
    assert [verdict.held for verdict in verdicts] == [held, True]
    assert "1 number called, 2 attempts" in verdicts[0].write()


def test_a_run_started_again_after_a_lost_answer_calls_twice(bench: Open) -> None:
    client = bench()
    sid = keep(client, api_initiated=[DIAL_ANN])
    with client.fault("callr.start_scenario"):
        start(client, sid)
    start(client, sid)
    client.wait("10m")

    assert client.broken() == ["double_dials"]


def test_a_message_of_a_run_started_again_after_a_lost_answer_is_sent_twice(bench: Open) -> None:
    client = bench()
    sid = keep(client, api_initiated=[{"action": "sms@v1", "params": {"to": ANN, "body": "Hello"}}])
    with client.fault("callr.start_scenario"):
        start(client, sid)
    start(client, sid)
    client.wait("10m")

    assert client.broken() == ["double_dials"]


def test_a_script_may_call_somebody_again(bench: Open) -> None:
    client = bench()
    start(client, keep(client, api_initiated=[DIAL_ANN, DIAL_ANN]))
    client.wait("10m")

    assert client.broken() == []


def test_scripts_that_call_at_night_are_the_clients_choice(bench: Open) -> None:
    client = bench(at="2026-03-02T23:30")
    start(client, keep(client, api_initiated=[DIAL_ANN]))
    client.wait("10m")

    assert client.broken() == ["hours"]


def test_fixtures_list_what_scripts_dialed(bench: Open) -> None:
    client = bench()
    by_the_api(client)
    client.wait("10m")

    (call,) = client.vendors["callr"].calls
    assert (call.callee, call.direction, call.disposition) == (ANN, "outgoing", "answered")
