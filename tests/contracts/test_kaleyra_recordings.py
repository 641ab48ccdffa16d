from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from simulator.formats.nested_text import read_print_r
from tests.contracts.recorded import read_recordings, recorded_exchange

RECORDINGS = read_recordings("kaleyra")
EDITED = [recording for recording in RECORDINGS if "printed" in recording]


def unedited(printed: str) -> str:
    """Return what print_r must have written before somebody put quotes, commas and square brackets in."""
    text = re.sub(r'"?,?$', "", printed.replace('=> "', "=> "), flags=re.MULTILINE)
    return re.sub(r"^ *\]$", ")", text.replace("=> [", "=> Array\n("), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def kaleyra() -> Contract:
    return load_contract("kaleyra")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(kaleyra: Contract, recording: dict[str, Any]) -> None:
    exchange = recorded_exchange("kaleyra", recording)

    assert check(kaleyra, exchange) == []


def test_every_documented_answer_is_recorded() -> None:
    documented = Counter(item["source"] for item in RECORDINGS)
    kinds = Counter(item["answer"]["headers"]["Content-Type"] for item in RECORDINGS)

    assert documented == {"documented": 39, "observed": 2}
    assert kinds == {"application/json": 20, "application/xml": 18, "text/html": 3}


@pytest.mark.parametrize("recording", EDITED, ids=lambda item: item["operation"])
def test_a_sample_edited_by_hand_is_recorded_as_it_was_before(recording: dict[str, Any]) -> None:
    original, body = read_print_r(unedited(recording["printed"])), recording["answer"]["body"]

    assert list(original) == ["status", "data", "message"]
    assert read_print_r(body) == original
    assert re.findall(r"\[\w+\]", body) == re.findall(r"\[\w+\]", recording["printed"])
