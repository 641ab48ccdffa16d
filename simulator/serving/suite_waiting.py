"""A suite that waits for resident clients: they come for their cases, and when all are done it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event

import msgspec

from simulator.engine.real_time import host_seconds
from simulator.reports.evidence import CaseEvidence
from simulator.serving.check_command import running
from simulator.serving.run_files import Run
from simulator.serving.sockets import Ports
from simulator.suites.loop import SuiteLoop
from simulator.suites.runs import SuiteRun

LOOK_SECONDS = 0.1
NEXT = "/_simulator/v1/suite/next"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """For whom is waited, at which port, and how many seconds of silence end it.

    Without `agents` it is the first who comes.
    """

    agents: tuple[str, ...] = ()
    port: int = 0
    patience: float = 60.0


def wait_for_clients(
    run: SuiteRun,
    waiting: Waiting,
    on_ready: Callable[[str], None],
    on_case: Callable[[str, CaseEvidence], None],
) -> list[Run]:
    """Serve the cases of a run until all agents have done them or keep silent; return the run of each.

    `on_ready` is called with the address of `next`. Whoever never came has evidence without any case, and
    what was never asked for is missing in it.
    """
    with running(run.settings, Ports(main=waiting.port)) as place:
        loop = place.simulator.control.suites
        loop.plan, loop.on_case = run, on_case
        on_ready(f"{place.root}{NEXT}")
        _wait(loop, waiting)
        for name in waiting.agents:
            loop.enter(name, lambda: run)
        agents = map(loop.agent, loop)
        return [(loop.evidence(agent), agent.run.record.worlds) for agent in agents]


def _wait(loop: SuiteLoop, waiting: Waiting) -> None:
    begun, never = host_seconds(), Event()
    while not _is_over(loop, waiting.agents):
        loop.sweep()
        if host_seconds() - _last_word(loop, begun) > waiting.patience:
            return
        never.wait(LOOK_SECONDS)


def _is_over(loop: SuiteLoop, names: Sequence[str]) -> bool:
    there = [*loop]
    return bool(there) and {*names} <= {*there} and all(loop.agent(name).is_over for name in there)


def _last_word(loop: SuiteLoop, begun: float) -> float:
    return max([begun, *(loop.agent(name).asked for name in loop)])
