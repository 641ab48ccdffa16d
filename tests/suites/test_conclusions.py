"""What a client says it concluded, and how that is compared with what is true."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from simulator.suites.cases import Field, Kind, Task
from simulator.suites.conclusions import Conclusion, compare_field, compare_outcomes, read_conclusion

TASK = Task(
    about="Call somebody.",
    outcomes=("placed", "refused", "unknown"),
    conclusion={"id": Field(about="The id.", kind="id")},
)
LARGE = 2**53 + 1


def test_the_last_line_is_the_conclusion() -> None:
    printed = 'calling ...\n{"outcome": "placed", "id": "17"}\n\n'

    assert read_conclusion(TASK, printed, 0) == Conclusion(outcome="placed", fields={"id": "17"})


@pytest.mark.parametrize(
    ("code", "outcome"), [(0, "placed"), (10, "refused"), (11, "unknown"), (12, "unsupported")]
)
def test_a_code_stands_for_an_outcome_where_nothing_is_printed(code: int, outcome: str) -> None:
    assert read_conclusion(TASK, "calling ...\n", code) == Conclusion(outcome=outcome, spoken=False)


def test_a_line_of_a_log_in_brackets_is_no_conclusion() -> None:
    assert read_conclusion(TASK, "[info] calling ...\n", 0) == Conclusion(outcome="placed", spoken=False)


@pytest.mark.parametrize(
    ("printed", "code", "says"),
    [
        ("", 1, "it ended with code 1"),
        ('{"outcome": "placed"', 0, "no JSON"),
        ('[{"outcome": "placed"}]', 0, "an object with an `outcome`, not a list"),
        ('{"id": 17}', 0, "an object with an `outcome`"),
        ('{"outcome": "perhaps"}', 0, "placed, refused, unknown"),
    ],
)
def test_what_is_no_conclusion_is_told(printed: str, code: int, says: str) -> None:
    assert says in read_conclusion(TASK, printed, code).mistake


def test_one_of_several_outcomes_is_enough() -> None:
    unknown = Conclusion(outcome="unknown")

    assert compare_outcomes(unknown, ["placed", "unknown"]) is None
    assert compare_outcomes(unknown, "placed") is not None


@pytest.mark.parametrize(
    ("kind", "true", "given"),
    [
        ("id", LARGE, str(LARGE)),
        ("id", "0042", "0042"),
        ("ids", ["b", "a"], ["a", "b"]),
        ("count", 3, "3"),
        ("count", LARGE * 1000, str(LARGE * 1000)),
        ("money", 1234.56, Decimal("1234.560000")),
        ("money", "0.17", "0.170"),
        ("instant", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00.000+01:00"),
        ("flag", True, True),
    ],
)
def test_what_means_the_same_is_the_same(kind: Kind, true: Any, given: Any) -> None:
    assert compare_field("id", kind, true, Conclusion(outcome="placed", fields={"id": given})) is None


@pytest.mark.parametrize(
    ("kind", "true", "given"),
    [
        ("id", LARGE, float(LARGE)),
        ("id", LARGE, LARGE - 1),
        ("id", "0042", 42),
        ("id", 1, True),
        ("id", "7", None),
        ("ids", ["a", "b"], ["a"]),
        ("ids", ["a"], ["a", "a"]),
        ("text", "0042", 42),
        ("count", 3, 2),
        ("count", 1, True),
        ("money", "0.17", "17"),
        ("money", "0.17", "a lot"),
        ("instant", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00"),
        ("instant", "2026-03-02T10:00:00Z", "yesterday"),
        ("flag", True, 1),
    ],
)
def test_what_means_something_else_is_not_the_same(kind: Kind, true: Any, given: Any) -> None:
    assert compare_field("id", kind, true, Conclusion(outcome="placed", fields={"id": given})) is not None


def test_what_is_not_said_is_no_value() -> None:
    mismatch = compare_field("id", "id", "7", Conclusion(outcome="placed"))

    assert mismatch is not None
    assert mismatch.arrived == "it is not said"
