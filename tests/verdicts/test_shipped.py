"""The scenarios that ship can be kept: a careful client, and what becomes of a careless one."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from simulator import Simulator
from simulator.engine.verification import run_steps, verdicts_on
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario
from simulator.verdicts.findings import Verdict
from tests.acceptance.stage_hands import API, Stranger

PHONE = "+447700900310"
BUTTON = {"ivr_lvl_1_btn_1_webhook": "http://hooks.example/yes"}
NOBODY = "+447700900999"
STRANGE = {
    "campaign_id": 1,
    "call_id": 1,
    "phone": NOBODY,
    "phones": NOBODY,
    "label": "unheard",
    "audioclip_id": 1,
    "phonelist_id": 1,
    "pincode": "1234",
}


def weak_network() -> Stranger:
    simulator = Simulator(vendors=("callo",))
    simulator.worlds.open("main", "flaky")
    return Stranger(simulator)


def judged(stranger: Stranger) -> dict[str, Verdict]:
    run_steps(stranger.sandbox)
    return {verdict.expected: verdict for verdict in verdicts_on(stranger.simulator.worlds, stranger.sandbox)}


def patiently(stranger: Stranger, verb: str, path: str, **parameters: Any) -> TestResponse | None:
    """Ask, and again where the vendor's door was shut; None where no answer came. A second apart."""
    values = {"public_key": stranger.credentials["public_key"], **parameters}
    arguments = {"query_string": values} if verb == "GET" else {"data": values}
    answer = None
    while answer is None or answer.status_code == 503:
        stranger.advance(seconds=1)
        try:
            answer = stranger.ask(verb, path, **arguments)
        except OSError:  # an answer held back, or a connection reset
            return None
    return answer


def explore(stranger: Stranger) -> None:
    """Try everything that the vendor refuses."""
    for operation in stranger.simulator.worlds.setup.contract("callo").operations:
        if operation.id != "balance":
            patiently(stranger, operation.verbs[0], operation.path, **STRANGE)
    known = {"campaign_id": stranger.campaign(), "phone": NOBODY}
    patiently(stranger, "GET", f"{API}/phones/calls_by_phone/", **known)
    patiently(stranger, "POST", f"{API}/phones/remove_call/", **known)


def remind(stranger: Stranger, careful: bool) -> None:
    """Place a call on a network that loses the first answer."""
    order = {"campaign_id": stranger.campaign(), "phone": PHONE}
    answer = patiently(stranger, "POST", f"{API}/phones/call/", **order, **BUTTON)
    assert answer is None
    known = patiently(stranger, "GET", f"{API}/phones/calls_by_phone/", **order)
    if not careful or known is None or known.status_code != 200:
        patiently(stranger, "POST", f"{API}/phones/call/", **order, **BUTTON)


def test_a_careful_client_keeps_its_word_on_a_weak_network() -> None:
    stranger = weak_network()
    explore(stranger)
    remind(stranger, careful=True)

    assert [verdict.write() for verdict in judged(stranger).values() if verdict.held is False] == []


def test_a_careless_one_dials_twice_and_is_told_which_answer_it_lost() -> None:
    stranger = weak_network()
    explore(stranger)
    remind(stranger, careful=False)
    broken = [verdict for verdict in judged(stranger).values() if verdict.held is False]

    assert [verdict.expected for verdict in broken] == ["client: {double_dials: 0}"]
    assert "whose answer was lost (fault: flaky.yaml:12)" in broken[0].found


@pytest.mark.parametrize("name", list_scenarios())
def test_a_scenario_that_ships_can_be_judged(name: str) -> None:
    simulator, scenario = Simulator(), load_scenario(name)
    sandbox = simulator.worlds.open("main", scenario)
    run_steps(sandbox)

    assert len(verdicts_on(simulator.worlds, sandbox)) >= len(scenario.expect)
