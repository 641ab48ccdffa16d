"""How long it takes to import the package, and to be ready to answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.figures import Figure, median_seconds, report
from tests.serving_process import serving

TIMES = 9


def measure() -> Iterator[Figure]:
    """Start fresh processes; all modules are compiled already, as an installer leaves them."""
    with TemporaryDirectory() as compiled:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        _become_ready()
        yield from _figures()


def _figures() -> Iterator[Figure]:
    nothing = median_seconds(lambda: _python("pass"), TIMES)
    package = median_seconds(lambda: _python("import simulator"), TIMES)
    application = median_seconds(lambda: _python("from simulator import Simulator"), TIMES)
    ready = median(_become_ready() for _ in range(TIMES))
    note = f"a bare interpreter {nothing:.3f} s, with the application {application:.3f} s"
    yield Figure("import simulator", package, 0.25, "s", note)
    yield Figure("serve until ready", ready, 0.35, "s", "interpreter and scenario happy included")


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def _become_ready() -> float:
    """Return the seconds until a server says that it answers."""
    begun = perf_counter()
    with serving():
        return perf_counter() - begun


if __name__ == "__main__":
    report(measure())
