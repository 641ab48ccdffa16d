"""The simulators that serve the worlds of cases, one a vendor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from simulator.serving.check_command import running
from simulator.serving.running import Running
from simulator.suites.runs import SuiteRun


@contextmanager
def case_servers() -> Iterator[Callable[[SuiteRun], Running]]:
    """Yield what gives the simulator for a run's cases: it starts when first asked for, and ends here."""
    servers: dict[str, Running] = {}
    with ExitStack() as started:

        def server_of(run: SuiteRun) -> Running:
            vendor = run.suite.vendor
            if vendor not in servers:
                servers[vendor] = started.enter_context(running(run.settings))
            return servers[vendor]

        yield server_of
