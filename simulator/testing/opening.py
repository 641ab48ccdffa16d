"""`simulator.world(...)`: a telephony world for a program, a test of any kind, or a fixture of any scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import cast

from simulator.engine.recording import record_world
from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import Snapshot, read_past, take_snapshot
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Exchange
from simulator.faults import Fault, Refuse
from simulator.scenario.act_phrases import FAULT, TRIGGER
from simulator.scenario.armed import read_fault
from simulator.scenario.microsyntax import RATE, WHERE
from simulator.scenario.phrase import PhraseError
from simulator.scenario.places import check_refusal
from simulator.state.recorded import write_recorded
from simulator.telephony.operators import read_number
from simulator.telephony.phone_numbers import E164
from simulator.testing.clocks import FixtureClock
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.fixtures import VendorFixture
from simulator.testing.given import GivenScenario, load_given
from simulator.testing.subscribers import Subscriber
from simulator.testing.vendor_fixtures import (
    CalloFixture,
    CallrFixture,
    JaicpFixture,
    KaleyraFixture,
    vendor_fixture,
)
from simulator.testing.worlds import FixtureWorld, SharedServer
from simulator.verdicts.findings import Verdict


class ClientFailure(AssertionError):
    """What a client has to answer for at the end of its world, in words for a terminal."""


class Faults:
    """What goes wrong in a world besides what its scenario says."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world
        self._numbers = count(1)

    def add(
        self, where: str, do: str, when: str = "always", *, reply: Mapping[str, object] | None = None
    ) -> Fault:
        """Arm a fault before all others, in the words of a scenario; raises SimulatorError.

        `world.faults.add("callo.add_call", "status 503", when="request 1")`
        `world.faults.add("callo.*", "accept then reply", reply={"status": 200, "body": "{}"})`
        """
        sandbox, known = self._world.sandbox, self._world.server.simulator.worlds.known
        for name, phrase, text in (("where", WHERE, where), ("do", FAULT, do), ("when", TRIGGER, when)):
            try:
                phrase.read(text)
            except PhraseError as error:
                raise SimulatorError(f"faults.add: {name}: {error}") from None
        place, action = WHERE.read(where), FAULT.read(do)
        check_place(where, self._world)
        try:
            read_fault("new", where, do, when, reply)
        except ValueError as error:
            raise SimulatorError(f"faults.add: {error}") from None
        if isinstance(action, Refuse) and (wrong := list(check_refusal(place, action, known))):
            raise SimulatorError(f"faults.add: do: {wrong[0]}")
        words = {"where": where, "do": do, "when": when} | ({} if reply is None else {"reply": dict(reply)})
        fault: Fault = sandbox.act("arm", fault=f"test:{next(self._numbers)}", **words)
        return fault

    def remove(self, fault: Fault | str) -> None:
        """Disarm a fault: one that `add` returned, or by its id, which is `file:line` for the scenario's."""
        name = fault if isinstance(fault, str) else fault.id
        known = [one.id for one in self]
        if name not in known:
            raise UnknownName("fault", name, known)
        self._world.sandbox.act("disarm", fault=name)

    def clear(self) -> None:
        """Disarm all faults, also the scenario's."""
        for fault in list(self):
            self.remove(fault)

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults in the order in which they are asked."""
        with self._world.sandbox.lock:
            return iter(list(self._world.sandbox.faults.list()))


class Limits:
    """How many requests a world lets in, besides what its scenario says."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world
        self._numbers = count(1)

    def add(self, where: str, allow: str, by: str | Sequence[str] = ()) -> str:
        """Add a limit in the words of a scenario, and return its name; raises SimulatorError.

        `world.limits.add("callo.*", "5 per 1s", by="public_key")`
        """
        try:
            RATE.read(allow)
        except PhraseError as error:
            raise SimulatorError(f"limits.add: allow: {error}") from None
        check_place(where, self._world)
        counted = [by] if isinstance(by, str) else list(by)
        name = f"test:{next(self._numbers)}"
        self._world.sandbox.act("limit", rule=name, where=where, allow=allow, by=counted)
        return name


def check_place(where: str, world: FixtureWorld) -> None:
    """Raise SimulatorError for a place that no vendor has, with those there are."""
    try:
        place = WHERE.read(where)
    except PhraseError as error:
        raise SimulatorError(f"where: {error}") from None
    known = world.server.simulator.worlds.known
    if place.vendor not in ("*", *known.present):
        raise UnknownName("vendor", place.vendor, list(known.present))
    if place.operation != "*" and not known.asked(place):
        raise UnknownName(
            f"operation of {place.vendor}", place.operation, list(known.interface(place.vendor).operations)
        )


