"""A phone in a hand: rung, answered, rejected, spoken into and hung up, as an input like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE as ALICE
from tests.admin.control_room import SCENARIO, Room, open_room
from tests.state.digest import digest


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def hand(room: Room, act: str, **body: str) -> Any:
    return room.do("POST", f"/v1/people/{ALICE}/{act}", body or None)


def advance(room: Room, by: str) -> None:
    room.do("POST", "/v1/clock/advance", {"by": by})


def phone(room: Room) -> str:
    state: str = room.get(f"/v1/people/{ALICE}")["phone"]
    return state


def attempts(room: Room) -> list[tuple[str, float]]:
    (call,) = room.get("/v1/calls")["calls"]
    return [(one["disposition"], one["talk_seconds"]) for one in call["attempts"]]


def test_a_phone_in_hand_rings_until_it_rings_out(room: Room) -> None:
    taken = hand(room, "take")
    room.call()
    advance(room, "44s")
    ringing = phone(room)
    advance(room, "1s")

    assert taken["in_hand"] is True
    assert ringing == "ringing"
    assert attempts(room) == [("no_answer", 0.0)]


def test_who_answers_by_hand_hangs_up_when_they_like(room: Room) -> None:
    hand(room, "take")
    room.call()
    advance(room, "20s")
    hand(room, "answer")
    advance(room, "500ms")
    hand(room, "hang-up")
    advance(room, "0s")

    assert phone(room) == "idle"
    assert attempts(room) == [("answered", 0.5)]


def test_a_call_that_rings_is_rejected(room: Room) -> None:
    room.call()
    advance(room, "2s")
    hand(room, "reject")
    advance(room, "1m")

    assert attempts(room) == [("rejected", 0.0)]


def test_a_call_that_would_be_answered_is_left_ringing(room: Room) -> None:
    room.call()
    hand(room, "let-ring")
    advance(room, "44s")
    ringing = phone(room)
    advance(room, "1s")

    assert ringing == "ringing"
    assert attempts(room) == [("no_answer", 0.0)]


def test_what_is_said_stands_in_the_timeline(room: Room) -> None:
    hand(room, "take")
    room.call()
    hand(room, "answer")
    call = hand(room, "speak", text="at ten, please")["call"]

    assert ("said", "at ten, please") in [(one["what"], one["detail"]) for one in call["timeline"]]


def test_a_phone_put_back_is_answered_as_before(room: Room) -> None:
    before = room.get(f"/v1/people/{ALICE}")["persona"]
    hand(room, "take")
    put_back = hand(room, "put-back")
    room.call()
    advance(room, "2m")

    assert (put_back["persona"], put_back["in_hand"]) == (before, False)
    assert attempts(room)[0][0] == "answered"


@pytest.mark.parametrize("act", ["reject", "let-ring", "hang-up"])
def test_an_idle_phone_does_nothing(room: Room, act: str) -> None:
    status, problem = room.refused("POST", f"/v1/people/{ALICE}/{act}")

    assert (status, problem["title"]) == (409, "nobody there")


def test_who_has_not_answered_cannot_hang_up_and_who_has_cannot_reject(room: Room) -> None:
    room.call()
    early, _ = room.refused("POST", f"/v1/people/{ALICE}/hang-up")
    hand(room, "answer")

    assert (early, room.refused("POST", f"/v1/people/{ALICE}/reject")[0]) == (409, 409)


def test_all_of_it_is_replayed(room: Room) -> None:
    for act in ("take", "call", "answer", "speak", "hang-up", "call", "reject"):
        if act == "call":
            room.call()
        else:
            hand(room, act, **({"text": "hello"} if act == "speak" else {}))
        advance(room, "1s")
    sandbox = room.simulator.worlds.sandbox()
    with closing(Simulator(vendors=("callo",))) as twin:
        again = twin.worlds.open("main", load_text(SCENARIO.encode(), "clinic.yaml"))
        again.replay(sandbox.inputs)

        assert digest(again.world) == digest(sandbox.world)
