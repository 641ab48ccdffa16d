"""Time under the tester's hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.admin.control_room import Room, open_room


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def advance(room: Room, **body: str) -> Any:
    return room.do("POST", "/v1/clock/advance", body)


def test_the_clock_tells_what_is_due_next(room: Room) -> None:
    idle = room.get("/v1/clock")
    room.call()
    busy = room.get("/v1/clock")

    assert (idle["now"], idle["mode"], idle["waiting"]) == ("2026-03-02T10:00:00+00:00", "virtual", 0)
    assert (idle["next_due"], idle["next_due_of"]) == (None, None)
    assert busy["waiting"] == 1
    assert busy["next_due"] > busy["now"]
    (call,) = room.get("/v1/calls")["calls"]
    assert busy["next_due_of"] == {
        name: call.get(name, "call") for name in ("what", "ref", "vendor", "account")
    }


def test_the_clock_names_the_call_that_its_campaign_will_dial(room: Room) -> None:
    desk = room.simulator.worlds.sandbox()
    for campaign in next(iter(desk.world.accounts.values())).campaigns.values():
        campaign.delay = timedelta(seconds=2)
    room.call()

    (call,) = room.get("/v1/calls")["calls"]
    assert room.get("/v1/clock")["next_due_of"]["ref"] == call["ref"]


def test_time_moves_by_a_length(room: Room) -> None:
    assert advance(room, by="3d")["now"] == "2026-03-05T10:00:00+00:00"
    assert room.get("/v1/clock")["now"] == "2026-03-05T10:00:00+00:00"


@pytest.mark.parametrize(
    ("to", "now"),
    [
        ("2026-03-02T12:30:00+01:00", "2026-03-02T11:30:00+00:00"),
        ("2026-06-01T12:00", "2026-06-01T11:00:00+00:00"),
        ("20:00", "2026-03-02T20:00:00+00:00"),
        ("09:59", "2026-03-03T09:59:00+00:00"),
    ],
)
def test_time_moves_to_an_instant_or_a_local_hour(room: Room, to: str, now: str) -> None:
    assert advance(room, to=to)["now"] == now


def test_until_idle_does_everything_due_and_says_what(room: Room) -> None:
    room.call()
    done = advance(room, until="idle")

    assert (done["idle"], done["since"]) == (True, "2026-03-02T10:00:00+00:00")
    assert done["deliveries"][0] == "delivery-1"
    assert done["acts"] > 0
    assert room.get("/v1/calls")["calls"][0]["ending"] == "completed"


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({}, "#: say exactly one of"),
        ({"by": "3d", "until": "idle"}, "#: say exactly one of"),
        ({"bye": "3d"}, "#/bye: unknown; did you mean `by`?"),
        ({"by": 3}, "#/by: a number stands where text is asked for"),
        ({"by": "3 days"}, "#/by: '3 days' is not a length of time"),
        ({"by": "-1s"}, "#/by: '-1s' is not a length of time"),
        ({"until": "noon"}, "#/until: only `idle`"),
        ({"to": "2026-03-01T10:00"}, "#/to: 2026-03-01T10:00:00+00:00 is past"),
        ({"to": "tomorrow"}, "#/to: 'tomorrow' is no instant; write 2026-03-02T10:30, or 20:00"),
        ({"to": "25:00"}, "#/to: '25:00' is no instant"),
        ({"to": "0001-01-01T00:00+14:00"}, "#/to: "),
        ({"to": "9999-12-31T23:59"}, "#/to: time ends before the year 9000 here"),
        ([], "#: the body is not a JSON object"),
    ],
)
def test_what_cannot_be_meant_moves_nothing(room: Room, body: Any, finding: str) -> None:
    before = room.state
    status, problem = room.refused("POST", "/v1/clock/advance", body)

    assert status == 422
    assert problem["findings"][0].startswith(finding)
    assert room.state == before


@pytest.mark.parametrize("body", [b"{", b'{"by": "1d", "by": "2d"}', b"\xff", b"[" * 100, b'{"by": NaN}'])
def test_a_body_that_is_not_json_is_told_where(room: Room, body: bytes) -> None:
    answer = room.http.post("/_simulator/v1/clock/advance", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert "(at character" in (answer.json or {})["detail"]
