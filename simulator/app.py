"""The composition root: the one module that knows every part, and the WSGI callable that serves them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from simulator.admin.backstage import Backstage
from simulator.conformance.contract import Contract, load_contract
from simulator.engine.explaining import Terms, check_expected
from simulator.engine.known_names import known_to
from simulator.engine.memory import Memory
from simulator.engine.real_time import PAUSE, IdleTime, RealTime, host_now, host_seconds, steady
from simulator.engine.recorder import Recorder
from simulator.engine.sandbox import MAIN, Sandbox
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Request
from simulator.gateway import Environ, Gateway, StartResponse
from simulator.scenario.building import build_world
from simulator.scenario.loading import load_scenario
from simulator.scenario.microsyntax import LENGTH, PACE
from simulator.scenario.places import Known
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Pace
from simulator.telephony.outbox import Delivery
from simulator.vendors import load_vendor, vendor_names
from simulator.web.attempts import Outcome
from simulator.web.deliveries import TOTAL, Dispatcher, OutboundDoor
from simulator.web.destinations import Profile
from simulator.web.guard import Limits
from simulator.web.journal import Witness
from simulator.web.known_secrets import Secrets
from simulator.web.masking import Masker
from simulator.web.vendor_app import VendorApp

if TYPE_CHECKING:
    from simulator.admin.plane import ControlPlane

log = logging.getLogger("simulator")

MOST_WORLDS = 1_000
MOST_BUGS = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulator is run; everything a world is made of stands in its scenario instead.

    `clock` overrides the scenario's: virtual, real, idle or x and a number; so does `pause`, after which an
    idle one steps. `pure` leaves out the headers
    that only we send. `profile` is the destination guard's: where callbacks may go. In the `background` they
    are sent by whoever calls `keep_up` or `flush` of each sandbox; otherwise by the request that caused them.
    `admin_hosts` are names under which the control plane answers, besides those of this machine. Where it
    listens on `loopback` alone, vendors answer under names of this machine and their own, and `host_names`
    besides. A `witness` is told every exchange of every world, masked, and must be safe for threads.
    `expected_refusals` are names, codes or operations of refusals that are no finding, beside those of the
    scenario. A simulator that `vouches_for_keys` holds it against a client when it comes with a key that
    nobody handed out. `memory` bounds what all worlds remember together, in millions of bytes.
    """

    scenario: str | Path = "happy"
    vendors: tuple[str, ...] | None = None
    seed: int | None = None
    clock: str | None = None
    pause: timedelta | None = None
    pure: bool = False
    show_numbers: bool = False
    admin_token: str | None = None
    admin_hosts: tuple[str, ...] = ()
    loopback: bool = False
    host_names: tuple[str, ...] = ()
    profile: Profile = "fixture"
    allowed_destinations: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()
    background: bool = False
    limits: Limits = Limits()
    memory: int = 512
    witness: Witness | None = None
    expected_refusals: tuple[str, ...] = ()
    vouches_for_keys: bool = False


