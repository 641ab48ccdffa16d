"""How long our own client takes for each vendor's suite, and for the longest of its cases."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.resources import suite_documents
from tests.benchmarks.figures import Figure, report
from tests.suites.driving import run_client

JOBS = 2


def measure() -> Iterator[Figure]:
    """Run every case of every vendor, as many at once as a small machine has processors."""
    for vendor in suite_documents():
        evidence = run_client(vendor, jobs=JOBS)
        longest = max(evidence.cases, key=lambda case: case.seconds)
        count = len(evidence.cases)
        yield Figure(f"suite of {vendor}", evidence.seconds, 60, "s", f"{count} cases, {JOBS} at once")
        yield Figure(f"longest case of {vendor}", longest.seconds, 5, "s", longest.id)


if __name__ == "__main__":
    report(measure())
