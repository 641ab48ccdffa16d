"""What scripts did and could not do, as a user sees it: in headers, in runs, in the control API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from tests.vendors.callr.test_simulator import advance, ask

PHONE, OWN = "+33639980001", "+33199001234"
HEADER = "X-Simulator-Rule"
WORLD = """
sim: 1
title: Office hours
clock: {at: 2026-07-06T%s, zone: %s}
accounts: {shop: {vendors: [callr], balance: 100.00, profile: {callr: {javascript: %s}}}}
strangers: answers
personas: {answers: {attempts: [answered], talk: 30s}}
"""


def opened(at: str = "10:00", zone: str = "Europe/Paris", javascript: str = "engine") -> Simulator:
    simulator = Simulator(vendors=("callr",))
    simulator.worlds.open("main", load_text((WORLD % (at, zone, javascript)).encode(), "office.yaml"))
    return simulator


def keep(simulator: Simulator, *steps: Any, **branches: Any) -> TestResponse:
    script = json.dumps({"branches": {"api-initiated": steps, **branches}})
    return ask(simulator, "POST", "/actions", {"name": "Line", "script": script})


def run(simulator: Simulator, kept: TestResponse) -> TestResponse:
    """Start a kept script and return the answer about its run ten minutes later."""
    path = f"/actions/{kept.json and kept.json['sid']}/runs"
    started = ask(simulator, "POST", path, {"variables": {}})
    advance(simulator, minutes=10)
    return ask(simulator, "GET", f"{path}/{started.json and started.json['runid']}")


def log(message: str) -> dict[str, Any]:
    return {"action": "log@v1", "params": {"message": message}, "result": "$told"}


def control(simulator: Simulator, path: str) -> Any:
    return Client(simulator).get(f"/_simulator/v1/{path}").json


@pytest.mark.parametrize("javascript", ["engine", "plain"])
@pytest.mark.parametrize(
    ("at", "zone", "word"),
    [
        ("10:00", "Europe/Paris", "open"),
        ("08:59", "Europe/Paris", "closed"),
        ("18:00", "America/New_York", "closed"),
        ("17:59", "Asia/Kolkata", "open"),
    ],
)
def test_office_hours_are_those_of_the_scenarios_clock(
    at: str, zone: str, word: str, javascript: str
) -> None:
    simulator = opened(at, zone, javascript)
    hours = "now.getHours() >= 9 && now.getHours() < 18 && now.getDay() !== 0"

    answer = run(simulator, keep(simulator, {"if": hours, "then": [log("open")], "else": [log("closed")]}))

    assert answer.json == {"variables": {"$told": word}}


def test_a_call_that_a_script_placed_is_listed_and_counted() -> None:
    simulator = opened()
    run(simulator, keep(simulator, {"action": "dial@v1", "params": {"to": PHONE}}))

    listed = control(simulator, "calls")
    (call,) = listed["calls"]
    assert (listed["total"], call["direction"], call["legs"][0]["disposition"]) == (1, "outgoing", "answered")
    assert control(simulator, "accounts")["accounts"][0]["calls"] == 1


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (log("${{ console.log(1) }}"), "log@v1: the name console is not simulated"),
        ({"action": "javascript@v1", "params": {"code": "let x ="}}, "javascript@v1: SyntaxError"),
        ({"action": "log@v9", "params": {"message": "x"}}, "log@v9: no guide shows this version"),
        ({"action": "dial@v1", "params": {"to": PHONE, "answerOnBranch": "gone"}}, "no branch 'gone'"),
        ({"if": "$x.map(y =>", "then": []}, "[0].if: SyntaxError"),
        ({"action": "voicebot@v1"}, "voicebot@v1"),
        (
            {"action": "fetch@v2", "params": {"url": "http://a.bc/", "header": {}}},
            "fetch reads no 'header'; did you mean 'headers'?",
        ),
        ({"action": "gather@v2", "params": {"prompt": {"says": "Hi"}}}, "prompt: gather reads no 'says'"),
        (log("from ${{ sms.from }}"), "sms has no 'from'; did you mean"),
        (
            {"if": "call.fromCounty === 'FR'", "then": []},
            "call has no 'fromCounty'; did you mean 'fromCountry'?",
        ),
    ],
)
def test_what_no_run_will_do_is_remarked_when_it_is_kept_and_started(step: Any, reason: str) -> None:
    simulator = opened()
    kept = keep(simulator, step)
    started = ask(simulator, "POST", f"/actions/{kept.json and kept.json['sid']}/runs", {"variables": {}})

    assert (kept.status_code, started.status_code) == (201, 201)
    assert [reason in answer.headers[HEADER] for answer in (kept, started)] == [True, True]


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/actions/{sid}", None),
        ("PATCH", "/actions/{sid}", {"name": "Other"}),
        ("PUT", f"/numbers/{OWN}/scenario/{{sid}}", None),
        ("PUT", f"/actions/{{sid}}/numbers/{OWN}", None),
        ("PATCH", f"/numbers/{OWN}", {"scenario": "{sid}"}),
    ],
)
def test_whoever_reads_changes_or_attaches_such_a_script_is_told_too(verb: str, path: str, body: Any) -> None:
    simulator = opened()
    kept = keep(simulator, log("${{ console.log(1) }}"))
    sid = str(kept.json and kept.json["sid"])
    answer = ask(
        simulator, verb, path.format(sid=sid), body and json.loads(json.dumps(body).replace("{sid}", sid))
    )

    assert answer.status_code in (200, 204)
    assert answer.headers[HEADER] == kept.headers[HEADER]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"if": "$none.x", "then": [log("then")]}, "if: TypeError: cannot read property 'x' of undefined"),
        ({"if": "(() => { while (1); })()", "then": []}, "if: more than 10000 jumps"),
        ({"if": "${{ fetch('x') }}", "then": []}, "if: ReferenceError: fetch is not defined"),
    ],
)
def test_an_if_that_cannot_be_judged_is_told_by_its_run(step: Any, reason: str) -> None:
    simulator = opened()
    answer = run(simulator, keep(simulator, {**step, "else": [log("else")]}))

    assert answer.json
    assert answer.json["variables"]["$told"] == "else"
    assert reason in answer.headers[HEADER]
    assert answer.headers[HEADER].endswith("taken as not met")
    assert control(simulator, "script-runs")["script_runs"][0]["not_simulated"][0].startswith(reason)


def test_a_fetch_takes_its_body_from_an_object() -> None:
    simulator = opened()
    body = "${{ JSON.stringify({from: run.type, at: `${now.getHours()}h`}) }}"
    step = {"action": "fetch@v2", "params": {"url": "http://crm.example/x", "method": "POST", "body": body}}
    run(simulator, keep(simulator, step))

    (delivery,) = control(simulator, "deliveries")["deliveries"]
    assert json.loads(delivery["request"]["body"]["text"]) == {"from": "api", "at": "10h"}
