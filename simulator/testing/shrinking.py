"""A recorded world made smaller: fewer inputs and fewer words of its scenario, with which it fails still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from simulator.checking.replaying import played
from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import record_world
from simulator.errors import SimulatorError
from simulator.state.recorded import RecordedWorld

MOST_PLAYS = 40
"""How often a world is played again to make it smaller; each takes some hundredths of a second."""

KEPT_WORDS = ("sim", "title")
Part = TypeVar("Part")
Fails = Callable[[Sandbox], bool]


class Shrinking:
    """Makes a recorded world smaller as long as it `fails` still."""

    def __init__(self, recorded: RecordedWorld, fails: Fails) -> None:
        self._recorded, self._fails = recorded, fails
        self._plays = 0

    def smallest(self) -> RecordedWorld | None:
        """Return the smallest world that was found to fail; None where it does not fail when played again.

        Its answers are those of the smaller world.
        """
        whole = self._recorded
        if not self._is_failing(whole):
            return None
        inputs = _fewer(whole.inputs, lambda some: self._is_failing(replace(whole, inputs=tuple(some))))
        world = replace(whole, inputs=tuple(inputs))
        words = [word for word in world.words if word not in KEPT_WORDS]
        kept = _fewer(words, lambda some: self._is_failing(_with_words(world, some)))
        return _recorded_anew(_with_words(world, kept))

    def _is_failing(self, world: RecordedWorld) -> bool:
        if self._plays >= MOST_PLAYS:
            return False
        self._plays += 1
        try:
            with played(world) as sandbox:
                return self._fails(sandbox)
        except (SimulatorError, LookupError, ValueError):  # it cannot be played without what was left out
            return False


def _recorded_anew(world: RecordedWorld) -> RecordedWorld:
    ended = max([world.start, *(entry.at for entry in world.inputs)])
    with played(replace(world, at=ended)) as sandbox:
        return record_world(sandbox, world.clock or None, world.case)


def _with_words(world: RecordedWorld, words: Sequence[str]) -> RecordedWorld:
    kept = {word: value for word, value in world.words.items() if word in (*KEPT_WORDS, *words)}
    ids = {word: known for word, known in world.ids.items() if word in words}
    return replace(world, words=kept, ids=ids)


def _fewer(parts: Sequence[Part], fails: Callable[[Sequence[Part]], bool]) -> list[Part]:
    """Return some of the parts that fail still: halves are left out, then quarters, down to single ones."""
    kept, size = [*parts], max(1, len(parts) // 2)
    while True:
        at = 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + size :]
            if fails(fewer):
                kept = fewer
            else:
                at += size
        if size == 1:
            return kept
        size //= 2
