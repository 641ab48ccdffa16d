from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from tests.contracts.recorded import read_recordings, recorded_exchange

RECORDINGS = read_recordings("kaleyra")


@pytest.fixture(scope="module")
def kaleyra() -> Contract:
    return load_contract("kaleyra")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(kaleyra: Contract, recording: dict[str, Any]) -> None:
    exchange = recorded_exchange("kaleyra", recording)

    assert check(kaleyra, exchange) == []


def test_every_documented_answer_is_recorded_but_for_two_edited_by_hand() -> None:
    documented = Counter(item["source"] for item in RECORDINGS)
    kinds = Counter(item["answer"]["headers"]["Content-Type"] for item in RECORDINGS)

    assert documented == {"documented": 37, "observed": 2}
    assert kinds == {"application/json": 20, "application/xml": 18, "text/html": 1}
