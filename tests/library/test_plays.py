"""Every shipped scenario is played by a client that does well, and by one with the mistake it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

import simulator
from simulator.cli import main
from simulator.resources import shipped
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario
from simulator.verdicts.findings import Verdict
from tests.clients.receiver import Receiver
from tests.library import plays_by_message, plays_by_phone
from tests.library.client import Client
from tests.library.play import Play
from tests.library.plays_with_a_mistake import MISTAKES
from tests.source_tree import ROOT

PLAYS: dict[str, Play] = {**plays_by_phone.PLAYS, **plays_by_message.PLAYS}

WRONG = {name: (play.bad, play.broken) for name, play in PLAYS.items()} | MISTAKES
PLAYED_ELSEWHERE = {
    "flaky": "verdicts/test_shipped.py",
    "callr/buying_numbers": "vendors/callr/test_played_scenarios.py",
    "callr/credit_runs_dry": "vendors/callr/test_played_scenarios.py",
    "jaicp/crm_duplicates": "vendors/jaicp/test_checked_scenarios.py",
    "jaicp/stopped_midway": "vendors/jaicp/test_checked_scenarios.py",
    "jaicp/two_campaigns": "vendors/jaicp/test_checked_scenarios.py",
    "kaleyra/obd_campaign": "vendors/kaleyra/test_played_scenarios.py",
}
"""Whose good clients need more than a few lines,
and the test that runs them (for `flaky` the bad one, too)."""


@contextmanager
def playing(name: str) -> Iterator[Client]:
    """Open a shipped scenario whose receivers listen on a free port of this machine."""
    text, clients = (shipped("scenarios") / f"{name}.yaml").read_text(), list[Client]()

    def receive(path: str, headers: dict[str, str], body: bytes) -> int:
        return clients[0].receive(path, headers, body)

    receiver = Receiver(receive)
    try:
        with simulator.world(
            text.replace(":9000/", f":{receiver.port}/").replace(":9001/", f":{receiver.port}/"), strict=False
        ) as world:
            clients.append(Client(world, receiver.port))
            yield clients[0]
    finally:
        receiver.close()


def text_of(verdicts: list[Verdict]) -> str:
    return "\n".join(verdict.write() for verdict in verdicts)


@pytest.mark.parametrize("name", PLAYS)
def test_a_client_that_does_well_keeps_all_that_is_expected(name: str) -> None:
    with playing(name) as client:
        PLAYS[name].good(client)
        verdicts = client.world.verdicts()
        failures = client.world.failures()

    assert [verdict for verdict in verdicts if not verdict.held] == [], text_of(verdicts)
    assert failures == ""


@pytest.mark.filterwarnings("ignore::simulator.testing.opening.UntakenCallbacks")
@pytest.mark.parametrize("name", WRONG)
def test_a_client_with_a_mistake_breaks_what_is_named(name: str) -> None:
    play, named = WRONG[name]
    with playing(name) as client:
        play(client)
        verdicts = client.world.verdicts()

    broken = [verdict.expected for verdict in verdicts if verdict.held is False]
    assert any(named in expected for expected in broken), text_of(verdicts)


@pytest.mark.parametrize("name", list_scenarios())
def test_its_title_is_a_sentence_and_it_expects_more_than_a_contract(name: str) -> None:
    scenario = load_scenario(name)

    assert len(scenario.title.split()) > 4
    assert sum(expected.contract is None for expected in scenario.expect) >= 2


def test_every_shipped_scenario_is_played() -> None:
    assert sorted([*PLAYS, *PLAYED_ELSEWHERE]) == list_scenarios()
    assert sorted([*WRONG, "flaky"]) == list_scenarios()
    for name, file in PLAYED_ELSEWHERE.items():
        assert f'{name.rpartition("/")[2]}"' in (ROOT / "tests" / file).read_text()


@pytest.mark.parametrize("name", list_scenarios())
def test_it_is_played_without_a_client_too(name: str) -> None:
    outcome = CliRunner().invoke(main, ["run", name])

    assert outcome.exit_code in (0, 1), outcome.output
    assert "went by in the world" in outcome.output
    assert f"{name}.yaml:" in outcome.output
