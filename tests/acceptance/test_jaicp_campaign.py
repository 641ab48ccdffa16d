"""A campaign of 10,000 numbers lives by plain HTTP, in both editions; how a client asks changes no fate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.serving_process import Served, serving

pytestmark = pytest.mark.thorough

NUMBERS = 10_000
PORTION = 1_000
CANCELLED = 50
AN_HOUR = 3_600.0
EDITIONS = {
    "1.10.3": "123456.789.mBoMyfZLZqKHIPKjFjWYfRw9hgfIV9InFC4bHGVw5ND",
    "current": "8231.7056.1b131df1",
}
REPORTS = {"1.10.3": "getReport", "current": "callJob/getReport"}
SCENARIO = """
sim: 1
title: Two editions of one campaign
seed: 11
clock: {at: 2026-03-02T10:00, zone: UTC}
strangers: listens
accounts:
  former:
    vendors: [jaicp]
    profile: {jaicp: "1.10.3"}
    keys: {jaicp: %s}
    campaigns: [{name: Invitations, type: broadcast, lines: 250, retry: {attempts: 3, after: 5m}}]
  current:
    vendors: [jaicp]
    profile: {jaicp: current}
    keys: {jaicp: %s}
    campaigns: [{name: Invitations, type: broadcast, lines: 250, retry: {attempts: 3, after: 5m}}]
personas:
  listens:
    first: {answered: 60%%, no_answer: 20%%, busy: 15%%, invalid: 5%%}
    ring: 4s..15s
    talk: 20s..60s
    result: Agreed
    notes: {Mood: good}
"""

Row = dict[str, Any]
Reports = dict[str, Row]


class Client:
    """A client with the token of one edition, in a world of its own."""

    def __init__(self, served: Served, edition: str, world: str) -> None:
        self.edition = edition
        self._root = f"http://127.0.0.1:{served.port}/@{world}"
        self._campaign = f"{self._root}/jaicp/api/calls/campaign/{EDITIONS[edition]}"
        control = f"http://127.0.0.1:{served.port}/_simulator/v1/worlds"
        assert requests.post(control, json={"name": world}, timeout=AN_HOUR).status_code == 201

    def post(self, name: str, body: Any = None) -> Any:
        options = {} if body is None else {"json": body}
        answer = requests.post(f"{self._campaign}/{name}", timeout=AN_HOUR, **options)
        assert answer.status_code == 200, answer.text
        assert "X-Simulator-Violations" not in answer.headers
        return answer.json() if answer.content else None

    def add(self, phones: Sequence[int]) -> list[str]:
        added: list[str] = self.post("addPhones", [{"phone": phone} for phone in phones])
        return added

    def report(self, phones: Sequence[int]) -> Reports:
        rows = self.post(REPORTS[self.edition], {"phones": list(phones)})
        return {row["phone"]: row for row in rows}

    def advance(self, minutes: int) -> None:
        path = f"{self._root}/_simulator/v1/clock/advance"
        requests.post(path, json={"by": f"{minutes}m"}, timeout=AN_HOUR).raise_for_status()


def numbers() -> list[int]:
    return [79160000000 + place for place in range(NUMBERS)]


def add_in_turn(client: Client, phones: Sequence[int]) -> None:
    for first in range(0, NUMBERS, PORTION):
        assert len(set(client.add(phones[first : first + PORTION]))) == PORTION


def add_at_once(client: Client, phones: Sequence[int]) -> None:
    """Add the last numbers first, eight portions at a time."""
    portions = [phones[first : first + PORTION] for first in range(0, NUMBERS, PORTION)]
    with ThreadPoolExecutor(8) as threads:
        assert sum(map(len, threads.map(client.add, reversed(portions)))) == NUMBERS


def wait(client: Client, minutes: int) -> None:
    client.advance(minutes)


def wait_and_ask(client: Client, minutes: int) -> None:
    """Ask for reports from four threads before each minute, in ever another order."""
    phones = numbers()
    for minute in range(minutes):
        asked = [phones[(minute * 37 + start) :: 499][::-1] for start in range(4)]
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(client.report, asked))
        client.advance(1)


def live(
    client: Client,
    add: Callable[[Client, Sequence[int]], None] = add_in_turn,
    pass_time: Callable[[Client, int], None] = wait,
) -> Reports:
    """Lead a campaign from its start to its stop, and return the report on every number."""
    phones = numbers()
    if client.edition == "1.10.3":
        client.post("control/start")
    add(client, phones)
    pass_time(client, 10)
    client.post("control/pause")
    pass_time(client, 10)
    client.post("control/resume")
    waiting = client.report(phones[NUMBERS // 2 : NUMBERS // 2 + CANCELLED])
    client.post("callJob/cancel", {"ids": [row["callJobId"] for row in waiting.values()]})
    pass_time(client, 15)
    client.post("control/stop")
    pass_time(client, 5)
    return client.report(phones)


def fate(row: Row) -> tuple[Any, ...]:
    return (
        row["callJobId"],
        row["attemptsCount"],
        row["callDuration"],
        row["reportData"],
        row.get("callResult"),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file: Path = tmp_path_factory.mktemp("jaicp") / "campaign.yaml"
    file.write_text(SCENARIO % (EDITIONS["1.10.3"], EDITIONS["current"]))
    arguments = ("--vendor", "jaicp", "--clock", "virtual", "--scenario", str(file))
    with serving(*arguments) as running:
        yield running


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def quiet(served: Served, edition: str) -> Reports:
    """What became of everybody when nobody asked before the end."""
    return live(Client(served, edition, f"quiet-{edition[0]}"))


def test_a_campaign_lives_from_its_start_to_its_stop(quiet: Reports, edition: str) -> None:
    statuses = Counter(row["jobStatus"] for row in quiet.values())

    assert len({row["callJobId"] for row in quiet.values()}) == NUMBERS
    assert statuses["canceled" if edition == "1.10.3" else "cancelledByUser"] > 0
    assert statuses["longCallWithResult"] > 1_000
    assert statuses["notDone"] > 500
    assert not {"planned", "inProcess", "onRetry"} & statuses.keys()


def test_asking_often_and_in_parallel_changes_nothing(served: Served, quiet: Reports, edition: str) -> None:
    asked = live(Client(served, edition, f"asked-{edition[0]}"), pass_time=wait_and_ask)

    assert asked == quiet


def test_who_is_dialed_ends_alike_in_any_order(served: Served, quiet: Reports, edition: str) -> None:
    crowd = live(Client(served, edition, f"crowd-{edition[0]}"), add=add_at_once)

    ended = ("longCallWithResult", "nonexistentNumber")
    pairs = [(quiet[phone], crowd[phone]) for phone in quiet]
    both = [(a, b) for a, b in pairs if a["jobStatus"] in ended and b["attemptsCount"] >= a["attemptsCount"]]
    assert [fate(a) for a, _ in both] == [fate(b) for _, b in both]
    assert len(both) > 500
    assert {a["callJobId"] for a, _ in pairs} == {b["callJobId"] for _, b in pairs}
