"""What all runs of scripts are bounded by, whatever they compute."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.vendors.callr.actions.run import RUNS
from simulator.vendors.callr.actions.vocabulary import API_INITIATED
from tests.vendors.callr.desk import Desk, open_desk


def start(branches: dict[str, Any], javascript: str) -> Desk:
    desk = open_desk(javascript=javascript)
    made = desk.make("/actions", {"name": "Any", "script": json.dumps({"branches": branches})})
    desk.make(f"/actions/{made['sid']}/runs", {})
    desk.advance(hours=1)
    return desk


@pytest.mark.parametrize("javascript", ["engine", "plain"])
def test_the_variables_of_a_run_have_one_bound(javascript: str) -> None:
    code = "$x = '12345678'\n" + "$x += $x;" * 13 + "".join(f"$x{place} = $x;" for place in range(9))
    desk = start({API_INITIATED: [{"action": "javascript@v1", "params": {"code": code}}]}, javascript)

    (record,) = desk.account.script_runs.values()
    (run,) = RUNS.of(desk.account).values()
    assert sum(len(str(value)) for value in run.variables.values()) < 262_144
    assert record.lines[-1].text.endswith("a value of more than 262144 characters is not simulated")


@pytest.mark.parametrize("javascript", ["engine", "plain"])
def test_an_endless_script_is_ended_when_its_work_is_used_up(javascript: str) -> None:
    make = "$x = '12345678';" + "$x += $x;" * 12 + "$l = $x.split('')"
    build = "${{ [" + ",".join(["JSON.stringify($l)"] * 90) + "].length }}"
    actions = [{"action": "javascript@v1", "params": {"code": make}}, {"goto": {"branch": "again"}}]
    again = [{"action": "log@v1", "params": {"message": build}}, {"goto": {"branch": "again"}}]

    desk = start({API_INITIATED: actions, "again": again}, javascript)

    (record,) = desk.account.script_runs.values()
    assert record.state == "ended"
    assert record.lines[-1].text == "so much work; the run was ended"
