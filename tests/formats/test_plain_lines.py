from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.nested_text import MalformedLines, read_lines, write_lines

LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
KEY = st.text("abcdefghij_0123456789", min_size=1)


def test_keys_lead_to_each_text() -> None:
    assert (
        write_lines({"status": "OK ", "data": [{"id": 7}], "none": None})
        == "status=OK \ndata.0.id=7\nnone=\n"
    )


@given(st.dictionaries(KEY, st.one_of(LINE, st.dictionaries(KEY, LINE, min_size=1))))
def test_every_dict_of_lines_comes_back(value: dict[str, object]) -> None:
    assert read_lines(write_lines(value)) == value


@pytest.mark.parametrize("value", [{"a.b": "c"}, {"a=b": "c"}, {"a": "b\nc=d"}])
def test_what_lines_cannot_hold_is_refused(value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="line"):
        write_lines(value)


@pytest.mark.parametrize("text", ["a", "a=1\na=2", "a=1\na.b=2", ".".join("a" * 70) + "=1"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(MalformedLines):
        read_lines(text)
