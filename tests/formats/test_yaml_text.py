from __future__ import annotations

import re
from typing import Any

import pytest

from simulator.formats.yaml_text import MalformedYaml, read_yaml
from tests.growth import calls_made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        (
            "a: [true, on, no, null, ~, 1.5, 0x1F, 0o17, 012]",
            {"a": [True, "on", "no", None, None, 1.5, 31, 15, 12]},
        ),
        ("a: '1'", {"a": "1"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("", None),
        ("- x\n- y: z", ["x", {"y": "z"}]),
        ("a: &x {b: 1}\nc: [*x, *x]", {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}),
        ("a: 2024-04-24", {"a": "2024-04-24"}),
    ],
)
def test_plain_data_is_read_as_yaml_one_point_two_has_it(text: str, value: Any) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: 1\na: 2", "the key 'a' stands twice", 2),
        ("a: *x", "found undefined alias 'x'", 1),
        ("a: &x [*x]", "nested deeper than 64 levels", 1),
        ("a: !!python/object:os.system x", "tags are not read", 1),
        ("[1]: 2", "a key is text", 1),
        ("[" * 70, "nested deeper than 64 levels", 1),
        ("a: " + "9" * 40, "a number of more than 18 digits; quote it to make it text", 1),
        ("a:\n\tb: 1", "found character '\\t' that cannot start any token", 2),
        ("a: \x07", "a character that YAML does not allow", 1),
        ("a: 1\n---\nb: 2", "but found another document", 2),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_place(text: str, reason: str, line: int) -> None:
    with pytest.raises(MalformedYaml) as refused:
        read_yaml(text)

    assert re.fullmatch(rf"line {line}, column \d+: {re.escape(reason)}", str(refused.value))


@pytest.mark.parametrize("opened", ["[", "{", "{a: ", "- [", "[nobody, {is: "])
def test_what_nests_for_ever_is_refused_without_reading_ahead(opened: str) -> None:
    def read() -> None:
        with pytest.raises(MalformedYaml, match="nested deeper than 64 levels"):
            read_yaml(opened * 20_000)

    assert calls_made(read) < 20_000


def test_as_many_levels_as_are_taken_are_read() -> None:
    assert len(str(read_yaml("[" * 64 + "]" * 64))) == 128


@pytest.mark.parametrize(
    ("first", "reason"),
    [("1", "more than 20,000 values"), ("x" * 30_000, "more than 1,000,000 letters")],
    ids=["values", "letters"],
)
def test_a_flood_by_aliases_of_aliases_is_refused(first: str, reason: str) -> None:
    lines = [
        f"a0: &a0 {first}",
        *(f"a{nth}: &a{nth} [{', '.join([f'*a{nth - 1}'] * 9)}]" for nth in range(1, 8)),
    ]

    with pytest.raises(MalformedYaml, match=reason):
        read_yaml("\n".join(lines))


def test_a_flood_of_values_is_refused() -> None:
    with pytest.raises(MalformedYaml, match="more than 20,000 values"):
        read_yaml("[" + "1," * 20_001 + "]")
