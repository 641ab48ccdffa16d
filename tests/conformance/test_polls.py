"""A poll that was sound is not judged again; whatever differs is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from simulator.conformance import checks
from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.exchange import Exchange, Loss
from tests.conformance.exchanges import HEADERS, KEY, ROW, answer, exchange, get

QUESTION = {"public_key": KEY, "call_id": "170925203120219"}
POLL = exchange(get("/phones/call_by_id/", QUESTION), answer([ROW]))
HTML = {**HEADERS, "Content-Type": "text/html"}
OTHERS = {
    "the path": exchange(get("/phones/call_by_idd/", QUESTION), answer([ROW])),
    "the query": exchange(get("/phones/call_by_id/", {**QUESTION, "colour": "blue"}), answer([ROW])),
    "the status": exchange(get("/phones/call_by_id/", QUESTION), answer([ROW], 503)),
    "a header": exchange(get("/phones/call_by_id/", QUESTION), answer([ROW], headers=HTML)),
    "the body": exchange(get("/phones/call_by_id/", QUESTION), answer([{**ROW, "duration": "long"}])),
    "the key": replace(POLL, unissued_key=True),
}


@pytest.mark.parametrize("difference", OTHERS)
def test_what_differs_from_a_sound_poll_is_judged(callo: Contract, difference: str) -> None:
    assert check(callo, POLL) == []
    assert check(callo, OTHERS[difference]) != []


def test_a_loss_is_told_of_a_poll_that_was_sound_before(callo: Contract) -> None:
    loss = next(iter(callo.losses))
    lossy = replace(POLL, answer=replace(POLL.answer, losses=(Loss(loss),)))

    assert check(callo, POLL) == []
    assert len(check(callo, lossy)) == 1


def test_an_answer_that_a_scenario_staged_makes_no_poll_sound(callo: Contract) -> None:
    wrong = OTHERS["the body"]

    assert check(callo, replace(wrong, rule="fault flaky.yaml:12")) == []
    assert len(check(callo, wrong)) == 1


def test_a_poll_comes_to_the_same_however_often(callo: Contract) -> None:
    wrong: Exchange = OTHERS["the query"]

    assert [len(check(callo, wrong)) for _ in range(3)] == [1, 1, 1]


def test_few_polls_are_remembered(callo: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_POLLS", 5)
    for number in range(100):
        check(
            callo, exchange(get("/phones/call_by_id/", {**QUESTION, "call_id": f"{number}"}), answer([ROW]))
        )

    assert 0 < len(callo.sound_polls) <= 5
