"""A million numbers in one upload, and pages through them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from statistics import median
from urllib.parse import urlencode

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

    def page(number: int, **filters: str) -> int:
        query = urlencode({"public_key": KEY, "campaign_id": campaign, "page": number, **filters})
        return len(json.loads(visit(simulator, "GET", f"{API}/phones/all_calls/", query)))

    assert (page(1), page(1000), page(1001)) == (1000, 1000, 0)
    yield _compare("all_calls page 900 : page 1, both waiting", partial(page, 900), partial(page, 1))
    calls = sandbox.world.calls
    instant = next(iter(calls)).created.replace(microsecond=0) + timedelta(seconds=1)
    early = sum(call.created <= instant for call in islice(calls, NUMBERS // 10)) // 1000
    near = partial(page, early, to_created_date=f"{instant:%F %T}")
    yield _compare(
        f"all_calls page 1000 : page {early} of the earliest, both dialed", partial(page, 1000), near
    )


def _compare(name: str, deep: Callable[[], object], first: Callable[[], object]) -> Figure:
    """Compare two pages in turns, of calls of one kind: one that was dialed tells much more of itself."""
    rounds = [(seconds(deep), seconds(first)) for _ in range(ROUNDS)]
    took = [median(column) * 1e3 for column in zip(*rounds, strict=True)]
    ratio = median(late / early for late, early in rounds)
    return Figure(name, max(ratio, 1 / ratio), 1.5, "x", f"{took[0]:.0f} ms against {took[1]:.0f} ms")


if __name__ == "__main__":
    report(measure())
