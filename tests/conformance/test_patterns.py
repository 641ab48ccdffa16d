from __future__ import annotations

import pytest

from simulator.conformance.checks import check
from simulator.exchange import Request
from tests.conformance.documents import schema_contract
from tests.conformance.exchanges import answer, exchange
from tests.growth import grows_in_step, undisturbed

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
    known = schema_contract({"type": "string", "pattern": pattern})

    def match(length: int) -> None:
        check(known, exchange(Request("GET", "/x", "value=" + "a" * length + "!"), answer({})))

    with undisturbed():
        assert grows_in_step(match, 50_000)


@pytest.mark.parametrize("pattern", EVIL)
def test_a_name_from_outside_is_matched_in_linear_time_too(pattern: str) -> None:
    group = {"type": "object", "patternProperties": {pattern: {}}, "additionalProperties": False}
    known = schema_contract(group)

    def match(length: int) -> None:
        check(known, exchange(Request("GET", "/x", "a" * length + "!=1"), answer({})))

    with undisturbed():
        assert grows_in_step(match, 5_000)


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
