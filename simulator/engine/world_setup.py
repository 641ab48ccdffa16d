"""What the worlds of a process are made with, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from threading import RLock

from simulator.conformance.contract import Contract, load_contract
from simulator.engine.explaining import RefusalTerms, check_expected
from simulator.engine.feed import Feed
from simulator.engine.known_names import known_to
from simulator.engine.real_time import PAUSE, IdleTime, RealTime, host_now, steady, whole
from simulator.engine.recorder import Recorder
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings
from simulator.exchange import DeliveryAttempt
from simulator.scenario.building import build_world, world_remarks
from simulator.scenario.document import Remark
from simulator.scenario.microsyntax import PACE
from simulator.scenario.places import Known
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Pace
from simulator.telephony.outbox import Delivery
from simulator.web.deliveries import TOTAL, Dispatcher, OutboundDoor
from simulator.web.known_secrets import Secrets
from simulator.web.vendor_app import VendorApp


class WorldSetup:
    """Puts worlds together from scenarios.

    They share the door that callbacks leave by, the secrets to mask, and the contracts; who follows a world
    follows the one that takes its name, too. `on_bug` is told of each failure of the simulator in one.
    """

    def __init__(
        self, settings: Settings, vendors: Mapping[str, VendorApp], on_bug: Callable[[str], None]
    ) -> None:
        self.settings = settings
        self.vendors = vendors
        self._on_bug = on_bug
        self._operators = {name: app.vendor for name, app in vendors.items()}
        allowed, own = settings.allowed_destinations, settings.own_ports
        door = OutboundDoor(settings.profile, allowed, own, pure=settings.pure)
        self._dispatcher = Dispatcher(door, steady)
        self._secrets = Secrets()
        self._feeds: dict[str, Feed] = {}
        self._reading = RLock()  # which takes a while, and no request that asks for a world has to wait

    def put_together(
        self, name: str, scenario: Scenario, start: datetime | None = None, pace: Pace | None = None
    ) -> Sandbox:
        """Return a world of a scenario, begun at `start` or now, whose time runs at `pace` or as it says."""
        pace = pace or self.pace(scenario)
        real = pace.mode == "real" and pace.speed == 1
        world = build_world(
            scenario,
            self._operators,
            name=name,
            seed=self.settings.seed,
            limits=[limit for app in self.vendors.values() for limit in app.vendor.limits],
            start=start or (whole(host_now()) if real else None),
            known=self.known,
        )
        recorder = Recorder(
            world,
            self.contract,
            self._secrets,
            show_numbers=self.settings.show_numbers,
            witness=self.settings.witness,
            on_bug=self._on_bug,
            feed=self._feeds.setdefault(name, Feed()),
            terms=self._terms(scenario),
        )
        _ = recorder.masker  # which learns the credentials that the world begins with
        return Sandbox(
            world,
            self.vendors,
            self._send,
            recorder,
            scenario=scenario,
            timekeeper=self._timekeeper(pace, scenario, world.clock.start),
            send_inline=not self.settings.background,
        )

    def _timekeeper(self, pace: Pace, scenario: Scenario, start: datetime) -> RealTime | None:
        """Return what moves a world's time by itself; None where only somebody's hand does."""
        if pace.mode == "idle":
            pause = PAUSE if scenario.clock.pause is None else scenario.clock.pause
            return IdleTime(start, self.settings.pause or pause)
        return RealTime(start, pace.speed) if pace.mode == "real" else None

    def _terms(self, scenario: Scenario) -> RefusalTerms:
        expected = (*self.settings.expected_refusals, *scenario.expect_refusals)
        if expected:
            check_expected(expected, [self.contract(vendor) for vendor in self.vendors])
        return RefusalTerms(expected, self.settings.vouches_for_keys)

    def _send(self, delivery: Delivery) -> Future[DeliveryAttempt]:
        request = delivery.request
        return self._dispatcher.send(delivery.subject, request, request.patience or TOTAL)

    def forget(self, name: str) -> None:
        """Let go of who follows a world that is closed, and let them see that at once."""
        if feed := self._feeds.pop(name, None):
            feed.end()

    def close(self) -> None:
        """Wait for callbacks on their way, and end the threads that carry them."""
        self._dispatcher.close()

    # -- what else may be asked about a scenario and its vendors ------------------------------------------

    def pace(self, scenario: Scenario) -> Pace:
        """Return how the clock of a world of this scenario runs: as the settings say, else the scenario."""
        return PACE.read(self.settings.clock) if self.settings.clock else scenario.clock.mode

    def remarks(self, scenario: Scenario) -> Iterable[Remark]:
        """Return what this simulator's vendors have to say against a scenario."""
        return world_remarks(scenario, self._operators, self.known)

    @cached_property
    def known(self) -> Known:
        """The names that a scenario may use here; contracts are read for those that need them."""
        return known_to(tuple(self.vendors), self.contract)

    def contract(self, vendor: str) -> Contract:
        """Return a vendor's contract, read at first use in this process."""
        with self._reading:
            return load_contract(vendor)
