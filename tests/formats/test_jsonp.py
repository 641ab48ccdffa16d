from __future__ import annotations

import pytest

from simulator.formats.json_text import MalformedJson, MalformedJsonp, is_function, read_jsonp, write_jsonp


@pytest.mark.parametrize("name", ["fn", "jQuery1_2", "$.got", "a.b_c"])
def test_a_value_comes_back_with_its_function(name: str) -> None:
    assert read_jsonp(write_jsonp(name, {"a": [1, None, "</script>\u2028"]})) == (
        name,
        {"a": [1, None, "</script>\u2028"]},
    )


@pytest.mark.parametrize("name", ["", "alert(1)//", "a b", "a..b", "1a", "x" * 129, "http://host/?a={b}"])
def test_only_a_name_can_be_called(name: str) -> None:
    assert not is_function(name)
    with pytest.raises(ValueError, match="function"):
        write_jsonp(name, {})


def test_nothing_in_a_value_ends_a_script() -> None:
    assert "</script>" not in write_jsonp("fn", "</script>")


@pytest.mark.parametrize(
    ("text", "kind"), [("{}", MalformedJsonp), ("fn({)", MalformedJson), ("fn(1) x", MalformedJsonp)]
)
def test_other_texts_are_refused(text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read_jsonp(text)
