"""Where pytest tests take place: one server for the session, and a world of its own for each test."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any

from msgspec.structs import replace

from simulator.app import Settings, Simulator
from simulator.conclusion import perform, verdicts_on
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Exchange
from simulator.fixture_judge import Judge
from simulator.framing import Listener
from simulator.front_door import move_on
from simulator.pump import Pump
from simulator.scenario.loading import load_scenario
from simulator.scenario.phrases import LENGTH, PACE, PhraseError
from simulator.scenario.schema import Scenario
from simulator.serving import Gate, bind
from simulator.stage import HORIZON, Advance, Reply, Stage
from simulator.verdicts.findings import Verdict
from simulator.web.journal import Journal

PATIENCE_SECONDS = 60.0
"""How long a test waits for an answer to leave that its client no longer reads."""


def stage_directions(name: str | Path, clock: str | None, seed: int | None) -> Scenario:
    """Return a scenario with the clock and the seed that a test asks for; raises SimulatorError."""
    scenario = load_scenario(name)
    if clock is not None:
        try:
            PACE.read(clock)
        except PhraseError as error:
            raise SimulatorError(f"clock: {error}") from None
        scenario = replace(scenario, clock=replace(scenario.clock, mode=clock))
    return scenario if seed is None else replace(scenario, seed=seed)


class SharedServer:
    """One server for all tests of a process, on a free port of this machine; each test has its own world.

    It answers under names of this machine and of the vendors, and under `host_names`.
    """

    def __init__(self, host_names: tuple[str, ...] = ()) -> None:
        sock = bind("127.0.0.1", 0)
        self.port = int(sock.getsockname()[1])
        self.root = f"http://127.0.0.1:{self.port}"
        self.simulator = Simulator(
            Settings(
                allowed_destinations=("127.0.0.0/8", "::1/128"),
                own_ports=frozenset({self.port}),
                show_numbers=True,
                loopback=True,
                host_names=host_names,
            )
        )
        self.simulator.front_door.waiter = self._hold_back
        self._worlds: dict[str, FixtureWorld] = {}
        self._listener = Listener(self._answer, sock, self.simulator.settings.limits.upload)
        self._thread = Thread(target=self._listener.run, name="simulator-listener", daemon=True)
        self._thread.start()

    def open_world(
        self, name: str, scenario: Scenario, strict: bool, expect: Iterable[str], judged: bool = False
    ) -> FixtureWorld:
        """Return a world for one test; one that is `judged` answers for what the scenario expects."""
        world = self._worlds[name] = FixtureWorld(self, name, scenario, Judge(strict, expect), judged)
        return world

    def close_world(self, name: str) -> None:
        """Forget a world; who still asks there gets a 404."""
        del self._worlds[name]
        with suppress(UnknownName):  # opened at first use, which may never have come
            self.simulator.close_world(name)

    def close(self) -> None:
        """Answer what is under way and end all threads."""
        self._listener.drain()
        self._thread.join()
        self.simulator.close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        name = environ["PATH_INFO"].removeprefix("/@").partition("/")[0]
        world = self._worlds.get(name)
        return (world.gate if world else self.simulator)(environ, start_response)

    def _hold_back(self, stage: Stage, reply: Reply) -> None:
        """Let a client wait only for what it can: an answer that hangs, or time that passes by itself."""
        world, fault = self._worlds.get(stage.world.name), reply.fault
        if world is None or fault is None:
            move_on(stage, reply)
        elif fault.hangs:
            stage.written(reply.number)  # nobody will read it, and callbacks go out all the same
            world.hold_back(fault.delay)
        elif fault.delay and stage.timekeeper is not None:
            world.hold_back(stage.timekeeper.host_length(fault.delay))
        else:
            move_on(stage, reply)


class FixtureWorld:
    """One test's world: opened at first use, so that it begins at an instant that the test has frozen."""

    def __init__(
        self, server: SharedServer, name: str, scenario: Scenario, judge: Judge, judged: bool = False
    ) -> None:
        self.server = server
        self.name = name
        self.clock = FixtureClock(self)
        self.judge = judge
        self.gate = Gate(server.simulator, self._note_answer)
        self._scenario = scenario
        self._to_be_judged = judged and bool(scenario.expect)
        self._run = False
        self._changed = Condition()
        self._closed = Event()
        self._held_back = 0
        self._jumped_after = 0
        self._pump: Pump | None = None

    @cached_property
    def stage(self) -> Stage:
        """The world on stage."""
        stage = self.server.simulator.open_world(self.name, self._scenario)
        if stage.timekeeper is not None or self._scenario.clock.mode == "idle":
            self._pump = Pump(partial(self._round, stage))
            self._pump.start()
        return stage

    @property
    def exchanges(self) -> list[Exchange]:
        """Everything that was asked and answered, oldest first; bodies are cut to 64 KB."""
        with self.stage.lock:
            return list(self.stage.record.journal)

    @property
    def root(self) -> str:
        """Below what URL the vendors of this world are reached."""
        return f"{self.server.root}/@{self.stage.world.name}"

    def settle(self) -> None:
        """Wait until every answer has left, and with it the callbacks that were due at once."""
        with self._changed:
            self._changed.wait_for(lambda: self.gate.open <= self._held_back, PATIENCE_SECONDS)

    def hold_back(self, length: timedelta) -> None:
        """Let one client wait for `length` of host time, or until the test is over."""
        with self._changed:
            self._held_back += 1
            self._changed.notify_all()
        self._closed.wait(length.total_seconds())
        with self._changed:
            self._held_back -= 1

    def close(self) -> None:
        """End the world, and let go of clients that wait."""
        self._closed.set()
        if self._pump is not None:
            self._pump.stop()
        self.server.close_world(self.name)

    def conclude(self) -> list[Verdict]:
        """Do what the scenario says under `run`, once, and judge the client by each word under `expect`.

        Who asks judges for themselves: the test's end does so no more.
        """
        self.settle()
        if not self._run:
            self._run = True
            perform(self.stage)
        self._to_be_judged = False
        return verdicts_on(self.server.simulator, self.stage, forgiven=self.judge.forgives)

    def broken_promises(self) -> str:
        """Return what the scenario expected of a test that has not concluded, and did not come true."""
        verdicts = self.conclude() if self._to_be_judged else []
        return "\n\n".join(verdict.write() for verdict in verdicts if verdict.held is False)

    def verdict(self) -> str:
        """Return what the test has to answer for; nothing when all is well, or nothing was ever asked."""
        if "stage" not in vars(self):
            return self.judge.verdict(Journal())
        with self.stage.lock:
            return self.judge.verdict(self.stage.record.journal)

    def _note_answer(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if self._pump is not None:
            self._pump.wake()

    def _round(self, stage: Stage) -> None:
        """Keep up with host time; an idle clock jumps once what was asked is answered."""
        stage.keep_up()
        asked = stage.record.journal.recorded
        if stage.timekeeper is None and asked != self._jumped_after and self._jump(stage):
            self._jumped_after = asked

    def _jump(self, stage: Stage) -> bool:
        """Go from one due instant to the next; tell whether all were reached before somebody asked again."""
        end = stage.world.clock.now + HORIZON
        while not self.gate.open:
            due = _next_due(stage)
            if due is None or due > end:
                return True
            stage.advance(due)
        return False


class FixtureClock:
    """The time of a world."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world

    @property
    def now(self) -> datetime:
        """What time it is, aware."""
        stage = self._world.stage
        stage.keep_up()
        return stage.world.clock.now

    def advance(self, by: timedelta | str) -> Advance:
        """Move time on by a timedelta or a length such as `3d` or `1h30m`; tell what happened.

        When it returns, everything due has happened and callbacks have been delivered. Raises SimulatorError.
        """
        try:
            length = by if isinstance(by, timedelta) else LENGTH.read(by)
        except PhraseError as error:
            raise SimulatorError(f"clock.advance: {error}", "or give a timedelta") from None
        self._world.settle()
        return self._world.stage.advance(self.now + length)

    def run_until_idle(self) -> Advance:
        """Move time on until nothing more is due; tell what happened."""
        self._world.settle()
        return self._world.stage.advance()


def _next_due(stage: Stage) -> datetime | None:
    with stage.lock:
        return stage.world.clock.next_due
