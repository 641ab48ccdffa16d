"""Following a world as things happen: listed, streamed, resumed, over any server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from itertools import islice
from threading import active_count
from typing import Any

import pytest

from simulator.engine.feed import Feed
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE, KEY, Room, open_room
from tests.serving_process import PATIENCE, add_call, serving

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def frames(pieces: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the data of the frames of a stream that have any, with the id of each."""
    for piece in pieces:
        lines = [line.partition(b": ") for line in piece.splitlines()]
        fields = {name.decode(): text.decode() for name, _, text in lines}
        if "data" in fields:
            assert fields["event"] == "changes"
            yield json.loads(fields["data"]) | {"id": int(fields["id"])}


def listen(room: Room, query: str = "", **headers: str) -> Iterator[dict[str, Any]]:
    """Follow a world through a server that answers several at a time."""
    answer = room.ask("GET", f"/v1/events{query}", headers={**STREAM, **headers}, multithread=True)
    return frames(answer.iter_encoded())


def what(batch: dict[str, Any]) -> list[str]:
    return [event["what"] for event in batch["events"]]


def test_a_call_is_told_of_from_the_request_to_its_callback(room: Room) -> None:
    room.call()
    room.do("POST", "/v1/clock/advance", {"until": "idle"})

    events = room.get("/v1/events")["events"]
    call = next(event for event in events if event["what"] == "attempt.finished")["call"]
    words = [event["what"] for event in events]

    assert (call["vendor"], call["callee"], call["state"]) == ("callo", ANSWERS_AND_PRESSES_ONE, "answered")
    assert words[:3] == ["world.opened", "call.placed", "attempt.started"]
    assert {"exchange.answered", "callback.due", "callback.tried", "clock.moved"} <= {*words}


def test_a_list_is_read_on_from_where_it_ended(room: Room) -> None:
    first = room.get("/v1/events?limit=1")
    rest = room.get(f"/v1/events?after={first['next']}")
    room.call()
    new = room.get(f"/v1/events?after={rest['next']}")

    assert (len(first["events"]), first["missed"]) == (1, 1)  # of the world that was there before
    assert what(new)[0] == "call.placed"
    assert room.get(f"/v1/events?after={new['next']}")["events"] == []


def test_a_stream_begins_now_and_goes_on(room: Room) -> None:
    stream = listen(room)
    begun = next(stream)
    room.call()
    batch = next(stream)

    assert begun["events"] == []
    assert what(batch)[:2] == ["call.placed", "attempt.started"]
    assert batch["id"] == batch["next"] == begun["next"] + len(batch["events"])


@pytest.mark.parametrize(
    "resumed",
    [
        {"query": "?after=2"},
        {"Last-Event-ID": "2"},
        {"query": "?after=0", "Last-Event-ID": "2"},
        {"query": "?after=2", "Last-Event-ID": "1"},
    ],
    ids=["query", "header", "newer header", "newer query"],
)
def test_a_stream_is_resumed_without_a_loss(room: Room, resumed: dict[str, str]) -> None:
    room.call()
    events = room.get("/v1/events?after=2")["events"]

    assert next(listen(room, **resumed))["events"] == events
    assert events[0]["id"] == 3


def test_a_server_of_one_request_at_a_time_sends_what_there_is_and_is_asked_again(room: Room) -> None:
    room.call()
    kept = room.get("/v1/events?after=2")["events"]

    def ask(after: int) -> list[bytes]:
        answer = room.ask("GET", f"/v1/events?after={after}", headers=STREAM, multithread=False)
        return answer.get_data().split(b"\n\n")

    begun, frame, end = ask(2)
    again = ask(kept[-1]["id"])

    assert (begun, end) == (b"retry: 1000", b"")
    (batch,) = frames(iter([frame]))
    assert batch["events"] == kept
    assert next(frames(iter(again)))["events"] == []


