"""The worlds that pytest's fixtures open: one for each test, or one that many share, or those of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn, Protocol

import pytest

from simulator.errors import SimulatorError
from simulator.serving.check_command import running
from simulator.serving.running import Running
from simulator.suites.runs import SuiteRun
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.given import GivenScenario, load_given
from simulator.testing.worlds import FixtureWorld, SharedServer


class WorldOptions(Protocol):
    """What a test asks of its world by markers, options and the ini file."""

    @property
    def scenario(self) -> GivenScenario: ...  # noqa: D102
    @property
    def strict(self) -> bool: ...  # noqa: D102
    @property
    def clock(self) -> str | None: ...  # noqa: D102
    @property
    def seed(self) -> int | None: ...  # noqa: D102
    @property
    def expect(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def expect_refusals(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def judged(self) -> bool: ...  # noqa: D102
    @property
    def pause(self) -> str | None: ...  # noqa: D102
    @property
    def conduct(self) -> bool: ...  # noqa: D102


def open_for_test(server: SharedServer, options: WorldOptions, name: str, test: str) -> FixtureWorld:
    """Open the world of a test as its markers ask for it; fails the test where that cannot be."""
    try:
        server.check_refusals(options.expect_refusals)
        judge = ContractJudge(options.strict, options.expect, options.expect_refusals)
        scenario = load_given(options.scenario, options.clock, options.seed, options.pause)
    except SimulatorError as error:
        _fail(test, error)
    world = server.open_world(name, scenario, judge, options.judged, test)
    if not options.conduct:
        world.judge.allow_all_conduct()
    return world


def open_for_many(server: SharedServer, options: WorldOptions, name: str, whole: str) -> FixtureWorld:
    """Open a world that the tests of a class, a module, ... share; fails them where that cannot be."""
    try:
        scenario = load_given(options.scenario)
    except SimulatorError as error:
        _fail(whole, error)
    return server.open_world(name, scenario, ContractJudge(options.strict, ()), False, whole)


def _fail(whose: str, error: SimulatorError) -> NoReturn:
    text = f"the simulator cannot be set up for {whose}\n{error}"
    raise pytest.fail.Exception(text, pytrace=False) from None


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


def masked_texts(value: Any, mask: Callable[[str], str]) -> Any:
    """Mask all text of a report, whose parts are objects of pytest's that hold lines."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return type(value)([masked_texts(item, mask) for item in value])
    if type(value).__module__ == "_pytest._code.code":
        for name, member in vars(value).items():
            setattr(value, name, masked_texts(member, mask))
    return value
