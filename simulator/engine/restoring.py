"""What of worlds survives the process: their inputs, in a state file, from which they are made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from simulator.engine.real_time import host_now
from simulator.engine.sandbox import Sandbox
from simulator.errors import BrokenScenario, StateError
from simulator.scenario.loading import load_text, remake, rule_ids
from simulator.scenario.schema import Scenario
from simulator.state.encoding import Origin
from simulator.state.file import DurableLog, StateFile
from simulator.state.inputs import Input, InputLog, Segment
from simulator.telephony.world import World
from simulator.version import VERSION


class Origins:
    """What kept worlds were made of, and whether that can be had again here.

    `setup` is what of the settings decides how worlds go, `place` where they are kept.
    """

    def __init__(self, setup: str, place: str) -> None:
        self.setup = setup
        self._place = place

    def describe(self, world: World, scenario: Scenario) -> Segment:
        """Return how a world begins, to be kept."""
        return Segment(
            id=0,
            world=world.name,
            version=VERSION,
            scenario=origin_of(scenario).encode(),
            setup=self.setup,
            start=world.clock.start,
        )

    def scenario_of(self, segment: Segment, given: Scenario) -> Scenario:
        """Return what a world was made of: the scenario `given`, or the text that was kept.

        Raises StateError where neither says what it said, and where another version, or other settings, made
        the world.
        """
        self._check(segment)
        origin = Origin.decode(segment.scenario)
        if origin_of(given).says(origin):
            return given
        if segment.world == "main":
            raise self._unlike(segment, f"the scenario {origin.name}", "that scenario as it was")
        try:
            scenario = load_text(origin.text.encode(), origin.name)
        except BrokenScenario:  # what it extends, or lists people from, lay beside it
            return remake(origin.words, origin.ids, origin.name)
        if not origin_of(scenario).says(origin):
            raise self._unlike(segment, f"the scenario {origin.name}", "the files as they were")
        return scenario

    def _check(self, segment: Segment) -> None:
        if segment.version != VERSION:
            raise self._unlike(segment, f"version {segment.version} of the simulator", "that version")
        if segment.setup != self.setup:
            begun, ours = json.loads(segment.setup), json.loads(self.setup or "{}")
            others = [name for name in begun if begun[name] != ours.get(name)]
            then, now = (
                " and ".join(_in_words(name, setup.get(name)) for name in others) for setup in (begun, ours)
            )
            raise self._unlike(segment, then, f"that, not {now}")

    def _unlike(self, segment: Segment, what: str, remedy: str) -> StateError:
        place = self._place
        return StateError(
            f"{place}: world {segment.world} was begun with {what}",
            f"start with {remedy}, or begin anew: `simulator state drop {place} --world {segment.world}`",
        )


def _in_words(name: str, value: Any) -> str:
    """Return a setting of a world as our user gives it."""
    if value is None:
        return f"the scenario's own {name}"
    if name == "vendors":
        return f"the vendors {', '.join(value)}"
    return f"the {name} {value}"


class Survival:
    """Keeps the inputs of worlds in a state file."""

    keeps_in = "file"

    def __init__(self, file: StateFile, origins: Origins) -> None:
        self.file = file
        self.origins = origins

    @property
    def promise(self) -> str:
        """Where the inputs are, what they survive there, and how much room there is, in words."""
        file = self.file
        survives = "the end of the process and a loss of power" if file.full else "the end of the process"
        return f"{file.path}: all survives {survives}; {file.size() >> 20} MB of {file.megabytes} MB are used"

    def begin(self, sandbox: Sandbox) -> None:
        """Keep the inputs of a world that begins now; those of the one with its name before are dropped."""
        segment = self.file.begin(self.origins.describe(sandbox.world, sandbox.scenario))
        sandbox.inputs = DurableLog(self.file, segment, host_now)

    def resume(self, sandbox: Sandbox, segment: Segment) -> None:
        """Make a world again what its inputs made of it, and keep the next ones; raises StateError.

        A real clock has run on since the last one came.
        """
        now = last = host_now()
        sandbox.inputs = InputLog(max_bytes=0)
        count = 0

        def entries() -> Iterator[Input]:
            nonlocal count, last
            for came, entry in self.file.inputs(segment):
                count, last = count + 1, came
                yield entry

        sandbox.replay(entries(), self.file.count(segment, "request"))
        sandbox.inputs = DurableLog(self.file, segment, host_now, count)
        if sandbox.timekeeper is not None:
            sandbox.timekeeper.resume(sandbox.world.clock.now, now - last)


def origin_of(scenario: Scenario) -> Origin:
    """Return where a scenario came from and what it says."""
    document = scenario.document
    words = {word: value for word, value in document.value.items() if word != "extends"}
    return Origin(document.source.name, "\n".join(document.source.lines), words, rule_ids(scenario))
