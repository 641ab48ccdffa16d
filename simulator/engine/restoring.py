"""What of worlds survives the process: their inputs, in a state file, from which they are made again."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.real_time import host_now
from simulator.engine.sandbox import Sandbox
from simulator.errors import StateError
from simulator.scenario.loading import load_text
from simulator.scenario.schema import Scenario
from simulator.state.durable import DurableLog
from simulator.state.encoding import Origin
from simulator.state.file import Segment, StateFile
from simulator.state.inputs import Input, InputLog
from simulator.version import VERSION


class Survival:
    """Keeps the inputs of worlds in a state file; `setup` is what of the settings decides how worlds go."""

    def __init__(self, file: StateFile, setup: str) -> None:
        self.file = file
        self._setup = setup

    @property
    def promise(self) -> str:
        """Where the inputs are, what they survive there, and how much room there is, in words."""
        file = self.file
        survives = "the end of the process and a loss of power" if file.full else "the end of the process"
        return f"{file.path}: all survives {survives}; {file.size() >> 20} MB of {file.megabytes} MB are used"

    def begin(self, sandbox: Sandbox) -> None:
        """Keep the inputs of a world that begins now; those of the one with its name before are dropped."""
        world = sandbox.world
        segment = self.file.begin(
            world.name,
            version=VERSION,
            scenario=origin_of(sandbox.scenario).encode(),
            setup=self._setup,
            start=world.clock.start,
        )
        sandbox.inputs = DurableLog(self.file, segment, host_now)

    def scenario_of(self, segment: Segment, given: Scenario) -> Scenario:
        """Return what a world was made of: the scenario `given`, or the text that the file holds.

        Raises StateError where neither says what it said, and where another version, or other settings, made
        the world.
        """
        self._check(segment)
        origin = Origin.decode(segment.scenario)
        if origin_of(given) == origin:
            return given
        if segment.world == "main":
            raise self._unlike(segment, f"the scenario {origin.name}", "that scenario as it was")
        scenario = load_text(origin.text.encode(), origin.name)
        if origin_of(scenario) != origin:
            raise self._unlike(segment, f"the scenario {origin.name}", "the files as they were")
        return scenario

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

        sandbox.replay(entries())
        sandbox.inputs = DurableLog(self.file, segment, host_now, count)
        if sandbox.timekeeper is not None:
            sandbox.timekeeper.resume(sandbox.world.clock.now, now - last)

    def _check(self, segment: Segment) -> None:
        if segment.version != VERSION:
            raise self._unlike(segment, f"version {segment.version} of the simulator", "that version")
        if segment.setup != self._setup:
            raise self._unlike(segment, segment.setup, f"those settings, not {self._setup}")

    def _unlike(self, segment: Segment, what: str, remedy: str) -> StateError:
        path = self.file.path
        return StateError(
            f"{path}: world {segment.world} was begun with {what}",
            f"start with {remedy}, or begin anew: `simulator state drop {path} --world {segment.world}`",
        )


def origin_of(scenario: Scenario) -> Origin:
    """Return where a scenario came from and what it says."""
    document = scenario.document
    words = {word: value for word, value in document.value.items() if word != "extends"}
    return Origin(document.source.name, "\n".join(document.source.lines), words)
