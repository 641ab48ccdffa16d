"""Acting in the place of the people who are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.telephony.phone_numbers import E164
from tests.admin.control_room import Room, open_room

LISTENER = "+447700900999"


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def phone(room: Room, number: str = LISTENER) -> str:
    state: str = room.get(f"/v1/people/{number}")["phone"]
    return state


def advance(room: Room, by: str) -> None:
    room.do("POST", "/v1/clock/advance", {"by": by})


def test_a_person_is_shown_with_what_their_phone_does(room: Room) -> None:
    idle = room.get(f"/v1/people/{LISTENER}")
    room.call(LISTENER)
    ringing = room.get("/v1/people/447700900999")

    assert (idle["persona"], idle["phone"], idle["call"]) == ("hesitates", "idle", None)
    assert ringing["phone"] == "ringing"
    assert ringing["call"]["callee"] == LISTENER


def test_who_would_not_answer_can_be_made_to_and_press_a_key(room: Room) -> None:
    room.call(LISTENER)
    advance(room, "5s")
    room.do("POST", f"/v1/people/{LISTENER}/answer")
    talking = phone(room)
    advance(room, "2s")
    call = room.do("POST", f"/v1/people/{LISTENER}/press", {"key": "1"})["call"]

    assert talking == "talking"
    assert ("pressed", "1") in [(moment["what"], moment["detail"]) for moment in call["timeline"]]


def test_a_number_calls_in_where_a_call_of_theirs_waits(room: Room) -> None:
    room.call(LISTENER, "Codes", pincode="1234")
    waiting = phone(room)
    call = room.do("POST", f"/v1/people/{LISTENER}/call-in")["call"]

    assert waiting == "waiting"
    assert call["attempts"][0]["number"] == 1


def test_the_next_outcome_is_decided_by_the_tester(room: Room) -> None:
    shown = room.do("POST", f"/v1/people/{LISTENER}/next", {"outcome": "busy"})
    room.call(LISTENER)
    advance(room, "10s")

    assert shown["next_outcome"] == "busy"
    assert room.get("/v1/calls")["calls"][0]["attempts"][0]["disposition"] == "busy"


@pytest.mark.parametrize(
    ("act", "body"), [("press", {"key": "1"}), ("answer", None), ("call-in", None), ("answer", {})]
)
def test_nobody_can_act_in_a_call_that_is_not_there(room: Room, act: str, body: Any) -> None:
    status, problem = room.refused("POST", f"/v1/people/{LISTENER}/{act}", body)

    assert status == 409
    assert "advance the clock" in problem["remedy"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{LISTENER}/press", {"key": ""}),
        (f"{LISTENER}/press", {"key": "1" * 65}),
        (f"{LISTENER}/press", {"key": 1}),
        (f"{LISTENER}/press", {"keys": "1"}),
        (f"{LISTENER}/press", None),
        (f"{LISTENER}/next", {"outcome": "asleep"}),
        (f"{LISTENER}/answer", {"key": "1"}),
        ("12/answer", None),
        ("nobody/next", {"outcome": "busy"}),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(room: Room, path: str, body: Any) -> None:
    before = room.state
    status, problem = room.refused("POST", f"/v1/people/{path}", body)

    assert (status, len(problem["findings"]) > 0) == (422, True)
    if not path.startswith("12"):
        assert room.state == before


def test_a_refused_act_is_refused_again_in_a_replay(room: Room) -> None:
    room.refused("POST", f"/v1/people/{LISTENER}/answer")
    room.call(LISTENER)
    before = room.get("/v1/calls")
    played = list(room.simulator.worlds.sandbox().inputs)
    room.do("POST", "/v1/reset")
    room.simulator.worlds.sandbox().replay(played)

    assert room.get("/v1/calls") == before
    assert room.simulator.worlds.sandbox().world.inputs == 2


def test_the_magic_numbers_are_catalogued(room: Room) -> None:
    numbers = room.get("/v1/numbers")["numbers"]

    assert {"code": "04", "numbers": "+447700900040..9", "persona": "always busy"} in numbers


def test_the_control_api_reads_numbers_as_the_vendor_of_its_world_does() -> None:
    simulator = Simulator(vendors=("kaleyra",))
    Client(simulator).post("/_simulator/v1/people/98765 43210/next", json={"outcome": "busy"})
    people = simulator.worlds.sandbox().world.people

    assert people.known(E164("+919876543210")).next_disposition == "busy"


def test_a_number_that_two_vendors_read_differently_is_asked_for_in_full() -> None:
    client = Client(Simulator(vendors=("kaleyra", "callo")))
    problem = client.post("/_simulator/v1/people/9876543210/next", json={"outcome": "busy"}).json

    assert problem
    assert "write it with + and the code of its country" in problem["detail"]
    assert client.get("/_simulator/v1/people/+919876543210").status_code == 200
