"""A client is certified: given its tasks, here or by itself over HTTP, each in a world."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import msgspec

from simulator.checking.receiver_ports import is_listening, receiver_port
from simulator.checking.run_files import Run
from simulator.checking.task_commands import TaskCommands, fill_words, run_command
from simulator.engine.real_time import host_now, host_seconds
from simulator.engine.verification import run_steps
from simulator.engine.worlds import Worlds
from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.serving.running import Running, running
from simulator.serving.sockets import Ports
from simulator.serving.variables import NamedValue, variables_of, with_named_values
from simulator.suites.cases import Case, Suite
from simulator.suites.conclusions import read_conclusion
from simulator.suites.judging import Turn, judge_case, not_supported
from simulator.suites.loop import SuiteLoop
from simulator.suites.runs import SuiteRun, run_evidence
from simulator.suites.worlds import NOWHERE, CaseWorld

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


TURN_SECONDS = 10.0
Driver = Callable[[CaseWorld, Path], Turn]
"""Lets a client take its turn in a world; the folder is where it may keep something."""


def run_suite(
    run: SuiteRun, drive: Driver, on_case: Callable[[CaseEvidence], None] = lambda _case: None
) -> Evidence:
    """Run the cases, tell of each when it is over, and return the evidence, cases in their order.

    Raises what `drive` does.
    """
    begun, started = host_seconds(), host_now()
    results = []
    with running(run.settings) as place, ThreadPoolExecutor(run.jobs) as pool:
        for result in pool.map(lambda case: take_turn(run, place, case, drive), run.cases):
            on_case(result)
            results.append(result)
        seed = place.simulator.worlds.sandbox().world.random.seed
    return run_evidence(run, results, started, begun, seed)


def take_turn(run: SuiteRun, place: Running, case: Case, drive: Driver) -> CaseEvidence:
    """Open a case's world, let the client do its task there, and judge what came of it."""
    worlds: Worlds = place.simulator.worlds
    with (
        tempfile.TemporaryDirectory(prefix="simulator-case-") as folder,
        _receiver(run.suite, case) as address,
    ):
        world = CaseWorld(worlds, run.suite, case, place.root, address)
        try:
            turn = drive(world, Path(folder))
            run_steps(world.sandbox)
            run.record.keep(world.sandbox, run.settings.clock, case.id)
        finally:
            world.close()
        return judge_case(world, turn, run)


class CommandDriver(msgspec.Struct, frozen=True):
    """Lets commands take a client's turns, each at most so many seconds."""

    commands: TaskCommands
    seconds: float = TURN_SECONDS
    named_values: tuple[NamedValue, ...] = ()

    def __call__(self, world: CaseWorld, folder: Path) -> Turn:
        """Run the command of a case's task, twice where the case asks for it."""
        case = world.case
        words = self.commands.command_of(case.task.name)
        if words is None:
            return not_supported(f"no --task for `{case.task.name}`")
        task = world.suite.task_of(case)
        variables = with_named_values(environment_of(world), self.named_values) | {
            "SIMULATOR_STATE": str(folder)
        }
        command = fill_words(words, case.task.name, world.arguments, {**world.names, "state": folder})
        ended = run_command(command, variables, task, self.seconds, world.is_quiet)
        if case.twice and not ended.mistake:
            ended = run_command(command, variables, task, self.seconds, quiet_again(world))
        return Turn(
            conclusion=read_conclusion(task, ended.printed, ended.code),
            printed="\n".join(filter(None, (ended.printed.strip(), ended.complaints.strip()))),
            mistake=ended.mistake,
            seconds=ended.seconds,
            left=host_seconds(),
        )


def quiet_again(world: CaseWorld) -> Callable[[], bool]:
    """Return what tells whether all has been said to a client that listens again after a restart.

    It sends everything again as soon as the client listens.
    """
    has_heard = False

    def is_quiet() -> bool:
        nonlocal has_heard
        if has_heard:
            return world.is_quiet()
        if is_listening(urlsplit(world.receiver).port or 0):
            world.resend()
            has_heard = True
        return False

    return is_quiet


def environment_of(world: CaseWorld) -> dict[str, str]:
    """Return what a command finds in its environment: where the vendor is, and how to get in."""
    vendor = world.suite.vendor
    return variables_of(
        {
            "control": f"{world.root}/_simulator/v1",
            "base_urls": {vendor: world.url},
            "origins": {vendor: world.origin},
            "urls": {vendor: world.urls},
            "credentials": {vendor: world.credentials},
        }
    )


@contextmanager
def _receiver(suite: Suite, case: Case) -> Iterator[str]:
    """Yield where a client that listens is to listen."""
    if not suite.task_of(case).listens:
        yield NOWHERE
        return
    with receiver_port() as port:
        yield f"http://hook.localhost:{port}"
