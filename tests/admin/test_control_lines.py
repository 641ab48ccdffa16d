"""Somebody outside calls and writes to numbers of accounts, at the word of a tester."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.engine.settings import Settings
from simulator.telephony.calls import Order
from simulator.telephony.phone_numbers import E164
from tests.admin.control_room import Room, open_room

CALLER, AGENT, OWN, HOTLINE = "+447700900005", "+916010000008", "+33199001234", "+918000000001"


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.fixture
def crowded() -> Iterator[Room]:
    """Open a room with all vendors and their newcomers, whose numbers are shown in full."""
    with closing(Simulator(Settings(show_numbers=True))) as simulator:
        yield Room(simulator, Client(simulator))


def advance(room: Room, by: str) -> None:
    room.do("POST", "/v1/clock/advance", {"by": by})


def called(room: Room, to: str) -> Any:
    return room.do("POST", f"/v1/people/{CALLER}/call", {"to": to})["call"]


def test_a_number_that_nobody_owns_is_told_as_such(room: Room) -> None:
    answer = room.ask("POST", f"/v1/people/{CALLER}/call", {"to": "+33199009999"})

    assert answer.status_code == 409


def test_a_text_that_says_nothing_is_refused(room: Room) -> None:
    answer = room.ask("POST", f"/v1/people/{CALLER}/text", {"to": OWN, "text": ""})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("to", "vendor", "parties"), [(OWN, "callr", []), (HOTLINE, "kaleyra", [AGENT, "+916010000009"])]
)
def test_a_call_that_came_in_is_listed_with_its_legs(
    crowded: Room, to: str, vendor: str, parties: list[str]
) -> None:
    ref = called(crowded, to)["ref"]
    advance(crowded, "5m")
    listing = crowded.get("/v1/calls")
    (call,) = listing["calls"]
    document = crowded.get("/openapi.json")

    Draft202012Validator(document | {"$ref": "#/components/schemas/Call"}).validate(call)
    assert (listing["total"], call["ref"], call["vendor"], call["caller"]) == (1, ref, vendor, CALLER)
    assert [leg["callee"] for leg in call["legs"]] == [to, *parties]
    assert call["timeline"][-1]["what"] == "hung up"


def test_calls_placed_and_received_are_listed_newest_first(crowded: Room) -> None:
    sandbox = crowded.simulator.worlds.sandbox()
    called(crowded, HOTLINE)
    advance(crowded, "5m")
    account = next(account for (vendor, _), account in sandbox.world.accounts.items() if vendor == "callo")
    placed = sandbox.world.place_call(next(iter(account.campaigns.values())), Order(callee=E164(AGENT)))
    advance(crowded, "5m")
    called(crowded, HOTLINE)

    listed = crowded.get("/v1/calls")["calls"]
    (route, *_) = {call["route"] for call in listed if "route" in call}
    assert [call["vendor"] for call in listed] == ["kaleyra", "callo", "kaleyra"]
    assert listed[1]["ref"] == placed.ref
    assert len(crowded.get(f"/v1/calls?campaign={route}")["calls"]) == 2


def test_a_tester_acts_for_whoever_is_on_the_line(crowded: Room) -> None:
    called(crowded, HOTLINE)
    rings = crowded.get(f"/v1/people/{AGENT}")
    answered = crowded.do("POST", f"/v1/people/{AGENT}/answer")["call"]
    pressed = crowded.do("POST", f"/v1/people/{CALLER}/press", {"key": "7"})["call"]
    talks = crowded.get(f"/v1/people/{CALLER}")

    assert (rings["phone"], talks["phone"]) == ("ringing", "talking")
    assert rings["call"]["ref"] == answered["ref"] == pressed["ref"] == talks["call"]["ref"]
    assert ("pressed", "7") in [(moment["what"], moment["detail"]) for moment in pressed["timeline"]]
