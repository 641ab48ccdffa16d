"""Magic numbers through the vendors' doors: the same two digits, the same end, in every block chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.scenario.loading import load_text
from simulator.telephony.magic_numbers import BLOCKS, COUNTRIES, MagicBlock, own_block
from simulator.telephony.people import first_outcomes
from tests.acceptance.stage_hands import enter, written

CHOSEN = f'magic_numbers: [{", ".join(COUNTRIES)}, "+4930123456**"]'
EVERY = pytest.mark.parametrize("block", [*BLOCKS, own_block("+4930123456", 0)], ids=lambda block: block.form)
CALLS = {code: outcome for code, outcome in first_outcomes() if code in (1, 3, 4, 7, 8, 10)}
TEXTS = {0: "delivered", 4: "delivered", 7: "expired", 8: "failed", 10: "error"}


@EVERY
def test_a_call_ends_as_the_two_digits_say(block: MagicBlock) -> None:
    stranger = enter(written(CHOSEN))
    for code in CALLS:
        assert stranger.call(block.number(code)).status_code == 200
    stranger.advance(minutes=1)

    calls = {call.callee: call.attempts[0].disposition for call in stranger.sandbox.world.calls}
    assert {code: calls[block.number(code)] for code in CALLS} == CALLS


@EVERY
def test_a_message_ends_as_the_two_digits_say(block: MagicBlock) -> None:
    simulator = Simulator(vendors=("callr",))
    simulator.worlds.open(
        "main", load_text(f"sim: 1\nseed: 1\nadmit: anyone\n{CHOSEN}".encode(), "texts.yaml")
    )
    client, path = Client(simulator), "/callr/v2.0/sms"
    headers = {"x-api-key": simulator.worlds.credentials("callr")["api_key"]}
    for code in TEXTS:
        client.post(path, query_string={"to": block.number(code)}, json={"text": "Hello"}, headers=headers)
    sandbox = simulator.worlds.sandbox()
    sandbox.advance(sandbox.world.clock.now + timedelta(days=4))
    hits = client.get(path, query_string={"limit": "100"}, headers=headers).get_json()["hits"]

    ends = {hit["to"]: hit["status"] for hit in hits}
    assert {code: ends[block.number(code)] for code in TEXTS} == TEXTS
