"""What a failing test leaves: the smallest scenario and inputs that fail as it did, and how to play them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import yaml

from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import record_world
from simulator.errors import SimulatorError, counted
from simulator.exchange import Exchange
from simulator.state.recorded import RecordedWorld, write_recorded
from simulator.testing.shrinking import Shrinking
from simulator.testing.worlds import FixtureWorld

NAME = "vendor_simulator_failures"
"""By what a plugin manager knows it."""

FOLDER = "simulator_failures"
"""The ini option that names the folder; it holds keys and numbers of tests in clear."""

MOST_SHRUNK = 10
"""So many failures of a run are made smaller: those after them are likely to be the same."""

LONGEST_NAME = 80
Broken = tuple[str, str | None, str, str, int]


class Failures:
    """Leaves files for each failing test with a world, which is in its stash under `world`."""

    def __init__(self, folder: Path, called_in: Path, world: pytest.StashKey[FixtureWorld]) -> None:
        self._folder, self._called_in, self._world = folder, called_in, world
        self._shrunk = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add to a failure how it is played again."""
        report = yield
        world = item.stash.get(self._world, None)
        if report.when == "call" and report.failed and world is not None and world.is_open:
            try:
                left = self._leave(item.nodeid, world)
            except (OSError, SimulatorError) as error:
                left = f"nothing can be played again: {error}"
            report.sections += [("vendor simulator", left)] if left else []
        return report

    def _leave(self, test: str, world: FixtureWorld) -> str:
        """Write what is left of a failure; return what there is to say about it, of an idle world nothing."""
        whole = record_world(world.sandbox, case=test)
        if not whole.inputs:
            return ""
        small = self._smaller(whole, world)
        left = small or whole
        stem = self._folder / re.sub(r"\W+", "-", test).strip("-")[-LONGEST_NAME:]
        inputs, scenario = stem.with_suffix(".inputs.json"), stem.with_suffix(".yaml")
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / ".gitignore").write_text("*\n", "utf-8")
        write_recorded(inputs, [left])
        text = yaml.safe_dump(left.words, sort_keys=False, allow_unicode=True)
        scenario.write_text(text, encoding="utf-8")
        size = f"{len(left.inputs)} of {counted(len(whole.inputs), 'input')}"
        words = f"{len(left.words)} of {counted(len(whole.words), 'word')} of the scenario"
        every = f"all {len(whole.inputs)} inputs" if len(whole.inputs) > 1 else "the one input"
        how = f"{size}, {words}, which" if small else f"{every}; the scenario"
        command = shlex.join(["simulator", "replay", self._shown(inputs)])
        return f"play it again: {command}\n  {how} is in {self._shown(scenario)}"

    def _shown(self, file: Path) -> str:
        """Return a path as it is named where pytest was called, if it lies below."""
        return str(file.relative_to(self._called_in)) if file.is_relative_to(self._called_in) else str(file)

    def _smaller(self, whole: RecordedWorld, world: FixtureWorld) -> RecordedWorld | None:
        """Return the smallest world with the same breach of a contract; None where no such is to blame."""
        breach = next(iter(_unforgiven(world)), None)
        if breach is None or self._shrunk >= MOST_SHRUNK:
            return None
        self._shrunk += 1

        def fails(sandbox: Sandbox) -> bool:
            return any(breach in _breaches(exchange) for exchange in sandbox.recorder.journal)

        return Shrinking(whole, fails).smallest()


def _unforgiven(world: FixtureWorld) -> Iterator[Broken]:
    for exchange in world.exchanges:
        if not all(world.judge.forgives(exchange, violation) for violation in exchange.violations):
            yield from _breaches(exchange)


def _breaches(exchange: Exchange) -> list[Broken]:
    """Return what a client did wrong in a request, and how that was answered."""
    status = exchange.answer.status
    return [
        (exchange.vendor, exchange.operation, violation.code, violation.where, status)
        for violation in exchange.violations
        if violation.blame == "client"
    ]


def watch(config: pytest.Config, world: pytest.StashKey[FixtureWorld]) -> None:
    """Let failing tests of a run leave files, unless the ini file says that none are wanted."""
    folder = config.getini(FOLDER)
    if folder and not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(
            Failures(config.rootpath / folder, config.invocation_params.dir, world), NAME
        )
