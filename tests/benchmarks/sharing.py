"""The processor time of a request where worlds are kept, and where several simulators share them.

Simulators in one process, so that its processor time is that of all; Redis' own is not in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from simulator import Simulator
from simulator.testing.transports import ask
from tests.benchmarks.figures import Figure, report
from tests.benchmarks.visitor import API, SCENARIO, add_call_form
from tests.state.redis_server import redis_server
from tests.state.team import team

WORLDS, REQUESTS = 30, 1_500
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
REPLAYED = 100_000


def measure() -> Iterator[Figure]:
    """Add calls in memory, with a file, and with one to three replicas, routed by world and in turn."""
    with TemporaryDirectory() as folder, redis_server() as redis:
        files = Path(folder)
        memory = figure("in memory, one world", None, worlds=1)
        yield memory
        for name, place, full in (
            ("with a file, one world", files / "one.sqlite", False),
            ("with a file synced, one world", files / "full.sqlite", True),
            ("with a Redis, one world", redis.url, False),
        ):
            kept = figure(name, place, worlds=1, state_full=full)
            yield kept._replace(note=f"{kept.value / memory.value:.2f} times what memory takes")
        for count in (1, 2, 3):
            for routed in (True, False):
                redis.client.flushall()
                how = "routed by world" if routed else "in turn"
                yield figure(f"{count} sharing {WORLDS} worlds, {how}", redis.url, count, routed=routed)
        yield from behind_nginx()
        yield from replay(files / "long.sqlite", memory)


def figure(
    name: str, place: str | Path | None, count: int = 1, *, routed: bool = True, **more: Any
) -> Figure:
    """Measure one arrangement: each world at a replica of its own, or each request at the next one."""
    worlds = more.pop("worlds", WORLDS)
    given = {"state": place} if place is not None else {"keeps_inputs": False}
    with ExitStack() as stack:
        replicas = []
        for _ in range(count):
            one = Simulator(scenario=SCENARIO, clock="virtual", background=True, **given, **more)
            replicas.append(one)
            stack.callback(replicas[-1].close)
        for number in range(worlds):
            replicas[0].worlds.open(f"w{number}")
        campaign, begun = replicas[0].worlds.credentials("callo")["campaign_id"], 0.0
        for serial in range(-2 * worlds, REQUESTS):
            if serial == 0:
                begun = process_time()
            number, turn = serial % worlds, serial // worlds
            one = replicas[(number if routed else number + turn) % count]
            add(one, f"w{number}", campaign, serial + 2 * worlds)
        spent = (process_time() - begun) / REQUESTS * 1e6
    return Figure(name, spent, 5_000, "us")


def behind_nginx() -> Iterator[Figure]:
    """Ask three processes through nginx, by the rule that is printed and without; Linux tells their time."""
    names = [f"w{number}" for number in range(WORLDS)]
    for routed in (True, False) if which("nginx") and sys.platform == "linux" else ():
        with team(routed=routed) as servers:
            servers.clients(names, 3)
            before = sum(one.processor_seconds for one in servers.replicas)
            servers.clients(names, REQUESTS // WORLDS)
            spent = sum(one.processor_seconds for one in servers.replicas) - before
        how = "by its rule" if routed else "in turn"
        yield Figure(f"3 processes behind nginx, {how}", spent / REQUESTS * 1e6, 6_000, "us")


def add(one: Simulator, world: str, campaign: str, serial: int) -> None:
    url = f"http://localhost/@{world}{API}/phones/call/"
    answer = ask(one, "POST", url, FORM, add_call_form(campaign, serial))
    assert answer.status == 200, answer.body


def replay(path: Path, memory: Figure) -> Iterator[Figure]:
    """Make a world again of its file: how long a hundred thousand inputs take, and one beside a request."""
    settings: dict[str, Any] = {"scenario": SCENARIO, "clock": "virtual", "background": True, "state": path}
    one = Simulator(**settings)
    campaign = one.worlds.credentials("callo")["campaign_id"]
    for serial in range(REPLAYED):
        add(one, "main", campaign, serial)
    one.close()
    begun = process_time()
    Simulator(**settings).close()
    seconds = process_time() - begun
    yield Figure(f"{REPLAYED:,} inputs made again", seconds, 10, "s")
    beside = seconds / REPLAYED * 1e6 / memory.value
    yield Figure("an input made again, to a request in memory", beside, 0.5, "x")


if __name__ == "__main__":
    report(measure())
