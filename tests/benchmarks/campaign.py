"""Three days of campaigns of 500 and of 100,000 calls, most of which need several attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, report, seconds
from tests.benchmarks.visitor import SCENARIO, upload_numbers

DAYS = timedelta(days=3)
SIZES = {500: 2, 100_000: 60}
"""Seconds that so many numbers may take."""


def measure() -> Iterator[Figure]:
    """Upload the numbers and advance three days."""
    for count, limit in SIZES.items():
        simulator = Simulator(scenario=SCENARIO)
        upload_numbers(simulator, simulator.worlds.credentials("callo")["campaign_id"], count)
        sandbox = simulator.worlds.sandbox()
        took = seconds(lambda: sandbox.advance(sandbox.world.clock.now + DAYS))  # noqa: B023 - called at once
        calls = sandbox.world.calls
        attempts = sum(len(call.attempts) for call in calls)
        over = sum(call.ending is not None for call in calls)
        assert len(calls) == count
        yield Figure(
            f"3 days of {count:,} calls", took, limit, "s", f"{attempts:,} attempts, {over:,} calls over"
        )


if __name__ == "__main__":
    report(measure())
