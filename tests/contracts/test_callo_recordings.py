from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from tests.contracts.recorded import read_recordings, recorded_exchange

RECORDINGS = read_recordings("callo")


@pytest.fixture(scope="module")
def callo() -> Contract:
    return load_contract("callo")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(callo: Contract, recording: dict[str, Any]) -> None:
    exchange = recorded_exchange("callo", recording)

    assert check(callo, exchange) == []


def test_all_16_documented_answers_are_recorded_four_of_them_refusals() -> None:
    documented = [item for item in RECORDINGS if item["source"] == "documented"]
    statuses = Counter(item["answer"]["status"] for item in documented)

    assert statuses == {200: 12, 400: 4}
    assert {item["source"] for item in RECORDINGS} == {"documented", "observed"}
