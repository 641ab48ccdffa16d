"""Every recorded exchange, asked again of the simulator: keys, their order, types and nulls are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from simulator.exchange import Answer
from simulator.telephony.ivr import Choice, Menu, Script
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.world import Rules
from tests.contracts.recorded import read_recordings, recorded_body, recorded_request
from tests.vendors.jaicp.desk import OTHER, PHONE, TOKEN, Desk, always, open_desk, read

ANSWERED, BUSY = Disposition.ANSWERED, Disposition.BUSY
IDS = ("5665334669", "5665334671")
"""The jobs of the recordings: to PHONE and to OTHER."""

DAYS = (("2023-08-28", "2026-03-02"), ("2023-08-29", "2026-03-03"))
"""The days of the recordings, and those of the desk."""

Prepare = Callable[[Desk], list[str]]
CHOICE = Choice(label="Agreed", action="order", detail={"to": "shop"}, notes={"Mood": "good"})


def added(desk: Desk) -> list[str]:
    read(desk.post("control/pause"))
    return desk.add(PHONE, OTHER)


def one_over(desk: Desk) -> list[str]:
    (first,) = desk.add(PHONE)
    desk.advance(hours=1)
    read(desk.post("control/pause"))
    return [first, *desk.add(OTHER)]


def one_cancelled(desk: Desk) -> list[str]:
    jobs = one_over(desk)
    read(desk.post("callJob/cancel", {"ids": jobs[1:]}))
    return jobs


def tried_twice(desk: Desk) -> list[str]:
    desk.campaign.script = Script(menu=Menu(choices={"1": CHOICE}))
    return one_over(desk)


def under_way(desk: Desk) -> list[str]:
    jobs = one_over(desk)
    read(desk.post("control/resume"))
    desk.advance(seconds=2)
    return jobs


def by_crm(desk: Desk) -> list[str]:
    return [read(desk.crm("POST", phone=PHONE, gmtZone="+3", name="Anna"))]


def moved(*actions: str) -> Prepare:
    def prepare(desk: Desk) -> list[str]:
        for action in actions:
            read(desk.post(f"control/{action}"))
        return []

    return prepare


STATES: Mapping[str, Prepare] = {
    "The campaign was stopped": moved("stop"),
    "Two attempts of one job": tried_twice,
    "The first page of a day's attempts": tried_twice,
    "A job just added": added,
    "Jobs by phone and by id, one done and one cancelled, in the current words": one_cancelled,
    "Jobs by phone and by id, one done and one cancelled": one_cancelled,
    "The first page of a day's jobs": one_over,
    "The first page of the jobs that are not over": one_over,
    "A campaign that dials": under_way,
    "One job is cancelled": added,
    "What is over already is passed by": one_over,
    "The same within 24 hours": by_crm,
    "A stopped campaign cannot be paused": moved("stop"),
    "A paused campaign goes on": moved("pause"),
    "A campaign that dials cannot be started": moved("start"),
    "A stopped campaign cannot be stopped": moved("stop"),
}


@pytest.mark.parametrize("recording", read_recordings("jaicp"), ids=lambda item: item["title"])
def test_the_simulator_answers_as_it_is_recorded(recording: dict[str, Any]) -> None:
    tries = (BUSY, ANSWERED) if recording["operation"].startswith("call_attempt") else (ANSWERED,)
    person = {"talk": seconds(42), "conclusion": "Agreed", "notes": {"Mood": "good"}, "presses": ("1",)}
    desk = open_desk(always(*tries, **person))
    jobs = STATES.get(recording["title"], moved())(desk)

    live, sample = asked_again(desk, recording, jobs), recording["answer"]

    assert live.status == sample["status"], live.body
    assert shape_of(parsed(live.body)) == shape_of(parsed(recorded_body(sample)))
    assert live.content_type == sample["headers"].get("Content-Type", "")


def asked_again(desk: Desk, recording: dict[str, Any], jobs: list[str]) -> Answer:
    """Send a recorded request to a desk, with its token, its days and the ids of its jobs."""
    request = recorded_request(recording["request"])
    steps = request.path.split("/")
    steps[4] = TOKEN if "unknown" not in steps[4] else steps[4]
    desk.world.rules, body = Rules(), request.body.decode()
    for known, own in [*zip(IDS, jobs, strict=False), *DAYS]:
        body = body.replace(known, own)
    return desk.ask(request.method, "/".join(steps), request.query, body.encode(), request.content_type)


def parsed(body: bytes) -> Any:
    return json.loads(body) if body else None


def shape_of(value: Any) -> Any:
    """Return keys in their order, types, and which values are null; of free texts and maps only the type."""
    if isinstance(value, dict):
        return [(name, shape_of(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [shape_of(inner) for inner in value]
    return type(value).__name__
