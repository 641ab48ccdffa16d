"""A scenario file that is followed while a simulator runs: what changes is taken at once, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from simulator.engine.settings import WatchedFile
from simulator.engine.worlds import Worlds
from simulator.errors import BrokenScenario, SimulatorError
from simulator.scenario.files import files_of
from simulator.scenario.loading import load_scenario
from simulator.scenario.schema import Scenario

LOOK_SECONDS = 0.2
"""How long after a look at the files the next one is, in seconds of the host."""

log = logging.getLogger("simulator")


Stamps = Mapping[Path, tuple[int, ...]]
"""What changes when a file does, of each; nothing of one that is not there."""


class Watch:
    """Looks at a scenario file, its parents and its tables, for the worlds that are made of it.

    What has changed is read when it has not changed further since the look before, so that half a file is
    never taken. While it is broken the last good one goes on, also for worlds that are opened meanwhile.
    """

    def __init__(self, worlds: Worlds, watched: WatchedFile) -> None:
        self._worlds = worlds
        self._watched = watched
        self._files = files_of(watched.path)
        self._taken = self._seen = _stamps_of(self._files)
        self._next = 0.0
        self._settle(load_scenario(watched.path, worlds.setup.remarks))

    def look(self, now: float) -> None:
        """Look at the files, if it is time: `now` in seconds of the host."""
        if now < self._next:
            return
        self._next = now + LOOK_SECONDS
        stamps, before = _stamps_of(self._files), self._seen
        self._seen = stamps
        if stamps == before and stamps != self._taken:
            self._take()

    def _take(self) -> None:
        """Read the files; begin the worlds that are made of them again, or tell what is wrong."""
        path = self._watched.path
        self._files = files_of(path)
        self._taken = self._seen = _stamps_of(self._files)
        try:
            scenario = load_scenario(path, self._worlds.setup.remarks)
        except SimulatorError as error:
            self._watched.findings = error.findings if isinstance(error, BrokenScenario) else [str(error)]
            text = self._worlds.masker.text("\n".join(self._watched.findings))
            log.warning("%s is broken; the last good one goes on\n%s", path, text)
            self._note("scenario.broken")
        else:
            self._swap(scenario)

    def _swap(self, scenario: Scenario) -> None:
        """Put fresh worlds in the place of those whose scenario has changed, each at once."""
        path, was_broken = self._watched.path, bool(self._watched.findings)
        self._watched.findings = []
        self._settle(scenario)
        ours = [one for one in self._worlds if one.scenario.document.source.name == str(path)]
        changed = [one for one in ours if _words_of(one.scenario) != _words_of(scenario)]
        for sandbox in changed:
            self._worlds.open(sandbox.world.name, scenario, by=sandbox.opened_by)
        names = ", ".join(sandbox.world.name for sandbox in changed) or "none"
        if changed or was_broken:
            log.warning("%s is taken; worlds that began again: %s", path, names)
            self._note("scenario.taken")

    def _settle(self, scenario: Scenario) -> None:
        """Let worlds that are opened from now on be of this scenario."""
        self._worlds.settings = replace(self._worlds.settings, scenario=scenario)

    def _note(self, what: str) -> None:
        """Let pages that are open show it."""
        for sandbox in self._worlds:
            sandbox.recorder.feed.note(sandbox.world.clock.now, what, None)


def _stamps_of(files: set[Path]) -> Stamps:
    return {file: _stamp_of(file) for file in files}


def _stamp_of(file: Path) -> tuple[int, ...]:
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _words_of(scenario: Scenario) -> Scenario:
    """Return a scenario without the places where it was read."""
    return replace(scenario, document=None)
