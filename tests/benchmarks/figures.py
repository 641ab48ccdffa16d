"""What a benchmark measured, beside what was asked, and how both are told."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured figure; the bound is the most allowed, or with `at_least` the least."""

    name: str
    value: float
    bound: float
    unit: str
    note: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def report(figures: Iterable[Figure]) -> None:
    """Tell figures to the process that started this one."""
    sys.stdout.write(json.dumps(list(figures)))


def table(figures: Iterable[Figure]) -> str:
    return "\n".join(
        f"{figure.name:<50} {figure.value:>10.3f} {figure.unit:<3} {'>=' if figure.at_least else '<='}"
        f" {figure.bound:<7g} {'kept' if figure.kept else 'MISSED':<7} {figure.note}"
        for figure in figures
    )


def seconds(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def median_seconds(act: Callable[[], object], times: int) -> float:
    return median(seconds(act) for _ in range(times))


def peak_gigabytes() -> float:
    """Return the most memory this process ever held (Linux counts it in kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
