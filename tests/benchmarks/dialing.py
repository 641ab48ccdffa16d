"""How long a client waits while ten thousand calls are being dialed on the real clock, on one connection."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.benchmarks.figures import Figure, report
from tests.benchmarks.load import Line, ask, get, post
from tests.benchmarks.visitor import API, KEY, numbers_form
from tests.serving_process import serving

CALLS = 10_000
SECONDS = 25.0
"""The calls appear within the first 13, and most are tried again."""
SETTLED_SECONDS = 3.0
"""After the start, when all contracts are read."""


def measure() -> Iterator[Figure]:
    """Read a balance again and again; by the clock, and by what the server worked meanwhile."""
    scenario = Path(__file__).with_name("dialing.yaml")
    with serving("--scenario", str(scenario)) as served:
        kind, body = numbers_form(served.ready["credentials"]["callo"]["campaign_id"], CALLS)
        upload = post(f"{API}/phones/append/calls/", body, kind)
        read = get(f"{API}/users/balance/?public_key={KEY}")
        gc.disable()  # ours must not look like a pause of the server
        line = Line(served.port)
        waited(line, read, SETTLED_SECONDS, served.process.pid)
        ask(line, upload)
        took, worked = waited(line, read, SECONDS, served.process.pid)
    name = f"read while {CALLS:,} calls are dialed"
    note = f"{len(took) / SECONDS:.0f} reads a second, median {share(took, 0.5):.2f} ms; {busy(worked, 0.99)}"
    yield Figure(f"{name}, p99", share(took, 0.99), 5, "ms", note)
    yield Figure(f"{name}, longest", took[-1], 50, "ms", busy(worked, 1))


def waited(line: Line, request: bytes, seconds: float, process: int) -> tuple[list[float], list[float]]:
    """Ask for so long; return the milliseconds that each answer took, and those the server worked, sorted."""
    took, worked, end = [], [], perf_counter() + seconds
    while (begun := perf_counter()) < end:
        before = processor_seconds(process)
        ask(line, request)
        worked.append((processor_seconds(process) - before) * 1e3)
        took.append((perf_counter() - begun) * 1e3)
    return sorted(took), sorted(worked)


def processor_seconds(process: int) -> float:
    """Return what a process has worked so far; 0 where only Linux could tell."""
    return time.clock_gettime((~process << 3) | 2) if sys.platform == "linux" else 0.0


def share(times: list[float], part: float) -> float:
    return times[min(int(len(times) * part), len(times) - 1)]


def busy(times: list[float], part: float) -> str:
    return f"the server worked {share(times, part):.1f} ms of it" if times[-1] else ""


if __name__ == "__main__":
    report(measure())
