"""Suites in pytest: subclass `CalloClientSuite`, fill in its tasks, and each case is a test.

    from simulator.testing.client_suites import CalloClientSuite

    class TestOurClient(CalloClientSuite):
        def place(self, task):
            call = Client(task.base_url, task.credentials["public_key"]).call(**task.arguments)
            return {"outcome": "placed", "id": call.id}

There is such a class for every vendor that has a suite. A task that is not filled in is skipped.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from traceback import format_exc
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from simulator.checking.suite_command import TURN_SECONDS, environment_of, quiet_again, take_turn
from simulator.engine.real_time import host_seconds
from simulator.errors import SimulatorError
from simulator.reports.text import describe_case, line_of
from simulator.suites.cases import Case
from simulator.suites.conclusions import Conclusion, take_conclusion
from simulator.suites.gates import choose
from simulator.suites.judging import Turn, not_supported
from simulator.suites.loading import load_suite
from simulator.suites.runs import RunRecord, SuiteRun
from simulator.suites.worlds import CaseWorld
from simulator.testing.run_evidence import NAME, RunEvidence

if TYPE_CHECKING:
    from simulator.serving.running import Running

ENDING = "ClientSuite"
LOOK_SECONDS = 0.02
Concluded = Mapping[str, Any]


class TaskAtHand(NamedTuple):
    """One task: its arguments, where the vendor is, how to get in, and what a command finds around it.

    Who listens calls `wait_for_the_end`; what has to survive a restart is kept in `folder`.
    """

    name: str
    arguments: Mapping[str, Any]
    base_url: str
    credentials: Mapping[str, Any]
    environment: Mapping[str, str]
    folder: Path
    wait_for_the_end: Callable[[], object]


@dataclass(frozen=True, slots=True)
class ObjectDriver:
    """Lets a function in this process take a client's turns; None from it means that it does not do that."""

    do: Callable[[TaskAtHand], Concluded | None]
    seconds: float = TURN_SECONDS

    def __call__(self, world: CaseWorld, folder: Path) -> Turn:
        """Do the task of a case, twice where the case asks for it."""
        begun = host_seconds()
        try:
            conclusion = self._listen(world, folder, world.is_quiet)
            if world.case.twice and conclusion is not None:
                conclusion = self._listen(world, folder, quiet_again(world))
        except Exception as error:
            why = f"it raised {type(error).__name__}: {error}"
            return Turn(
                conclusion=Conclusion(outcome=""),
                printed=format_exc(),
                mistake=why,
                seconds=host_seconds() - begun,
                left=host_seconds(),
            )
        if conclusion is None:
            return not_supported(f"`{world.case.task.name}` is not filled in")
        task = world.suite.task_of(world.case)
        now = host_seconds()
        return Turn(conclusion=take_conclusion(task, conclusion), seconds=now - begun, left=now)

    def _listen(self, world: CaseWorld, folder: Path, is_quiet: Callable[[], bool]) -> Concluded | None:
        """Do a task; for one that listens, somebody looks meanwhile whether all has been said."""
        over = Event()
        task = TaskAtHand(
            name=world.case.task.name,
            arguments=world.arguments,
            base_url=world.url,
            credentials=world.credentials,
            environment={**environment_of(world), "SIMULATOR_STATE": str(folder)},
            folder=folder,
            wait_for_the_end=lambda: over.wait(self.seconds),
        )
        if not world.suite.task_of(world.case).listens:
            return self.do(task)
        ended = Event()
        watcher = Thread(target=_watch, args=(is_quiet, over, ended), daemon=True)
        watcher.start()
        try:
            return self.do(task)
        finally:
            ended.set()
            watcher.join()


def _watch(is_quiet: Callable[[], bool], over: Event, ended: Event) -> None:
    while not ended.wait(LOOK_SECONDS):
        if is_quiet():
            over.set()
            return


class ClientSuite:
    """The cases of a vendor as tests of one class; `only` and `profiles` choose among them.

    A method with the name of a task does it: it is given a TaskAtHand, and returns what it concluded.
    """

    vendor = ""
    only: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make an item of each case."""
        if "simulator_case" in metafunc.fixturenames:
            cases = choose(load_suite(self.vendor), self.only, self.profiles)
            metafunc.parametrize("simulator_case", cases, ids=[case.id for case in cases])

    def test_case(
        self,
        simulator_case: Case,
        vendor_simulator_suites: Callable[[SuiteRun], Running],
        pytestconfig: pytest.Config,
    ) -> None:
        """Try one case."""
        gathered: RunEvidence | None = pytestconfig.pluginmanager.get_plugin(NAME)
        record = gathered.record if gathered is not None else RunRecord()
        run = SuiteRun(suite=load_suite(self.vendor), cases=[simulator_case], record=record)
        result = take_turn(run, vendor_simulator_suites(run), simulator_case, ObjectDriver(self._do))
        if gathered is not None:
            gathered.add(result)
        if result.outcome == "UNIMPLEMENTED":
            pytest.skip(f"{result.id}: {result.reason}")
        text = "\n".join([line_of(result), *describe_case(result)])
        if result.outcome in ("FAIL", "BROKEN-US"):
            pytest.fail(text, pytrace=False)
        if result.outcome != "PASS":
            warnings.warn(text, stacklevel=1)

    def _do(self, task: TaskAtHand) -> Concluded | None:
        method = getattr(self, task.name, None)
        conclusion: Concluded | None = method(task) if method is not None else None
        return conclusion


def __getattr__(name: str) -> type[ClientSuite]:
    vendor = name.removesuffix(ENDING).lower()
    if not name.endswith(ENDING) or not vendor:
        raise AttributeError(name)
    try:
        load_suite(vendor)
    except SimulatorError as error:
        raise AttributeError(f"{name}: {error}") from None
    return type(name, (ClientSuite,), {"vendor": vendor, "__doc__": f"The cases of {vendor} as tests."})
