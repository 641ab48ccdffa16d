"""A failing test leaves the smallest scenario and inputs that fail as it did, and tells how to play them."""

from __future__ import annotations

import json
import re

import pytest

from simulator.checking.replaying import find_recorded, played, replay
from simulator.scenario.loading import load_scenario

TESTS = """
import requests

API = "/manager/cabapi_external/api/v1/"


def order(callo, **more):
    fields = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"], **more}
    requests.post(callo.base_url + API + "phones/call/", data=fields, timeout=9)


def test_wrong(callo):
    for number in range(5):
        order(callo, phone=f"+44770090031{number}")
    callo.clock.advance("2m")
    order(callo, phone="+447700900319", colour="red")
    callo.clock.advance("2m")


def test_own(callo):
    order(callo, phone="+447700900319")
    assert not callo.calls


def test_idle(callo):
    assert callo.calls


def test_right(callo):
    order(callo, phone="+447700900319")
"""


LEFT = r"play it again: simulator replay (\S+)\n +(.*?)(?:, which|; the scenario) is in (\S+)"
SMALL = "1 of 8 inputs, 4 of 13 words of the scenario"


def test_a_failure_is_left_as_small_as_it_can_be_and_played_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_ours=TESTS)

    result = pytester.runpytest("-q", "-p", "no:cacheprovider")

    commands = re.findall(LEFT, str(result.stdout))
    assert [size for _, size, _ in commands] == [SMALL, "the one input"]
    ((inputs, _, scenario), _) = commands
    (world,) = find_recorded(pytester.path / inputs)
    assert [one.difference for one in replay(world)] == [()]
    with played(world) as sandbox:
        ((violation,),) = [exchange.violations for exchange in sandbox.recorder.journal]
    assert (violation.code, violation.where) == ("unknown-parameter", "colour")
    assert load_scenario(pytester.path / scenario).title
    assert (pytester.path / inputs).stat().st_mode & 0o077 == 0


def test_nothing_is_left_where_none_is_wanted_or_nothing_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_ours=TESTS)
    pytester.makeini("[pytest]\nsimulator_failures =\n")

    pytester.runpytest("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1, failed=3)
    assert not (pytester.path / ".simulator").exists()


def test_the_files_hold_what_is_needed_and_no_more(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_ours=TESTS)
    pytester.runpytest("-q", "-p", "no:cacheprovider", "-k", "own or right")

    (inputs,) = pytester.path.glob(".simulator/*.inputs.json")
    ((_, *others),) = [json.loads(inputs.read_text())["worlds"]]
    assert others == []
