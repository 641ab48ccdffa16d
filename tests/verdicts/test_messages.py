"""What a scenario expects of messages: of those to one number, and of all."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.engine.verification import verdicts_on
from simulator.scenario.loading import load_text
from simulator.verdicts.findings import Verdict

ANN, BEN, EVE = "+33639980001", "+33639980008", "+33639980009"
SCENARIO = f"""
sim: 1
accounts: {{shop: {{vendors: [callr], balance: 50.00}}}}
people:
  - {{number: "{ANN}", persona: there}}
  - {{number: "{BEN}", persona: gone}}
personas:
  there: {{attempts: [answered]}}
  gone: {{attempts: [invalid]}}
expect:
  - %s
"""


def judged(words: str) -> list[Verdict]:
    """Return the verdicts on a client that writes to Ann twice and to Ben once."""
    simulator = Simulator(vendors=("callr",))
    sandbox = simulator.worlds.open("main", load_text((SCENARIO % words).encode(), "mine.yaml"))
    client, key = Client(simulator), simulator.worlds.credentials("callr")["api_key"]
    for number, text in ((ANN, "Hello"), (BEN, "Hi"), (ANN, "Hello again")):
        client.post(
            "/callr/v2.0/sms", query_string={"to": number}, json={"text": text}, headers={"x-api-key": key}
        )
    client.post("/_simulator/v1/clock/advance", json={"by": "10m"})
    return verdicts_on(simulator.worlds, sandbox)


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (f'message: {{to: "{ANN}"}}', True),
        (f'message: {{to: "{EVE}"}}', False),
        (f'message: {{to: "{EVE}", count: 0}}', True),
        (f'message: {{to: "{ANN}", count: 1}}', False),
        (f'message: {{to: "{ANN}", state: delivered, text: Hello again}}', True),
        (f'message: {{to: "{ANN}", text: Hello}}', False),
        (f'message: {{to: "{BEN}", state: failed}}', True),
        (f'message: {{to: "{BEN}", state: delivered}}', False),
        (f'message: {{to: "{EVE}", state: delivered}}', False),
        ("messages: {per_number: at most 2}", True),
        ("messages: {per_number: at most 1}", False),
        ("messages: {delivered: 60%..70%, failed: 33%..34%}", True),
        ("messages: {delivered: at most 50%}", False),
    ],
)
def test_messages_are_judged_word_by_word(words: str, held: bool) -> None:
    assert all(verdict.held for verdict in judged(words)) is held


def test_a_share_of_no_messages_is_not_judged() -> None:
    simulator = Simulator(vendors=("callr",))
    sandbox = simulator.worlds.open("main", load_text((SCENARIO % "messages: {error: 0%..1%}").encode(), "x"))

    assert [verdict.held for verdict in verdicts_on(simulator.worlds, sandbox)] == [None]


def test_who_was_written_to_too_often_is_named() -> None:
    (verdict,) = judged("messages: {per_number: 1}")

    assert verdict.found == "1 of 2 numbers written to, 2 messages to one at most"
    assert verdict.shown == (f"{ANN}: 2 messages",)
