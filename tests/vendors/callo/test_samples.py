"""The 16 bodies of the vendor's document beside ours: the same keys in the same order, of the same types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.exchange import Answer
from simulator.formats.sound import tone
from simulator.telephony.people import Persona
from tests.contracts.recorded import read_recordings
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read

SAMPLES = {
    (item["operation"], item["answer"]["status"], item["title"]): item["answer"]["body"]
    for item in read_recordings("callo")
    if item["source"] == "documented"
}
PRESSES = Persona(name="presses", presses=("1",), says="Hello, yes.")
NAMES = {str: "text", int: "whole", float: "fraction", bool: "bool", type(None): "null"}
BEYOND = {"all_calls": ("ivr_data", "cost")}
"""What live clients read beside the sample's keys, behind them (observed)."""

EMPTY = {
    "[]/user_choice": "the label of the button pressed; the sample's has none",
    "[]/dial_status": "null in the samples, a number here: the callee had answered",
    "[]/dial_status_display": "its words",
    "[]/ivr_data": "null in the sample, though a button was pressed",
}
"""Where the sample is null and we are not, and why."""


def desk_of_samples() -> Desk:
    desk = open_desk({PHONE: PRESSES})
    desk.account.currency = "RUB"
    return desk


def verify(name: str, kind: str, **code: str) -> Answer:
    desk = desk_of_samples()
    return desk.post(f"phones/{name}", campaign_id=desk.campaign(kind).ref, phone=PHONE, **code)


def look(name: str, **parameters: object) -> Answer:
    """Ask about a campaign in which one call ended by a button and one without."""
    desk = desk_of_samples()
    call = desk.call(text="Good afternoon. Press 1.", label="order_17")
    desk.advance(minutes=2)
    known = {"campaign_id": desk.campaign().ref, "call_id": call["call_id"], "phone": PHONE}
    asked_by = {"call_by_id": ("call_id",), "calls_by_phone": ("campaign_id", "phone")}
    fields = {key: known[key] for key in asked_by.get(name.rpartition("/")[2], ("campaign_id",))}
    return desk.get(name, **{**fields, **parameters})


def exceed() -> Answer:
    desk = desk_of_samples()
    return [desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE) for _ in range(6)][-1]


def add() -> Answer:
    desk = desk_of_samples()
    sent = {"campaign_id": desk.campaign().ref, "phone": PHONE, "text": "Good afternoon", "speaker": "Maxim"}
    return desk.post("phones/call", **sent)


def append() -> Answer:
    desk = desk_of_samples()
    return desk.post("phones/append/calls", campaign_id=desk.campaign().ref, phones=f"{PHONE}\n+447700900002")


def tell_clip() -> Answer:
    desk = desk_of_samples()
    clip = desk.call(text="Good afternoon", speaker="Maxim")["audioclip_id"]
    return desk.get("audio/info", audioclip_id=clip)


def upload() -> Answer:
    return desk_of_samples().upload(
        "audio/upload", {"clip_file": ("a.wav", tone(2.0, 1))}, clip_name="Greeting"
    )


LIVE: dict[tuple[str, int, str], Callable[[], Answer]] = {
    ("add_call", 400, "Call addition limit exceeded"): exceed,
    ("add_call", 200, "Add Call"): add,
    ("add_call", 400, "The campaign does not exist"): lambda: open_desk().post(
        "phones/call", campaign_id=123456789, phone=PHONE
    ),
    ("add_confirm_call", 200, "Add Call"): lambda: verify("confirm", "pincode", pincode="9999"),
    ("add_flashcall", 200, "Add Call"): lambda: verify("flashcall", "flashcall", phone_suffix="9999"),
    ("add_tellcode_call", 200, "Add Call"): lambda: verify("tellcode", "tellcode", pincode="9999"),
    ("all_calls", 200, "Export All Campaign Calls"): lambda: look("phones/all_calls"),
    ("append_calls", 200, "Bulk Add Numbers"): append,
    ("audio_info", 200, "Audio Clip Info"): tell_clip,
    ("call_by_id", 200, "By call_id"): lambda: look("phones/call_by_id", expand=1),
    ("call_by_id", 400, "Call by call_id not found"): lambda: look("phones/call_by_id", call_id=123456789),
    ("calls_by_phone", 400, "Call by number not found"): lambda: look(
        "phones/calls_by_phone", phone="+380123456789"
    ),
    ("calls_by_phone", 200, "By Phone Number"): lambda: look("phones/calls_by_phone"),
    ("camp_stats", 200, "Aggregated Campaign Statistics"): lambda: look(
        "phones/camp_stats", from_date="2026-03-01", to_date="2026-03-31"
    ),
    ("campaign_cost", 200, "Campaign Costs"): lambda: look("phones/cost"),
    ("upload_audio", 200, "Upload Audio File"): upload,
}


def shapes_of(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each place of a body with what is there: a type, or keys in their order."""
    if isinstance(value, dict):
        yield place, ", ".join(value)
        for key, inner in value.items():
            yield from shapes_of(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shapes_of(inner, f"{place}[]")
    else:
        yield place, NAMES[type(value)]


def test_every_body_of_the_document_has_its_live_answer() -> None:
    assert set(LIVE) == set(SAMPLES)
    assert len(LIVE) == 16


@pytest.mark.parametrize("sample", LIVE, ids=lambda sample: f"{sample[0]}: {sample[2]}")
def test_a_live_answer_has_the_keys_order_and_types_of_the_document(sample: tuple[str, int, str]) -> None:
    answer = LIVE[sample]()
    body, documented = json.loads(answer.body), [*shapes_of(SAMPLES[sample])]
    for row in body if isinstance(body, list) else []:
        behind = [row.popitem()[0] for _ in BEYOND.get(sample[0], ())]
        assert tuple(reversed(behind)) == BEYOND.get(sample[0], ())
    strange = {shape for shape in shapes_of(body) if shape not in documented}

    assert answer.status == sample[1]
    assert {place for place, _ in documented} - {place for place, _ in shapes_of(body)} - set(EMPTY) == set()
    assert {place for place, _ in strange if not place.startswith(tuple(EMPTY))} == set()


@pytest.mark.parametrize("sample", [key for key in LIVE if key[1] == 400], ids=lambda sample: sample[2])
def test_a_live_refusal_has_the_words_of_the_document(sample: tuple[str, int, str]) -> None:
    live, documented = json.loads(LIVE[sample]().body)["data"], SAMPLES[sample]["data"]
    words = [
        ["#" if any(map(str.isdigit, word)) else word for word in text.split()] for text in (live, documented)
    ]

    assert words[0] == words[1]


def test_rows_of_statistics_are_written_as_the_document_has_each() -> None:
    rows = read(LIVE["camp_stats", 200, "Aggregated Campaign Statistics"]())["data"]

    assert [list(row) for row in rows["dial_statuses"]] == [
        ["status", "name", "count", "percent"],
        ["status", "count", "name", "percent"],
    ]
    assert {tuple(row) for row in rows["call_statuses"]} == {("status", "count", "name", "percent")}
