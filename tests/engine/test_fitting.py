"""What a vendor serves and refuses is what its contract has, and the other way round."""

from __future__ import annotations

import json
from copy import copy
from datetime import timedelta
from typing import Any

import pytest

from simulator.conformance.contract import Contract, load_contract
from simulator.engine.fitting import misfits
from simulator.telephony.limits import Limit
from simulator.vendors import load_vendor, vendor_names


@pytest.mark.parametrize("name", vendor_names())
def test_those_that_ship_fit(name: str) -> None:
    assert [*misfits(load_vendor(name), load_contract(name))] == []


def rewritten(words: str, others: str) -> Contract:
    """Return Callr's contract with some of its document in other words."""
    text = json.dumps(load_contract("callr").document)
    assert words in text
    return Contract("callr", json.loads(text.replace(words, others)), "callr")


@pytest.mark.parametrize(
    ("words", "others", "finding"),
    [
        ('"send_sms"', '"sent_sms"', "#/paths: the operation 'sent_sms' is served by no handler"),
        ('"send_sms"', '"sent_sms"', "#/paths: there is no operation 'send_sms', which a handler serves"),
        ('"webhooks": {"v2', '"x": {"v2', ": there are no `webhooks`, so no callback is judged"),
        ("verb_wrong", "verb_bad", "#/components/x-errors/verb_bad: refusals.toml has no words for it"),
        ("verb_wrong", "verb_bad", "#/components/x-errors: there is no 'verb_wrong', for which"),
        ('"x-asks": "run"', '"x-asks": "rune"', "#/components/x-errors/run_unknown: x-asks 'rune' is none"),
    ],
)  # fmt: skip
def test_what_one_of_them_lacks_is_told(words: str, others: str, finding: str) -> None:
    assert any(line.startswith(finding) for line in misfits(load_vendor("callr"), rewritten(words, others)))


def with_limit(where: str) -> Any:
    vendor = copy(load_vendor("callr"))
    vendor.limits = (Limit(name="mine", where=where, allow=1, per=timedelta(seconds=1)),)
    return vendor


def test_a_limit_holds_at_an_operation() -> None:
    contract = load_contract("callr")

    assert [*misfits(with_limit("callr.send_*"), contract)] == []
    assert [*misfits(with_limit("calr.*"), contract)] == [
        ": the limit 'mine' holds at 'calr.*', which is no operation"
    ]
