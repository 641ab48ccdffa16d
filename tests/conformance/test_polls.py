"""A poll that was sound is not judged again; whatever differs is."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from simulator.conformance import checks
from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.exchange import Exchange, Loss, Request
from tests.conformance.documents import contract, operation, query
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


def guarded() -> Contract:
    """Return a contract with a secret, a header and an edition, of which Callo's questions have none."""
    secret = query("key", {"type": "string", "pattern": "^[0-9]+$", "x-secret": True})
    header = {**query("X-Trace", {"type": "string", "maxLength": 5}, required=False), "in": "header"}
    return contract({"/x": {"get": operation("x", parameters=[secret, header], **{"x-editions": ["1"]})}})


@pytest.mark.parametrize(
    ("key", "trace", "facts", "code"),
    [
        ("1", "longer", {}, "bad-parameter"),
        ("1", "short", {"edition": "2"}, "outside-edition"),
        ("chosen", "short", {"account": None}, "bad-parameter"),
    ],
)
def test_a_sound_poll_says_nothing_of_another_header_edition_or_account(
    key: str, trace: str, facts: dict[str, Any], code: str
) -> None:
    judged, sound = guarded(), Request("GET", "/x", f"key={key}", (("X-Trace", "short"),))
    poll = exchange(sound, answer({}), edition="1", account="a")
    other = replace(poll, request=replace(sound, headers=(("X-Trace", trace),)), **facts)

    assert check(judged, poll) == []
    assert [violation.code for violation in check(judged, other)] == [code]


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
