from __future__ import annotations

from time import thread_time

import pytest

from simulator.conformance.checks import check
from simulator.exchange import Request
from tests.conformance.documents import schema_contract
from tests.conformance.exchanges import answer, exchange

EVIL = [
    "(a+)+$",
    "(a|aa)+$",
    "(a*)*b",
    "^(a|a?)+$",
    "(.*a){12}$",
    "([a-zA-Z]+)*$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
]


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_that_hangs_others_is_matched_in_linear_time(pattern: str) -> None:
    found = schema_contract({"type": "string", "pattern": pattern})
    request = Request("GET", "/x", "value=" + "a" * 100_000 + "!")
    started = thread_time()

    check(found, exchange(request, answer({})))
    assert thread_time() - started < 1


@pytest.mark.parametrize("pattern", EVIL)
def test_a_name_from_outside_is_matched_in_linear_time_too(pattern: str) -> None:
    group = {"type": "object", "patternProperties": {pattern: {}}, "additionalProperties": False}
    found = schema_contract(group)
    started = thread_time()

    check(found, exchange(Request("GET", "/x", "a" * 10_000 + "!=1"), answer({})))
    assert thread_time() - started < 1


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"^\d+$", "7900", True),
        (r"^\d+$", "7900\n", False),
        (r"^\d+$", "٧٩", False),
        (r"^\w+$", "метка", False),
        (r"^\w+$", "label_1", True),
        ("^a.b$", "a\nb", False),
        ("^a$", "b\na", False),
        ("b", "abc", True),
    ],
)
def test_patterns_mean_what_they_mean_in_ecmascript(pattern: str, text: str, fits: bool) -> None:
    schema = schema_contract({"type": "string", "pattern": pattern}).schemas.compile({"pattern": pattern})

    assert schema.is_valid(text) is fits
