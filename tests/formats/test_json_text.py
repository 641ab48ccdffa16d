"""JSON text: strict in, exact out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats import json_text
from simulator.formats.json_text import MalformedJson, read_json, write_compact_json, write_json

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('abЖ\\"', max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def refusal(body: bytes) -> MalformedJson:
    with pytest.raises(MalformedJson) as caught:
        read_json(body)
    return caught.value


@pytest.mark.parametrize("body", [rb'"a\u0000"', rb'{"\u0000": 1}', rb'["\\\u0000"]'])
def test_nul_stands_in_no_string(body: bytes) -> None:
    assert "NUL" in refusal(body).reason


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert read_json(rb'"\\u0000"') == "\\u0000"


@given(VALUES)
def test_both_spellings_are_read_back(value: Any) -> None:
    assert read_json(write_json(value)) == value
    assert read_json(write_compact_json(value)) == value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        ("{}".encode("utf-16"), "byte-order mark"),
        ("{}".encode("utf-16-le"), "Not JSON"),
        (b'"\xff"', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b'{"a":' * 200_000, "64 levels"),
        (b"[" * 1_000_000, "64 levels"),
        (b"[" + b"1," * 100_000 + b"1]", "100,000 values"),
        (b"1" * 65, "64 digits"),
        (b"-" + b"1" * 5_000, "64 digits"),
        (b"0." + b"1" * 400, "64 digits"),
        (b'"' + b"x" * 262_145 + b'"', "256 KB"),
        (b'"' + "ы".encode() * 131_073 + b'"', "256 KB"),
        (b'{"' + b"x" * 262_145 + b'": 1}', "256 KB"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "1e999"),
        (b"-1E+999", "-1E+999"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": 1, "\\u0061": 2}', "twice"),
        (b'"\\ud800"', "surrogate"),
        (b'"\\udc00\\ud800"', "surrogate"),
        (b'{"\\uD83D": 1}', "surrogate"),
        (b"{} {}", "More text"),
        (b"[1,]", "comma"),
        (b'{"a": 1,}', "comma"),
        (b'{"a": 1', "too early"),
        (b'"a', "Not JSON"),
        (b'"a\nb"', "Not JSON"),
        (b"[01]", "Not JSON"),
        (b"[+1]", "Not JSON"),
        (b"[1_0]", "Not JSON"),
        ("[١]".encode(), "Not JSON"),
        (b"{'a': 1}", "Not JSON"),
        (b"]", "Not JSON"),
        (b":1", "Not JSON"),
        (b'"\\x"', "Not JSON"),
        (b'\\"' * 300, "Not JSON"),
    ],
)
def test_what_is_not_our_json_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    assert reason in refusal(body).reason


@pytest.mark.parametrize(
    ("body", "position"),
    [(b"[1, NaN]", 4), (b'{"a": 1, "a": 2}', 12), (b"[1,]", 3), (b'["\xff"]', 2), (b"{} x", 3)],
)
def test_a_refusal_tells_the_position(body: bytes, position: int) -> None:
    assert str(refusal(body)).endswith(f" (at character {position})")


def test_exactly_the_limits_are_accepted() -> None:
    assert read_json(b"[" * 64 + b"]" * 64)
    assert read_json(b"1" * 64) == int("1" * 64)
    assert len(read_json(b'"' + b"x" * 262_144 + b'"')) == 262_144
    assert len(read_json(b"[" + b"1," * 99_998 + b"1]")) == 99_999


def test_whoever_takes_long_lists_says_how_many_values_they_may_hold() -> None:
    body = b"[" + b"1," * 119_998 + b"1]"

    assert len(read_json(body, 120_000)) == 119_999
    with pytest.raises(MalformedJson, match="120,000 values"):
        read_json(b"[1," + body[1:], 120_000)


def test_escapes_hide_neither_quotes_nor_brackets() -> None:
    assert read_json(rb'{"a\"[": "]\\", "\u0041": "\u043f"}') == {'a"[': "]\\", "A": "п"}


@given(st.text('[]{},:"\\ud81-0.9eNa ', max_size=60))
def test_what_looks_harmless_at_a_glance_is_so_piece_by_piece(text: str) -> None:
    try:
        harmless = json_text._is_harmless(text, 20) and [json_text._QUICK.decode(text)]
    except ValueError:
        return
    if harmless:
        json_text._scan(text, 20)


def test_a_key_may_come_back_in_another_object() -> None:
    assert read_json(b'[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]


def test_a_text_may_stand_twice_outside_the_keys() -> None:
    assert read_json(b'{"a": "a", "b": ["a", "a"], "c": "b"}') == {"a": "a", "b": ["a", "a"], "c": "b"}


def test_a_whole_surrogate_pair_and_an_escaped_backslash_are_plain_text() -> None:
    assert read_json(rb'["\ud83d\ude00", "\\ud800"]') == ["😀", "\\ud800"]


def test_django_spelling_is_ascii_with_spaces() -> None:
    assert write_json({"a": ["é", 1.5], "b": None}) == rb'{"a": ["\u00e9", 1.5], "b": null}'


def test_compact_spelling_is_utf_8_without_spaces() -> None:
    assert write_compact_json({"a": ["é", 1], "b": True}) == '{"a":["é",1],"b":true}'.encode()


@pytest.mark.parametrize("value", [Decimal("1.50"), b"x", {1, 2}, object()])
def test_a_type_that_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json([value])
    with pytest.raises(TypeError):
        write_compact_json([value])


@given(st.text('[]{},:"\\ue1-0.9atrun l', max_size=40))
def test_what_is_accepted_is_what_the_standard_parser_reads(text: str) -> None:
    try:
        value = read_json(text.encode())
    except MalformedJson:
        return
    assert value == json.loads(text)