class Simulator:
    """All vendors and worlds of one process; two simulators share nothing but what contracts say.

    A WSGI callable: what it is asked goes through its front door. `bugs` are its own failures, in any world.
    `on_unknown_world` is told of requests to a world that is not open.
    """

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        self.settings = replace(settings or Settings(), **changes)
        names = self.settings.vendors or tuple(vendor_names())
        self.vendors = {name: VendorApp(load_vendor(name)) for name in names}
        door = OutboundDoor(
            self.settings.profile, self.settings.allowed_destinations, self.settings.own_ports
        )
        self._dispatcher = Dispatcher(door, steady)
        self._sandboxes: OrderedDict[str, Sandbox] = OrderedDict()
        self._secrets = Secrets()
        self.bugs: list[str] = []
        self.gateway = Gateway(self)
        self.memory = Memory(self.settings.memory * 1_000_000)
        self._lock = RLock()
        self.on_unknown_world: Callable[[str, Environ], None] = lambda _world, _environ: None
        self.open_world(MAIN)

    # -- worlds -----------------------------------------------------------------------------------------

    def open_world(self, name: str, scenario: str | Path | Scenario | None = None) -> Sandbox:
        """Open a world, or put a fresh one in the place of the one with this name.

        Raises BrokenScenario or UnknownName. Beyond 1,000 worlds the one opened first is closed.
        """
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario or self.settings.scenario)
        sandbox = self._set_up(name, scenario)
        with self._lock:
            self._sandboxes[name] = (
                sandbox  # at once: a request meets the old world or the new one, never none
            )
            self._sandboxes.move_to_end(name, last=name != MAIN)
            if len(self._sandboxes) > MOST_WORLDS:
                oldest = next(other for other in self._sandboxes if other != MAIN)
                log.warning("more than %d worlds: %s, the oldest, is closed", MOST_WORLDS, oldest)
                del self._sandboxes[oldest]
                self.memory.forget(oldest)
        self.weigh(sandbox)
        return sandbox

    def close_world(self, name: str) -> None:
        """Forget a world; raises UnknownName, and SimulatorError for the main one."""
        if name == MAIN:
            raise SimulatorError("the main world cannot be closed", "reset it instead")
        self.sandbox(name)
        self._forget(name)

    def weigh(self, sandbox: Sandbox, request: Request | None = None) -> None:
        """Learn what a world remembers now that it was asked this; if all remember too much, close some.

        Those go first where nobody has asked for longest; the main one and the one at hand stay.
        """
        name = sandbox.world.name
        if self._sandboxes.get(name) is not sandbox:
            return
        self.memory.note(name, sandbox.weigh(request), host_seconds())
        if self.memory.total > self.memory.most:
            for other, size in self.memory.too_much({MAIN, name}):
                told = f"world {other} is closed: all worlds together remember more than"
                log.warning("%s %d MB, it held %d MB", told, self.settings.memory, size // 1_000_000)
                self._forget(other)
                self.memory.closed["memory"] += 1

    def close_idle(self) -> None:
        """Close the worlds where nobody has asked for an hour of the host's time; the main one stays."""
        for name in self.memory.idle(host_seconds(), {MAIN}):
            log.warning("world %s is closed: nobody has asked there for an hour", name)
            self._forget(name)
            self.memory.closed["idle"] += 1

    def _forget(self, name: str) -> None:
        with self._lock:
            self._sandboxes.pop(name, None)
        self.memory.forget(name)

    def sandbox(self, name: str = MAIN) -> Sandbox:
        """Return an open world; raises UnknownName."""
        try:
            return self._sandboxes[name]
        except KeyError:
            raise UnknownName("world", name, list(self._sandboxes)) from None

    @cached_property
    def control(self) -> ControlPlane:
        """The control plane, built when first asked for: no vendor's answer has to wait for it."""
        from simulator.admin.plane import build_control  # noqa: PLC0415

        return build_control(Backstage(self))

    @property
    def sandboxes(self) -> list[Sandbox]:
        """All open worlds, the main one first."""
        with self._lock:
            return list(self._sandboxes.values())

    def _set_up(self, name: str, scenario: Scenario) -> Sandbox:
        pace = PACE.read(self.settings.clock or scenario.clock.mode)
        real = pace.mode == "real"
        operators = {vendor: app.vendor for vendor, app in self.vendors.items()}
        documented = [limit for app in self.vendors.values() for limit in app.vendor.limits]
        world = build_world(
            scenario,
            operators,
            name=name,
            seed=self.settings.seed,
            limits=documented,
            start=host_now() if real and pace.speed == 1 else None,
            known=self.known,
        )
        sandbox = Sandbox(
            world,
            self.vendors,
            self.contract,
            self._send,
            scenario=scenario,
            timekeeper=self._timekeeper(pace, scenario, world.clock.start),
            record=Recorder(
                world,
                self.contract,
                self._secrets,
                self.settings.show_numbers,
                witness=self.settings.witness,
                on_bug=self.note_bug,
            ),
            send_inline=not self.settings.background,
        )
        sandbox.record.terms = self._terms(scenario)
        _ = sandbox.record.masker  # which learns the credentials that the world begins with
        return sandbox

    @cached_property
    def known(self) -> Known:
        """The names that a scenario may use here; contracts are read for those that need them."""
        return known_to(tuple(self.vendors), self.contract)

    def _terms(self, scenario: Scenario) -> Terms:
        expected = (*self.settings.expected_refusals, *scenario.expect_refusals)
        if expected:
            check_expected(expected, [self.contract(vendor) for vendor in self.vendors])
        return Terms(expected, self.settings.vouches_for_keys)

    def note_bug(self, line: str) -> None:
        """Remember that the simulator itself failed: whoever judges a client by it has to know."""
        if len(self.bugs) < MOST_BUGS:
            self.bugs.append(line)

    @property
    def masker(self) -> Masker:
        """What hides secrets of any world, and numbers as the main world does."""
        for sandbox in self.sandboxes:
            _ = sandbox.record.masker
        return self.sandbox().record.masker

    def _timekeeper(self, pace: Pace, scenario: Scenario, start: datetime) -> RealTime | None:
        """Return what moves a world's time by itself; None where only somebody's hand does."""
        if pace.mode == "idle":
            said = LENGTH.read(scenario.clock.pause) if scenario.clock.pause else PAUSE
            return IdleTime(start, self.settings.pause or said)
        return RealTime(start, pace.speed) if pace.mode == "real" else None

    def contract(self, vendor: str) -> Contract:
        """Return a vendor's contract, read at first use in this process."""
        with self._lock:
            return load_contract(vendor)

    def credentials(self, vendor: str, world: str = MAIN) -> Mapping[str, Any]:
        """Return what a client needs to get in: the world's first account of `vendor`, or an open one's."""
        sandbox, plug = self.sandbox(world), self.vendors[vendor].vendor
        with sandbox.lock:
            accounts = [account for (owner, _), account in sandbox.world.accounts.items() if owner == vendor]
            return plug.credentials(accounts[0]) if accounts else {}

    def close(self) -> None:
        """Wait for callbacks on their way and end the threads that carry them."""
        self._dispatcher.close()

    def _send(self, delivery: Delivery) -> Future[Outcome]:
        request = delivery.request
        return self._dispatcher.send(delivery.subject, request, request.patience or TOTAL)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        return self.gateway(environ, start_response)
