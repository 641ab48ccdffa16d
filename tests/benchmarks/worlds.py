"""How long it takes to begin a world again and to put it back, and what thousands of them hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from simulator import Simulator
from simulator.engine.real_time import host_seconds
from simulator.engine.snapshots import take_snapshot
from simulator.engine.worlds import Worlds
from tests.acceptance.stage_hands import Stranger, numbers
from tests.benchmarks.figures import Figure, report

WORLDS, CALLS, TIMES = 3_000, 200, 200


def measure() -> Iterator[Figure]:
    """Reset a world in which calls were made, put it back, fork it; then open many beside it."""
    with closing(Simulator()) as simulator:
        worlds, stranger = simulator.worlds, Stranger(simulator)
        scenario = stranger.sandbox.scenario
        for phone in numbers(CALLS):
            stranger.call(phone)
        stranger.advance(hours=1)
        snapshot = take_snapshot(stranger.sandbox)
        yield Figure("reset", milliseconds(lambda: worlds.open("main", scenario)), 5, "ms")
        count = len(snapshot.inputs)
        yield Figure(
            f"restore {count} inputs", milliseconds(lambda: worlds.open("main", snapshot), 5), 500, "ms"
        )
        before = resident()
        for number in range(WORLDS):
            other = worlds.open(f"w{number}", scenario)
        if before:
            yield Figure(f"{WORLDS} open worlds hold", resident() - before, 512, "MB")
        yield Figure("a round over them", milliseconds(lambda: drive(worlds), 20), 50, "ms")
        assert other.world.name in [sandbox.world.name for sandbox in worlds]


def drive(worlds: Worlds) -> None:
    for sandbox in worlds:
        sandbox.drive()


def milliseconds(act: Callable[[], object], times: int = TIMES) -> float:
    lengths = []
    for _ in range(times):
        begun = host_seconds()
        act()
        lengths.append((host_seconds() - begun) * 1_000)
    return median(lengths)


def resident() -> float:
    """Return how many megabytes this process holds; only Linux tells."""
    if sys.platform != "linux":
        return 0.0
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    report(measure())