class AtOnce:
    """Tells of what has happened once, then of the end of the world `other`."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def listen(self, _feed: Feed, listener: Callable[[], None]) -> Callable[[], None]:
        listener()
        self.room.simulator.worlds.close("other")
        listener()
        return lambda: None


def test_many_events_at_once_are_told_without_waiting_for_the_next(room: Room) -> None:
    room.do("POST", "/v1/worlds", {"name": "other"})
    sandbox = room.simulator.worlds.sandbox("other")
    for _ in range(2_500):
        sandbox.recorder.feed.note(sandbox.now(), "clock.moved", None)
    room.simulator.worlds.announcer = AtOnce(room)  # type: ignore[assignment]

    assert [len(batch["events"]) for batch in listen(room, "?after=0&world=other")] == [1000, 1000, 501]


def test_ids_go_on_when_the_world_begins_again(room: Room) -> None:
    stream = listen(room)
    begun = next(stream)
    room.do("POST", "/v1/reset")
    batch = next(stream)

    assert what(batch) == ["world.opened"]
    assert batch["next"] == begun["next"] + 1


def test_a_stream_ends_with_its_world(room: Room) -> None:
    room.do("POST", "/v1/worlds", {"name": "other"})
    stream = listen(room, "?world=other")
    next(stream)
    room.do("DELETE", "/v1/worlds/other")

    assert list(stream) == []


def test_whoever_follows_a_world_is_called_as_soon_as_it_is_closed(room: Room) -> None:
    room.do("POST", "/v1/worlds", {"name": "other"})
    calls: list[str] = []
    room.simulator.worlds.sandbox("other").recorder.feed.wake = lambda: calls.append("closed")

    room.do("DELETE", "/v1/worlds/other")

    assert calls == ["closed"]


def test_secrets_and_numbers_are_masked_in_the_stream(room: Room) -> None:
    room.call("+447400123456")
    text = json.dumps(next(listen(room, "?after=0")))

    assert "7400123456" not in text
    assert KEY not in text
    assert "~" in text


def test_whoever_comes_back_too_late_is_told_how_much_is_gone() -> None:
    feed = Feed(kept=3)
    for number in range(1, 11):
        feed.note(None, f"event.{number}", None)  # type: ignore[arg-type]

    late, missed = feed.since(2, 10)
    few, none = feed.since(8, 1)

    assert ([change.number for change in late], missed) == ([8, 9, 10], 5)
    assert ([change.number for change in few], none) == ([9], 0)
    assert [change.number for change in feed.since(99, 10)[0]] == [8, 9, 10]


def test_a_misspelt_id_is_refused(room: Room) -> None:
    status, problem = room.refused("GET", "/v1/events?after=x")

    assert (status, problem["findings"]) == (422, ["?after: 'x' is not the id of an event"])


def test_our_own_server_streams_without_a_thread_a_listener() -> None:
    with serving("--clock", "virtual") as served, closing(HTTPConnection("127.0.0.1", served.port)) as one:
        others = [HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE) for _ in range(80)]
        for connection in (*others, one):
            connection.timeout = PATIENCE
            connection.request("GET", "/_simulator/v1/events?after=0", headers=STREAM)
        heads = [connection.getresponse() for connection in others]
        add_call(served)
        with closing(one.getresponse()) as answer:
            lines = islice(iter(answer.readline, b""), 200)
            assert any(b"call.placed" in line for line in lines)
        assert {head.status for head in heads} == {200}
        for head, connection in zip(heads, others, strict=True):
            head.close()
            connection.close()
        assert add_call(served)[0].status == 200
        assert served.end() == 0


def test_nobody_who_left_keeps_a_thread(room: Room) -> None:
    before = active_count()
    answer = room.ask("GET", "/v1/events", headers=STREAM)
    stream = frames(answer.iter_encoded())
    next(stream)
    answer.close()
    room.simulator.worlds.announcer.join()

    assert active_count() == before