class People:
    """Everybody who can be called, by number."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world

    def __getitem__(self, number: str) -> Subscriber:
        """Return who answers `number`, as any of the vendors writes it; raises MalformedNumber."""
        self._world.settle()
        sandbox = self._world.sandbox

        def read(text: str) -> E164:
            return read_number(sandbox.world.operators, text)

        return Subscriber(sandbox, number, read)


class OpenWorld:
    """One telephony world: each vendor by its name (`world.callo`), and what they share."""

    def __init__(self, world: FixtureWorld) -> None:
        self.fixture = world
        self.clock: FixtureClock = world.clock
        self.faults = Faults(world)
        self.limits = Limits(world)
        self.people = People(world)
        self._vendors = {name: vendor_fixture(world, name) for name in world.server.simulator.vendors}

    def vendor(self, name: str) -> VendorFixture:
        """Return a vendor by its name; raises UnknownName."""
        if name not in self._vendors:
            raise UnknownName("vendor", name, list(self._vendors))
        return self._vendors[name]

    @property
    def callo(self) -> CalloFixture:
        """Callo in this world."""
        return cast("CalloFixture", self.vendor("callo"))

    @property
    def callr(self) -> CallrFixture:
        """Callr in this world."""
        return cast("CallrFixture", self.vendor("callr"))

    @property
    def jaicp(self) -> JaicpFixture:
        """JAICP in this world."""
        return cast("JaicpFixture", self.vendor("jaicp"))

    @property
    def kaleyra(self) -> KaleyraFixture:
        """Kaleyra in this world."""
        return cast("KaleyraFixture", self.vendor("kaleyra"))

    @property
    def name(self) -> str:
        """The name of the world, which no other has."""
        return self.fixture.name

    @property
    def exchanges(self) -> list[Exchange]:
        """Everything that was asked and answered, oldest first."""
        return self.fixture.exchanges

    def snapshot(self) -> Snapshot:
        """Return the world as it is now, to be restored as often as is wanted; raises IncompleteLog."""
        self.fixture.settle()
        return take_snapshot(self.fixture.sandbox)

    def restore(self, snapshot: Snapshot) -> None:
        """Make the world again as it was, of this one or of another one."""
        self.fixture.restore(snapshot)

    def record(self, file: Path | str) -> None:
        """Write what came in and was answered to a file, for `simulator replay`; it has keys in clear."""
        self.fixture.settle()
        write_recorded(Path(file), [record_world(self.fixture.sandbox)])

    @contextmanager
    def fork(self, at: datetime | str | None = None, *, strict: bool = True) -> Iterator[OpenWorld]:
        """Open a world that knows what happened here until now, or until the instant `at`, and goes on alone.

        `at` may be text, such as `2026-03-02T10:30` in the scenario's zone, or the last `10:30`. Raises
        SimulatorError for an instant that is no part of this world's life, and ClientFailure as `world` does.
        """
        self.fixture.settle()
        sandbox = self.fixture.sandbox
        snapshot = take_snapshot(sandbox, past_moment(at, sandbox))
        judge = ContractJudge(strict, ())
        name = f"program-{next(_numbers)}"
        fixture = self.fixture.server.open_world(name, snapshot.scenario, judge, False, name)
        fixture.restore(snapshot)
        with _judged(OpenWorld(fixture), strict) as opened:
            yield opened

    def verdicts(self) -> list[Verdict]:
        """Run the scenario's `run` steps, once; return a verdict for each word under `expect`."""
        return self.fixture.conclude()

    def failures(self) -> str:
        """Return what the client has to answer for by now, in words for people; nothing when all is well."""
        world = self.fixture
        parts = (world.bugs(), world.verdict(), world.broken_promises(), world.misconduct())
        return "\n\n".join(filter(None, parts))


@cache
def shared_server() -> SharedServer:
    """Return the server behind all worlds that programs open in this process, begun with the first one."""
    return SharedServer()


_numbers = count(1)


@contextmanager
def world(
    scenario: GivenScenario = "happy",
    *,
    seed: int | None = None,
    clock: str | None = None,
    pause: str | None = None,
    strict: bool = True,
    expect_refusals: Sequence[str] = (),
) -> Iterator[OpenWorld]:
    """Open a telephony world, and judge the client at its end: `with simulator.world() as world: ...`.

    `scenario` is a name, a path, a text of YAML or a map of its words; who gives one is judged by what it
    expects. Not `strict`, nothing is judged. Raises SimulatorError for what cannot be set up, and
    ClientFailure, an AssertionError, for a client that broke a contract or a promise, unless something else
    was raised before.
    """
    given, server = load_given(scenario, clock, seed, pause), shared_server()
    server.check_refusals(expect_refusals)
    judge = ContractJudge(strict, (), expect_refusals)
    name = f"program-{next(_numbers)}"
    fixture = server.open_world(name, given, judge, strict and scenario != "happy", name)
    with _judged(OpenWorld(fixture), strict) as opened:
        yield opened


@contextmanager
def _judged(opened: OpenWorld, strict: bool) -> Iterator[OpenWorld]:
    """Let go of a world at its end, and raise ClientFailure where its client has to answer for something."""
    try:
        yield opened
        failures = opened.failures() if strict else ""
    finally:
        opened.fixture.close()
    if failures:
        raise ClientFailure(f"the client has to answer for this\n{failures}")


def past_moment(at: datetime | str | None, sandbox: Sandbox) -> datetime | None:
    """Return an instant as `fork` takes it, aware; raises SimulatorError."""
    if at is None:
        return None
    try:
        return read_past(at if isinstance(at, str) else at.isoformat(), sandbox)
    except ValueError as error:
        raise SimulatorError(f"fork: at: {error}", "write 2026-03-02T10:30, or the last 10:30") from None
