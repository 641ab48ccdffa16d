"""Every optional key of voice.json, null, empty and of each type: contract and server agree both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.vendors.kaleyra.desk import ASHA, CONTRACT, HOOK, RAVI, open_desk

SCHEMAS = CONTRACT.document["components"]["schemas"]
ENTRY = {"to": ASHA, "play": "1.sound"}
VALUES: tuple[Any, ...] = (None, [], {}, 0, 2, -1, 2.0, 1.5, True, [None], {"x": 1}, "?", "ü", 10**12)
AS_TEXT = {"campaign", "message", "custom", "meta"}
"""Keys of which the server takes anything as text, and the document tells a type."""

BY_STATE = {"E610", "E613", "E621"}
"""Codes of what no schema of one key can tell: nobody to call, a time out of reach, an unknown group."""


def bodies() -> Iterator[tuple[str, Any]]:
    """Yield bodies with a value for one key, in an entry and beside an entry that lacks it."""
    for key, value in product(SCHEMAS["ObdCall"]["properties"], VALUES):
        yield key, {"call": [{**ENTRY, key: value}]}
    for key, value in product(sorted(SCHEMAS["ObdCalls"]["properties"].keys() - {"call"}), VALUES):
        entry = {name: text for name, text in ENTRY.items() if name != key}
        yield key, {key: value, "call": [entry]}


@pytest.mark.parametrize(("key", "body"), [*bodies()], ids=str)
def test_what_keeps_the_contract_is_taken_and_what_is_refused_breaks_it(key: str, body: Any) -> None:
    desk = open_desk()

    code = json.loads(desk.post_json("voice.json", body, format="json").body)["status"]

    if code == "200":
        assert key in AS_TEXT or desk.accused == []
    elif code not in BY_STATE and key != "meta":  # the text of meta has a form of its own, JSON
        assert desk.accused != []


@pytest.mark.parametrize("key", [*SCHEMAS["ObdCall"]["properties"]])
def test_null_is_the_same_as_leaving_a_key_out(key: str) -> None:
    desk = open_desk()
    instead = {"to": {"group": "4477"}, "play": {"message": "Hello"}}
    entry = {**ENTRY, key: None, **instead.get(key, {})}

    envelope = json.loads(desk.post_json("voice.json", {"call": [entry]}, format="json").body)

    assert envelope["status"] == "200", envelope
    assert desk.accused == []


@pytest.mark.parametrize("key", ["to", "play", "callback"])
def test_null_in_an_entry_leaves_the_default_beside_the_entries(key: str) -> None:
    desk = open_desk()
    body = {**ENTRY, "callback": HOOK, "call": [{key: None}]}

    envelope = json.loads(desk.post_json("voice.json", body, format="json").body)

    assert envelope["status"] == "200", envelope
    assert len(desk.advance(minutes=2)) == 1


def test_numbers_beside_the_entries_are_those_of_entries_that_have_none() -> None:
    desk = open_desk()
    body = {"to": ASHA, "play": "1.sound", "call": [{"custom": "A"}, {"to": RAVI}]}

    data = json.loads(desk.post_json("voice.json", body, format="json").body)["data"]

    assert [data[place]["mobile"] for place in "01"] == [ASHA, RAVI]
    assert desk.accused == []
