from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.nested_text import MalformedPrintR, read_print_r, write_print_r

LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
KEY = st.text("abcdefghij_0123456789", min_size=1)
ARRAYS = st.recursive(
    st.dictionaries(KEY, LINE), lambda inner: st.dictionaries(KEY, st.one_of(LINE, inner)), max_leaves=8
)


def test_nested_arrays_look_as_php_shows_them() -> None:
    value = {"status": "200", "data": [{"id": "1"}]}

    assert write_print_r(value) == (
        "Array\n(\n    [status] => 200\n    [data] => Array\n        (\n            [0] => Array\n"
        "                (\n                    [id] => 1\n                )\n\n        )\n\n)\n"
    )


def test_an_array_without_indentation_is_read_too() -> None:
    assert read_print_r("Array\n(\n[status] => 200\n[message] => OK\n)") == {"status": "200", "message": "OK"}


@given(ARRAYS)
def test_every_array_of_lines_comes_back(value: dict[str, Any]) -> None:
    assert read_print_r(write_print_r(value)) == value


def test_a_text_of_several_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="several lines"):
        write_print_r({"a": "b\n)"})


@pytest.mark.parametrize(
    "text",
    ["", "200", "Array", "Array\n(", "Array\n(\nx\n)", "Array\n(\n)\nmore", "Array\n(\n[a] => Array\n(\n)"],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(MalformedPrintR):
        read_print_r(text)


def test_depth_is_bounded() -> None:
    text = "Array\n(\n" + "[a] => Array\n(\n" * 70 + ")\n" * 71

    with pytest.raises(MalformedPrintR):
        read_print_r(text)


def test_nothing_is_an_empty_text() -> None:
    assert write_print_r({"status": None}) == "Array\n(\n    [status] => \n)\n"
