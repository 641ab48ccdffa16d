"""Worlds and scenarios: opened, replaced whole or not at all, reset, closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE, KEY, SCENARIO, Room, open_room

BROKEN = SCENARIO.replace("seed: 7", "speed: 7")


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def put(room: Room, yaml: str) -> Any:
    return room.http.put("/_simulator/v1/scenario", data=yaml.encode(), content_type="application/yaml")


def titled(title: str) -> str:
    return SCENARIO.replace("One clinic", title)


def test_health_says_that_nothing_survives_a_restart(room: Room) -> None:
    health = room.get("/v1/health")

    assert (health["status"], health["worlds"], health["survives_restart"]) == ("ok", 1, False)
    assert health["vendors"] == ["callo"]


def test_a_reset_world_begins_again(room: Room) -> None:
    fresh = room.state
    room.call()
    room.do("POST", "/v1/clock/advance", {"by": "1h"})

    assert room.do("POST", "/v1/reset")["calls"] == 0
    assert room.state == fresh


def test_the_scenario_is_shown_without_its_keys(room: Room) -> None:
    shown = room.get("/v1/scenario")

    assert shown["scenario"]["accounts"]["clinic"]["key"] == "***"
    assert shown["scenario"]["title"] == "One clinic"
    assert "happy" in shown["shipped"]
    assert KEY not in str(shown)


def test_a_scenario_is_replaced_by_text_or_by_name(room: Room) -> None:
    by_text = put(room, titled("Two clinics"))
    by_name = room.do("PUT", "/v1/scenario", {"name": "flaky"})

    assert (by_text.status_code, by_text.json["title"]) == (200, "Two clinics")
    assert by_name["title"] == room.get("/v1/scenario")["scenario"]["title"]


def test_a_broken_scenario_keeps_the_old_world_and_names_every_line(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.call()
    before = room.state
    answer = put(room, BROKEN)

    assert answer.status_code == 422
    assert answer.json["findings"][0].startswith("body.yaml:4:1: unknown word 'speed'; did you mean 'seed'?")
    assert room.state == before
    assert "unknown word 'speed'" in caplog.text


@pytest.mark.parametrize(
    ("yaml", "status"), [("", 422), ("sim: 1\n", 200), ("a: &x [*x]", 422), ("[" * 50_000, 422), ("\0", 422)]
)
def test_any_text_is_a_scenario_or_findings(room: Room, yaml: str, status: int) -> None:
    assert put(room, yaml).status_code == status


@pytest.mark.parametrize("name", ["flakey", "../happy", "/etc/passwd", "happy.yaml", "/srv/x.yaml", ""])
def test_a_name_never_leads_to_a_file_that_does_not_ship(room: Room, name: str) -> None:
    status, problem = room.refused("PUT", "/v1/scenario", {"name": name})

    assert status == 422
    assert problem["findings"] == [f"#/name: unknown scenario {name!r}"]


def test_every_answer_belongs_to_the_old_world_or_to_the_new_one(room: Room) -> None:
    seen: Counter[tuple[int, str]] = Counter()
    room.get("/v1/health")

    def look(_: int) -> tuple[int, str]:
        answer = room.ask("GET", "/v1/scenario")
        return answer.status_code, (answer.json or {})["scenario"]["title"]

    def replace(nth: int) -> int:
        return int(put(room, BROKEN if nth % 2 else titled(f"clinic {nth}")).status_code)

    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(look, nth) for nth in range(100)]
        calls = [pool.submit(room.call, f"+447700900{nth:03}") for nth in range(20)]
        statuses = [replace(nth) for nth in range(40)]
        seen.update(future.result() for future in looks)

    assert statuses == [200, 422] * 20
    assert {status for status, _ in seen} == {200}
    assert {title for _, title in seen} <= {"One clinic", *(f"clinic {nth}" for nth in range(0, 40, 2))}
    assert {future.result().status_code for future in calls} == {200}


def test_worlds_are_opened_chosen_and_closed(room: Room) -> None:
    created = room.ask("POST", "/v1/worlds", {"name": "mine", "scenario": "flaky"})
    room.do("POST", "/v1/clock/advance?world=mine", {"by": "1d"})
    prefixed: Any = room.http.get("/@mine/_simulator/v1/clock").json

    assert (created.status_code, (created.json or {})["name"]) == (201, "mine")
    assert prefixed["now"] == "2026-03-03T10:00:00+00:00"
    assert room.get("/v1/clock")["now"] == "2026-03-02T10:00:00+00:00"
    assert [world["name"] for world in room.get("/v1/worlds")["worlds"]] == ["main", "mine"]
    assert room.ask("DELETE", "/v1/worlds/mine").status_code == 204
    assert room.refused("GET", "/v1/clock?world=mine")[0] == 404


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("POST", "/v1/worlds", {"name": "main"}, 409),
        ("POST", "/v1/worlds", {"name": "Not A Host"}, 422),
        ("POST", "/v1/worlds", {"name": "x", "scenario": "none"}, 422),
        ("POST", "/v1/worlds", {}, 422),
        ("DELETE", "/v1/worlds/main", None, 409),
        ("DELETE", "/v1/worlds/none", None, 404),
        ("POST", "/v1/reset?world=none", None, 404),
        ("POST", "/v1/reset", {"hard": True}, 422),
        ("POST", "/v1/reset?wrold=main", None, 422),
    ],
)
def test_what_cannot_be_done_to_a_world_is_refused(
    room: Room, verb: str, path: str, body: Any, status: int
) -> None:
    before = room.state

    assert room.refused(verb, path, body)[0] == status
    assert room.state == before


def test_a_world_made_later_does_not_share_its_calls(room: Room) -> None:
    room.do("POST", "/v1/worlds", {"name": "mine"})
    room.call(ANSWERS_AND_PRESSES_ONE)

    assert room.get("/v1/calls")["total"] == 1
    assert room.get("/v1/calls?world=mine")["total"] == 0


def test_a_world_is_put_back_to_a_snapshot_and_forked_at_an_instant(room: Room) -> None:
    room.call()
    before = room.state
    kept = room.do("POST", "/v1/snapshots", {"name": "asked"})
    room.do("POST", "/v1/clock/advance", {"by": "1h"})
    room.call()
    later = room.state

    other = room.do("POST", "/v1/fork", {"name": "other", "at": "2026-03-02T10:30"})
    again = room.do("POST", "/v1/fork", {"name": "again", "snapshot": "asked"})
    assert (other["now"], other["calls"], again["calls"]) == ("2026-03-02T10:30:00+00:00", 1, 1)
    assert list(other["credentials"]) == ["callo"]
    for name in ("other", "again"):
        room.do("DELETE", f"/v1/worlds/{name}")
    assert room.state == later

    restored = room.do("POST", "/v1/restore", {"snapshot": "asked"})
    assert (restored["now"], restored["calls"]) == (kept["at"], 1)
    assert room.state == before
    assert [one["name"] for one in room.get("/v1/snapshots")["snapshots"]] == ["asked"]
    room.do("DELETE", "/v1/snapshots/asked")
    assert room.get("/v1/snapshots") == {"snapshots": []}


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("/v1/restore", {"snapshot": "nothing"}, 422, "unknown snapshot 'nothing'"),
        ("/v1/snapshots", {"name": "a", "at": "noon"}, 422, "#/at: 'noon' is no instant; write"),
        ("/v1/snapshots", {"name": ""}, 422, "#/name: it has 1 to 80 letters"),
        ("/v1/snapshots", {"name": "../x"}, 422, "no slash"),
        ("/v1/snapshots", {"name": "a" * 81}, 422, "1 to 80 letters"),
        ("/v1/snapshots", {"name": "a", "token": "x"}, 422, "#/token: unknown; known: name, at"),
        ("/v1/accounts/callo/top-up", {"amount": "5", "credential": "zz"}, 422, "malformed credential"),
        ("/v1/snapshots", {"name": "a", "at": "2027-01-01"}, 409, "has not come yet"),
        ("/v1/fork", {"name": "main"}, 409, "is open"),
        ("/v1/fork", {"name": "B"}, 422, "cannot stand in a host name"),
    ],
)
def test_what_never_was_cannot_be_had_again(
    room: Room, path: str, body: Any, status: int, detail: str
) -> None:
    code, problem = room.refused("POST", path, body)

    assert (code, detail in problem["detail"]) == (status, True)
