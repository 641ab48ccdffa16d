"""Every documented sample is reproduced key for key, in the order of its keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from simulator.formats.nested_text import read_print_r
from simulator.formats.xml_tree import Element, read_xml
from tests.contracts.recorded import read_recordings
from tests.vendors.kaleyra.desk import ASHA, RAVI, Desk, open_desk

SAMPLES = [item for item in read_recordings("kaleyra") if item["source"] == "documented"]
REGION = {"region": "Karnataka", "region_code": "KA-IN"}
INCIDENTS = [
    {**REGION, "numbers": [f"+91800000000{nth}"] * count}
    for nth, count in enumerate([1, 2, 2, 1, 1, 1, 1, 1])
]
INCIDENTS_IN_XML = [
    {**REGION, "numbers": [f"+91800000000{nth}"] * count}
    for nth, count in enumerate([1, 1, 2, 1, 1, 1, 1, 1])
]

Json = Any


def same_request(sample: Mapping[str, Json]) -> tuple[Desk, dict[str, str], Json]:
    """Return a desk where the sample's request can succeed, its fields and its JSON body."""
    form = sample["request"]["fields"]["format"]
    desk = open_desk(profile={"incidents": INCIDENTS_IN_XML if form == "xml" else INCIDENTS})
    fields = {
        key: value for key, value in sample["request"]["fields"].items() if key not in ("method", "api_key")
    }
    if prepare := PREPARATIONS.get(sample["operation"]):
        fields |= prepare(desk)
    return desk, fields, sample["request"].get("json")


def with_a_call(desk: Desk) -> dict[str, str]:
    ref = desk.connect()
    desk.advance(minutes=2)
    return {"id": ref}


def with_an_incoming_call(desk: Desk) -> dict[str, str]:
    call = desk.world.handsets.call_in(desk.account.groups["4477"].numbers[0])
    desk.advance(minutes=2)
    return {"id": desk.data("dial")[0]["id"]} if call else {}


def with_a_follow_up(desk: Desk) -> dict[str, str]:
    return {
        "id": desk.data("followup", phone=ASHA, name="John", follower=RAVI, ontime="14-10-2026 19-00")["id"]
    }


def with_a_report(desk: Desk) -> dict[str, str]:
    with_a_follow_up(desk)
    return {}


def with_an_obd_call(desk: Desk) -> dict[str, str]:
    ref = desk.data("voice.call", numbers=ASHA, play="1.sound", **{"return": "1"})["id"]
    desk.advance(minutes=2)
    return {"id": ref, "groupid": ref.partition("-")[0]}


PREPARATIONS: Mapping[str, Callable[[Desk], dict[str, str]]] = {
    "click_to_call_status": with_a_call,
    "call_details": with_an_incoming_call,
    "edit_follow_up": with_a_follow_up,
    "follow_up_report": with_a_report,
    "obd_status": with_an_obd_call,
    "obd_group_status": with_an_obd_call,
    "obd_api_status": with_an_obd_call,
    "obd_api_group_status": with_an_obd_call,
}


def shape(value: Json) -> Json:
    """Return a value's keys in order, and the types of what they lead to."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def tree(element: Element) -> Json:
    return (element.name, [tree(child) for child in element.children])


def skeleton(form: str, body: str) -> Json:
    if form == "xml":
        return body.startswith("<?xml"), tree(read_xml(body.encode()))
    return shape(json.loads(body) if form == "json" else read_print_r(body))


def test_no_sample_of_the_documents_is_left_out() -> None:
    assert len(SAMPLES) == 39


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda item: f"{item['operation']}: {item['title']}")
def test_a_documented_sample_is_reproduced_key_for_key(sample: dict[str, Json]) -> None:
    desk, fields, body = same_request(sample)
    method, path = sample["request"]["fields"]["method"], sample["request"]["path"]
    answer = desk.post(method, path, **fields) if body is None else desk.post_json(method, body, **fields)

    documented = sample["answer"]["body"]
    text = documented if isinstance(documented, str) else json.dumps(documented)
    assert skeleton(fields["format"], answer.body.decode()) == skeleton(fields["format"], text)
