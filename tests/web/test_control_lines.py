"""Somebody outside calls and writes to numbers of accounts, at the word of a tester."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.control_room import Room, open_room

CALLER, OWN = "+33639980001", "+33199001234"


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def test_a_number_that_nobody_owns_is_told_as_such(room: Room) -> None:
    answer = room.ask("POST", f"/v1/people/{CALLER}/call", {"to": "+33199009999"})

    assert answer.status_code == 409


def test_a_text_that_says_nothing_is_refused(room: Room) -> None:
    answer = room.ask("POST", f"/v1/people/{CALLER}/text", {"to": OWN, "text": ""})

    assert answer.status_code == 422
