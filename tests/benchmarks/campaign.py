"""Three days of a campaign of 100,000 calls, most of which need several attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, report, seconds
from tests.benchmarks.visitor import SCENARIO, upload_numbers

CALLS = 100_000


def measure() -> Iterator[Figure]:
    """Upload the numbers and advance three days."""
    simulator = Simulator(scenario=SCENARIO)
    upload_numbers(simulator, simulator.worlds.credentials("callo")["campaign_id"], CALLS)
    sandbox = simulator.worlds.sandbox()
    took = seconds(lambda: sandbox.advance(sandbox.world.clock.now + timedelta(days=3)))
    calls = sandbox.world.calls
    attempts, over = sum(len(call.attempts) for call in calls), sum(call.ending is not None for call in calls)
    assert len(calls) == CALLS
    yield Figure("3 days of 100,000 calls", took, 60, "s", f"{attempts:,} attempts, {over:,} calls over")


if __name__ == "__main__":
    report(measure())
