"""A million numbers in one upload, and pages through them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, median_seconds, peak_gigabytes, report, seconds
from tests.benchmarks.visitor import API, KEY, SCENARIO, upload_numbers, visit

NUMBERS = 1_000_000
PAGES = 9


def measure() -> Iterator[Figure]:
    """Import until every call exists, then read the first page and the last."""
    simulator = Simulator(scenario=SCENARIO)
    campaign = simulator.credentials("callo")["campaign_id"]
    stage = simulator.stage()

    def bring_in() -> None:
        upload_numbers(simulator, campaign, NUMBERS)
        while len(stage.world.calls) < NUMBERS:
            stage.advance(stage.world.clock.now + timedelta(minutes=1))

    yield Figure("import of 1,000,000 numbers", seconds(bring_in), 30, "s", "upload and all calls there")
    yield Figure("its peak memory", peak_gigabytes(), 1.2, "GB", "with the upload's own bytes")

    def page(number: int) -> int:
        query = f"public_key={KEY}&campaign_id={campaign}&page={number}"
        return len(json.loads(visit(simulator, "GET", f"{API}/phones/all_calls/", query)))

    assert (page(1), page(1000), page(1001)) == (1000, 1000, 0)
    first = median_seconds(partial(page, 1), PAGES)
    last = median_seconds(partial(page, 1000), PAGES)
    note = f"{first * 1e3:.0f} ms and {last * 1e3:.0f} ms"
    yield Figure("all_calls page 1000 : page 1", max(first, last) / min(first, last), 1.5, "x", note)


if __name__ == "__main__":
    report(measure())
