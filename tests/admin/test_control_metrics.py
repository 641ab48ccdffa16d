"""What a monitor reads: figures in the text format of Prometheus, and whether we are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.admin.control_room import Room, open_room

TOKEN = "correct horse battery"
LINE = re.compile(r'simulator_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+')


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def metrics(room: Room) -> list[str]:
    answer = room.http.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text.splitlines()


def test_traffic_is_counted_by_what_it_was_and_how_it_ended(room: Room) -> None:
    room.call()
    room.call("12")
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    lines = metrics(room)

    added = 'world="main",vendor="callo",operation="add_call"'
    assert f'simulator_requests_total{{{added},status="200"}} 1' in lines
    assert f'simulator_requests_total{{{added},status="400"}} 1' in lines
    assert f"simulator_refusals_total{{{added}}} 1" in lines
    assert 'simulator_callbacks{world="main",vendor="callo",state="delivered"} 1' in lines
    assert "simulator_request_seconds_count 2" in lines
    assert any(line.startswith(f"simulator_findings{{{added},code=") for line in lines)


def test_every_line_can_be_read_by_a_monitor(room: Room) -> None:
    room.call()
    lines = metrics(room)

    assert [line for line in lines if not line.startswith("#") and not LINE.fullmatch(line)] == []
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} >= {
        "simulator_worlds", "simulator_due", "simulator_bugs_total", "simulator_request_seconds",
    }  # fmt: skip


@pytest.mark.parametrize("probe", ["/livez", "/readyz", "/_simulator/livez", "/_simulator/readyz"])
def test_a_probe_is_answered_under_any_name_and_without_a_token(probe: str) -> None:
    for room in open_room(admin_token=TOKEN):
        answer = room.http.get(probe, headers={"Host": "10.1.2.3:8070"})

        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert room.http.get("/metrics").status_code == 401
