"""A million numbers in one upload, and pages through them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, peak_gigabytes, report, seconds
from tests.benchmarks.visitor import API, KEY, SCENARIO, upload_numbers, visit

NUMBERS = 1_000_000
ROUNDS = 15


def measure() -> Iterator[Figure]:
    """Import until every call exists, then read the first page and the last."""
    simulator = Simulator(scenario=SCENARIO)
    campaign = simulator.worlds.credentials("callo")["campaign_id"]
    sandbox = simulator.worlds.sandbox()

    def bring_in() -> None:
        upload_numbers(simulator, campaign, NUMBERS)
        while len(sandbox.world.calls) < NUMBERS:
            sandbox.advance(sandbox.world.clock.now + timedelta(minutes=1))

    yield Figure("import of 1,000,000 numbers", seconds(bring_in), 30, "s", "upload and all calls there")
    yield Figure("its peak memory", peak_gigabytes(), 1.2, "GB", "with the upload's own bytes")

    def page(number: int) -> int:
        query = f"public_key={KEY}&campaign_id={campaign}&page={number}"
        return len(json.loads(visit(simulator, "GET", f"{API}/phones/all_calls/", query)))

    assert (page(1), page(1000), page(1001)) == (1000, 1000, 0)
    yield _compare("all_calls page 900 : page 1, both waiting", partial(page, 900), partial(page, 1))
    yield _compare("all_calls page 1000, dialed : page 1", partial(page, 1000), partial(page, 1))


def _compare(name: str, deep: Callable[[], object], first: Callable[[], object]) -> Figure:
    """Compare two pages in turns; one of calls that were dialed tells half as much again."""
    rounds = [(seconds(deep), seconds(first)) for _ in range(ROUNDS)]
    took = [median(column) * 1e3 for column in zip(*rounds, strict=True)]
    ratio = median(late / early for late, early in rounds)
    return Figure(name, max(ratio, 1 / ratio), 1.5, "x", f"{took[0]:.0f} ms against {took[1]:.0f} ms")


if __name__ == "__main__":
    report(measure())
