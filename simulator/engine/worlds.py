"""All worlds of one process: opened, weighed, closed, and what they share."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any

from simulator.engine.feed import Announcer
from simulator.engine.real_time import host_seconds
from simulator.engine.restoring import Origins, Survival
from simulator.engine.sandbox import MAIN, Sandbox
from simulator.engine.settings import Settings, scenario_of
from simulator.engine.sharing import Sharing, share
from simulator.engine.snapshots import Beginning, Snapshot, Snapshots
from simulator.engine.usage import Latency, MemoryUse
from simulator.engine.world_setup import WorldSetup
from simulator.errors import SimulatorError, StateUnavailable, Superseded, UnknownName
from simulator.exchange import Request
from simulator.scenario.values import Pace
from simulator.state.file import StateFile
from simulator.state.inputs import InputLog
from simulator.web.masking import Masker
from simulator.web.vendor_app import VendorApp

log = logging.getLogger("simulator")

MOST_BUGS = 100


class Worlds:
    """The open worlds by name, the main one first, which is always there; iterate for their sandboxes.

    They share the door that callbacks leave by, the secrets to mask and the bound of memory. `bugs` are the
    simulator's own failures, in any world. `on_unknown_world` is called with the name of a world that is not
    open, and the WSGI environ of the request to it; `on_ended` with each that was closed or began again.
    """

    def __init__(self, settings: Settings, vendors: Mapping[str, VendorApp]) -> None:
        self.settings = settings
        self.vendors = vendors
        self.setup = WorldSetup(settings, vendors, self.note_bug)
        self._sandboxes: OrderedDict[str, Sandbox] = OrderedDict()
        self.announcer = Announcer()
        self.latency = Latency()
        self.snapshots = Snapshots()
        self.bugs: list[str] = []
        self.on_unknown_world: Callable[[str, dict[str, Any]], None] = lambda _world, _environ: None
        self.on_ended: Callable[[Sandbox], None] = lambda _sandbox: None
        self.memory = MemoryUse(settings.memory * 1_000_000)
        self._lock = RLock()
        self._joining = RLock()
        self._given_up: dict[str, None] = {}
        self.survival: Survival | None = None
        self.sharing: Sharing | None = None
        if self.settings.state is not None:
            self._open_state(self.settings.state)
        if MAIN not in self._sandboxes:
            self.open(MAIN)

    def __iter__(self) -> Iterator[Sandbox]:
        """Iterate over those that are open now, the main one first."""
        with self._lock:
            return iter([*self._sandboxes.values()])

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._sandboxes)

    def sandbox(self, name: str = MAIN, by: str = "") -> Sandbox:
        """Return an open world, or one that is opened `by` a request; raises UnknownName."""
        sandbox = self._sandboxes.get(name) or self._join(name, by)
        if sandbox is None:
            raise UnknownName("world", name, list(self._sandboxes))
        return sandbox

    @property
    def only(self) -> Sandbox | None:
        """The main world where no other is open, here or elsewhere; else None."""
        return self._sandboxes[MAIN] if len(self._sandboxes) == 1 and self.sharing is None else None

    def current(self, name: str = MAIN) -> Sandbox:
        """Return an open world in which all has happened that anybody entered; raises as `sandbox` does.

        Raises StateUnavailable where that cannot be known.
        """
        sandbox = self.sandbox(name)
        try:
            if sandbox.shared is not None:
                sandbox.shared.catch_up()
        except Superseded as error:
            return self.renew(sandbox, error)
        return sandbox

    @property
    def keeps_state_in(self) -> str:
        """Where worlds are kept: in memory, which survives nothing, or in a file."""
        store = self.survival or self.sharing
        return "memory" if store is None else store.keeps_in

    @property
    def place(self) -> str:
        """Where worlds are kept: a path, the address of a Redis without its password, or `memory`."""
        return str(self.settings.state or "memory") if self.sharing is None else self.sharing.streams.address

    @property
    def promise(self) -> str:
        """Where worlds are kept and what they survive there, in words; raises StateUnavailable."""
        store = self.survival or self.sharing
        return "memory: nothing survives a restart" if store is None else store.promise

    def try_out_state(self) -> str:
        """Return the promise of a store that several share, else nothing.

        Raises StateError where no further input could be kept.
        """
        if self.survival is not None:
            self.survival.file.try_out()
        if self.sharing is None:
            return ""
        self.sharing.streams.gone(())  # which has to be written, too
        return f"{self.sharing.streams.promise()}\n"

    # -- opened and closed ------------------------------------------------------------------------------

    def open(self, name: str, scenario: Beginning = None, pace: Pace | None = None, by: str = "") -> Sandbox:
        """Open a world, or put a fresh one, or one as in a snapshot, in the place of the one with this name.

        Time runs at its own `pace` where it has one. Beyond 4,000 worlds the one opened first is closed.
        Raises BrokenScenario or UnknownName.
        """
        of = scenario if isinstance(scenario, Snapshot) else None
        asked = scenario.scenario if isinstance(scenario, Snapshot) else scenario
        given = scenario_of(self.settings, self.setup.remarks, asked)
        sandbox = self.setup.put_together(name, given, of.start if of is not None else None, pace)
        sandbox.opened_by = by
        if self.survival is not None:
            self.survival.begin(sandbox)
        elif self.sharing is not None:
            self.sharing.begin(sandbox)
        elif not self.settings.keeps_inputs:
            sandbox.inputs = InputLog(max_bytes=0)
        if of is not None:
            sandbox.rebuild(of.inputs, of.at)
        return self._enlist(name, sandbox)

    def _enlist(self, name: str, sandbox: Sandbox) -> Sandbox:
        if sandbox.opened_by:
            log.warning("world %s is opened by %s", name, sandbox.opened_by)
        sandbox.recorder.feed.begin_again()
        sandbox.recorder.feed.note(sandbox.world.clock.now, "world.opened", None)
        most = self.settings.limits.worlds
        with self._lock:  # a request meets the old world or the new one, never none
            former = self._sandboxes.get(name)
            self._sandboxes[name] = sandbox
            self._given_up.pop(name, None)
            self._sandboxes.move_to_end(name, last=name != MAIN)
            beyond = max(0, len(self._sandboxes) - most)
            too_many = [*islice((other for other in self._sandboxes if other != MAIN), beyond)]
        if former is not None:
            self.on_ended(former)
        for oldest in too_many:  # also those that others, who opened one just now, are about to close
            log.warning("more than %d worlds: %s, the oldest, is closed", most, oldest)
            self._give_up(oldest)
        self.weigh(sandbox)
        return sandbox

    def close(self, name: str) -> None:
        """Forget a world; raises UnknownName, and SimulatorError for the main one."""
        if name == MAIN:
            raise SimulatorError("the main world cannot be closed", "reset it instead")
        self.sandbox(name)
        if self.sharing is not None:
            self.sharing.streams.drop(name)
        self._forget(name)

    def weigh(self, sandbox: Sandbox, request: Request | None = None) -> None:
        """Note what a world remembers after this request; if all remember too much, close some.

        Those go first where nobody has asked for longest; the main one and the one at hand stay.
        """
        name = sandbox.world.name
        if self._sandboxes.get(name) is not sandbox:
            return
        if self.memory.note(name, sandbox.weigh(request), host_seconds()):
            for other, size in self.memory.too_much({MAIN, name}):
                why = f"world {other} is closed: all worlds together remember more than"
                log.warning("%s %d MB, it held %d MB", why, self.settings.memory, size // 1_000_000)
                self._give_up(other)
                self.memory.closed["memory"] += 1

    def close_idle(self) -> None:
        """Close the worlds where nobody has asked for an hour of the host's time; the main one stays."""
        for name in self.memory.idle(host_seconds(), {MAIN}):
            log.warning("world %s is closed: nobody has asked there for an hour", name)
            self._give_up(name)
            self.memory.closed["idle"] += 1

    def stop(self) -> None:
        """Wait for callbacks on their way, end the threads that carry them, and let go of the state file."""
        self.setup.close()
        if self.survival is not None:
            self.survival.file.close()
        if self.sharing is not None:
            self.sharing.leave(self)
            self.sharing.streams.close()

    def _give_up(self, name: str) -> None:
        """Let go of a world without room for it; we lead it no more before somebody asks for it here."""
        self._forget(name)
        if self.sharing is not None:
            self._given_up[name] = None

    def _forget(self, name: str, *, goes_on: bool = False) -> None:
        """Let go of a world; where others share it, it goes on, and comes back when somebody asks for it.

        Whoever follows one that `goes_on` will see the next of its name.
        """
        with self._lock:
            sandbox = self._sandboxes.pop(name, None)
        if not goes_on:
            self.setup.forget(name)
        self.memory.forget(name)
        if self.survival is not None:
            self.survival.file.drop(name)
        if self.sharing is not None and sandbox is not None:
            self.sharing.leave([sandbox])
        if sandbox is not None:
            self.on_ended(sandbox)

    # -- shared with other processes ----------------------------------------------------------------------

    def _join(self, name: str, by: str = "") -> Sandbox | None:
        """Make a world that others have opened, or that begins now; None where there is none of this name."""
        if self.sharing is None and not by:
            return None
        with self._joining:
            if name in self._sandboxes or self.sharing is None:
                return self._sandboxes.get(name) or self.open(name, by=by)
            known = self.sharing.streams.segment(name)
            if known is None:
                if name != MAIN and not by:
                    return None
                fresh = self.setup.put_together(name, self._given)
                fresh.opened_by = by
                if self.sharing.begin(fresh, only_if_new=True):
                    return self._enlist(name, fresh)
                known = self.sharing.streams.segment(name)
            if known is None:
                return None
            segment, begun = known
            scenario = self.sharing.origins.scenario_of(segment, self._given)
            sandbox = self.setup.put_together(name, scenario, segment.start)
            self.sharing.join(sandbox, segment, begun)
            return self._enlist(name, sandbox)

    def renew(self, sandbox: Sandbox, why: Superseded) -> Sandbox:
        """Make a world again whose inputs are others now; raises UnknownName where there is none any more."""
        self.forget(sandbox, why)
        try:
            return self.sandbox(sandbox.world.name)
        except UnknownName:
            self.setup.forget(sandbox.world.name)
            raise

    def forget(self, sandbox: Sandbox, why: Superseded) -> None:
        """Let go of a world whose inputs are others now: it is made again when somebody asks for it."""
        name = sandbox.world.name
        log.warning("world %s is made again after %d inputs: %s", name, sandbox.world.inputs, why.message)
        with self._joining:
            if self._sandboxes.get(name) is sandbox:
                self._forget(name, goes_on=True)

    def join_all(self) -> None:
        """Have all worlds here that anybody opened, with all that happened there, and no others."""
        if self.sharing is None:
            return
        there = self.sharing.streams.worlds()
        for name in there:
            self.current(name)
        for sandbox in self:
            if sandbox.world.name not in there:
                self._forget(sandbox.world.name)

    def tend(self) -> None:
        """Keep leading the worlds that we lead, and lead those that nobody leads; to be called often."""
        if self.sharing is None:
            return
        with suppress(StateUnavailable):  # of which is told
            for name in self.sharing.unread(self):
                with suppress(UnknownName):
                    self.current(name)
            if not self.sharing.is_time_to_tend():
                return
            there = self.sharing.streams.worlds()
            for sandbox in self:
                machine, name = sandbox.shared, sandbox.world.name
                if machine is None or machine.follows(there.get(name)):
                    continue
                with suppress(UnknownName):
                    self.renew(sandbox, Superseded("it began anew elsewhere, or was closed"))
            self._given_up = {name: None for name in self._given_up if name in there}
            strange = [name for name in there if not (name in self._sandboxes or name in self._given_up)]
            for name, is_led in zip(strange, self.sharing.streams.led(strange), strict=True):
                if not is_led:
                    self.current(name)
            self.sharing.tend(self)

    # -- kept in a file -----------------------------------------------------------------------------------

    def _open_state(self, place: str | Path) -> None:
        """Open the state file and make its worlds again, or share those of a Redis; raises StateError."""
        self._given = given = scenario_of(self.settings, self.setup.remarks)
        setup = {"seed": self.settings.seed, "clock": self.settings.clock, "vendors": [*self.vendors]}
        if "://" in str(place):
            self.sharing = share(str(place), json.dumps(setup))
            self._join(MAIN)
            return
        full, size = self.settings.state_full, self.settings.state_size
        file = StateFile(Path(place), full=full, megabytes=size)
        survival = Survival(file, Origins(json.dumps(setup), str(place)))
        try:
            file.check()
            for segment in file.segments():
                scenario = survival.origins.scenario_of(segment, given)
                sandbox = self.setup.put_together(segment.world, scenario, segment.start)
                survival.resume(sandbox, segment)
                self._enlist(segment.world, sandbox)
        except BaseException:
            file.close()
            raise
        self.survival = survival

    # -- how to get in, what is hidden, and what failed ---------------------------------------------------

    def credentials(self, vendor: str, world: str = MAIN) -> Mapping[str, Any]:
        """Return what a client needs to get in: the world's first account of `vendor`, or an open one's."""
        sandbox, plug = self.sandbox(world), self.vendors[vendor].vendor
        with sandbox.lock:
            accounts = [account for (owner, _), account in sandbox.world.accounts.items() if owner == vendor]
            return plug.credentials(accounts[0]) if accounts else {}

    @property
    def masker(self) -> Masker:
        """What hides secrets of any world, and numbers as the main world does."""
        for sandbox in self:
            _ = sandbox.recorder.masker
        return self.sandbox().recorder.masker

    def note_bug(self, line: str) -> None:
        """Remember that the simulator itself failed: whoever judges a client by it has to know."""
        if len(self.bugs) < MOST_BUGS:
            self.bugs.append(line)
