"""The worlds that pytest's fixtures open: one for each test, or one that many share, or those of cases."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

import pytest

from simulator.errors import SimulatorError
from simulator.serving.running import Running, running
from simulator.suites.runs import SuiteRun
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.given import listed, load_given
from simulator.testing.worlds import FixtureWorld, SharedServer


@dataclass(frozen=True, kw_only=True)
class WorldOptions:
    """What a test asks of its world; a `clock`, `pause` or `seed` of None leaves the scenario its own.

    One that names its scenario is `judged` by what that expects, unless it says otherwise.
    """

    scenario: Any
    strict: bool
    clock: str | None = None
    seed: int | None = None
    expect: Sequence[str] = ()
    expect_refusals: Sequence[str] = ()
    judged: bool = False
    pause: str | None = None
    conduct: bool = True


def open_for_test(server: SharedServer, item: pytest.Item) -> FixtureWorld:
    """Open the world of a test as its markers ask for it; fails the test where that cannot be."""
    options = _read_options(item)
    try:
        server.check_refusals(listed(options.expect_refusals))
        judge = ContractJudge(options.strict, listed(options.expect), listed(options.expect_refusals))
        scenario = load_given(options.scenario, options.clock, options.seed, options.pause)
    except SimulatorError as error:
        _fail(item.nodeid, error)
    world = server.open_world(_name_of(item), scenario, judge, options.judged, item.nodeid)
    if not options.conduct:
        world.judge.allow_all_conduct()
    return world


def open_for_many(server: SharedServer, config: pytest.Config, whole: str) -> FixtureWorld:
    """Open a world that all tests of a `whole` share; fails them where that cannot be."""
    options = _ini_options(config)
    try:
        scenario = load_given(options.scenario)
    except SimulatorError as error:
        _fail(whole, error)
    name = f"{whole.partition(' ')[0]}-{_digest(whole)}"
    return server.open_world(name, scenario, ContractJudge(options.strict, ()), False, whole)


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


def _read_options(item: pytest.Item) -> WorldOptions:
    """Return what options and markers ask for; the closest marker has the last word."""
    options = _ini_options(item.config)
    known = [field.name for field in fields(WorldOptions)]
    for mark in reversed([*item.iter_markers("simulator")]):
        if strange := [*map(repr, mark.args), *(word for word in mark.kwargs if word not in known)]:
            pytest.fail(
                f"@pytest.mark.simulator of {item.nodeid} does not know {', '.join(strange)}\n"
                f"  write it by name, as one of: {', '.join(known)}",
                pytrace=False,
            )
        options = replace(options, **{"judged": options.judged or "scenario" in mark.kwargs, **mark.kwargs})
        options = replace(options, scenario=_scenario(options.scenario, item.path.parent))
    return options


def _ini_options(config: pytest.Config) -> WorldOptions:
    """Return what the command line and the ini file ask for."""
    if option := config.getoption("simulator_scenario"):
        scenario = _scenario(option, config.invocation_params.dir)
    else:
        folder = (config.inipath or config.rootpath / "ini").parent
        scenario = _scenario(config.getini("simulator_scenario"), folder)
    return WorldOptions(scenario=scenario, strict=config.getini("simulator_strict"))


def _scenario(given: Any, folder: Path) -> Any:
    """Return a scenario as it is given, and a file by its path, which may be relative to who names it."""
    is_file = isinstance(given, str | Path) and str(given).endswith((".yaml", ".yml"))
    return folder / given if is_file else given


def _name_of(item: pytest.Item) -> str:
    """Return a name that no other test has, in this process or another, and the same in every run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    words = re.sub(r"[^A-Za-z0-9]+", "-", item.name).strip("-").lower()[:40]
    return f"{worker}-{words}-{_digest(item.nodeid)}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def _fail(whose: str, error: SimulatorError) -> NoReturn:
    text = f"the simulator cannot be set up for {whose}\n{error}"
    raise pytest.fail.Exception(text, pytrace=False) from None
