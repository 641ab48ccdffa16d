"""What a served simulator holds in memory after a hundred thousand requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, report
from tests.benchmarks.load import Line, ask, get, post
from tests.benchmarks.visitor import API, KEY, SCENARIO, add_call_form
from tests.serving_process import Served, serving

REQUESTS, CALLS = 100_000, 50_000


def measure() -> Iterator[Figure]:
    """Read a balance again and again, then add calls; Linux alone tells what a process holds."""
    if sys.platform != "linux":
        return
    with serving("--scenario", str(SCENARIO)) as served:
        campaign = served.ready["credentials"]["callo"]["campaign_id"]
        read, line = get(f"{API}/users/balance/?public_key={KEY}"), Line(served.port)
        ask(line, read)
        before = megabytes(served)
        for _ in range(REQUESTS):
            ask(line, read)
        note = f"{before:.0f} MB before them"
        yield Figure(f"memory after {REQUESTS:,} reads", megabytes(served), 120, "MB", note)
        for serial in range(CALLS):
            ask(line, post(f"{API}/phones/call/", add_call_form(campaign, serial)))
        yield Figure(f"memory with {CALLS:,} added calls besides", megabytes(served), 150, "MB")


def megabytes(served: Served) -> float:
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    report(measure())
