from __future__ import annotations

from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from tests.contracts.recorded import read_recordings, recorded_exchange

RECORDINGS = read_recordings("jaicp")


@pytest.fixture(scope="module")
def jaicp() -> Contract:
    return load_contract("jaicp")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_the_judge_finds_nothing_in_a_recorded_exchange(jaicp: Contract, recording: dict[str, Any]) -> None:
    assert check(jaicp, recorded_exchange("jaicp", recording)) == []


def test_the_cyrillic_letter_is_called_by_its_name_wherever_it_turns_up(jaicp: Contract) -> None:
    recording = next(item for item in RECORDINGS if item["title"] == "A job just added")
    body = [{**recording["answer"]["body"][0], "jobStatus": "long\u0421allWithResult"}]
    spoilt = {**recording, "answer": {**recording["answer"], "body": body}}

    (found,) = check(jaicp, recorded_exchange("jaicp", spoilt))

    assert (found.where, found.blame) == ("/0/jobStatus", "simulator")
    assert found.fix == "letter 5 is U+0421 CYRILLIC CAPITAL LETTER ES, not U+0043 LATIN CAPITAL LETTER C"


def test_what_was_captured_is_told_from_what_was_put_together() -> None:
    captured = [item["title"] for item in RECORDINGS if item["source"] == "observed"]

    assert captured == ["Two numbers are added", "A job just added"]
    assert {item["source"] for item in RECORDINGS} == {"observed", "inferred"}
