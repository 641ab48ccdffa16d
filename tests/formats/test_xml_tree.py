from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.xml_tree import Element, MalformedXml, read_xml, write_xml

ROWS = {"data": "row", "numbers": "item"}
SPEAKABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))


def test_a_dict_becomes_elements_in_its_order() -> None:
    assert (
        write_xml("api", {"status": "OK ", "message": None}, {})
        == "<api><status>OK </status><message></message></api>"
    )


def test_items_get_the_name_of_their_list() -> None:
    value = {"data": [{"numbers": ["1", "2"]}]}

    assert (
        write_xml("api", value, ROWS)
        == "<api><data><row><numbers><item>1</item><item>2</item></numbers></row></data></api>"
    )


def test_numbered_keys_are_items_and_come_last() -> None:
    assert write_xml("data", {"0": "a", "group": 7}, ROWS) == "<data><group>7</group><row>a</row></data>"


@pytest.mark.parametrize("value", [{"a b": "x"}, {"a": ["x"]}, {"a": "\x00"}, {"a": "\ud800"}])
def test_what_xml_cannot_carry_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name|carry"):
        write_xml("api", value, {})


@given(SPEAKABLE)
def test_every_text_comes_back(text: str) -> None:
    assert read_xml(write_xml("a", text, {}).encode()) == Element("a", text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"<a/><b/>",
        b"<a>\xff</a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<a b="c"/>',
        b"<?go now?><a/>",
        b"<a>" * 65 + b"</a>" * 65,
    ],
)
def test_broken_and_dangerous_texts_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedXml):
        read_xml(body)
