"""`simulator.world(...)`: a telephony world for a program, a test of any kind, or a fixture of any scope."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, cast

from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import Snapshot, read_past, record_world, take_snapshot
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Exchange
from simulator.scenario.loading import GivenScenario
from simulator.state.recorded import write_recorded
from simulator.testing.clocks import FixtureClock
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.disturbances import Faults, Limits
from simulator.testing.fixtures import (
    CalloFixture,
    CallrFixture,
    JaicpFixture,
    KaleyraFixture,
    VendorFixture,
    vendor_fixture,
)
from simulator.testing.given import listed, load_given
from simulator.testing.subscribers import People
from simulator.testing.worlds import FixtureWorld, SharedServer
from simulator.verdicts.findings import Verdict


class ClientFailure(AssertionError):
    """What a client has to answer for at the end of its world, in words for a terminal."""


class UntakenCallbacks(UserWarning):
    """Callbacks were sent to a receiver, and none of the tries was taken."""


class OpenWorld:
    """One telephony world: each vendor by its name (`world.callo`), and what they share."""

    def __init__(self, world: FixtureWorld) -> None:
        self.fixture = world
        self.clock: FixtureClock = world.clock
        self.faults = Faults(world)
        self.limits = Limits(world)
        self.people = People(world)
        self._vendors = {name: vendor_fixture(world, name) for name in world.server.simulator.vendors}

    if not TYPE_CHECKING:  # who checks types knows the vendors that ship

        def __getattr__(self, name: str) -> VendorFixture:
            """Return a vendor that another package brings."""
            if name in vars(self).get("_vendors", ()):
                return self._vendors[name]
            raise AttributeError(f"a world has neither a vendor nor anything else called {name!r}")

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
        return self.fixture.failures()


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
    server.check_refusals(refusals := listed(expect_refusals))
    judge = ContractJudge(strict, (), refusals)
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
        if lost := opened.fixture.untaken():
            warnings.warn(lost, UntakenCallbacks, stacklevel=5)
    finally:
        opened.fixture.close()
    if failures:
        raise ClientFailure(f"the client has to answer for this\n{failures}")


def past_moment(at: datetime | str | None, sandbox: Sandbox) -> datetime | None:
    """Return an instant as `fork` takes it, aware; raises SimulatorError."""
    if at is None:
        return None
    try:
        return read_past(at.isoformat() if isinstance(at, datetime) else str(at), sandbox)
    except ValueError as error:
        raise SimulatorError(f"fork: at: {error}") from None
