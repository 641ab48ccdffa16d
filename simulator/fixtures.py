"""What a pytest test is handed: a server for the session, a world of its own, and each vendor in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from simulator.app import Settings, Simulator, move_on
from simulator.conformance.violations import explain
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Exchange, Violation
from simulator.framing import Listener
from simulator.pump import Pump
from simulator.scenario.loading import load_scenario
from simulator.scenario.phrases import LENGTH, PACE, PhraseError
from simulator.scenario.schema import Scenario
from simulator.serving import Gate, bind
from simulator.somebody import Somebody
from simulator.stage import HORIZON, Advance, Reply, Stage
from simulator.telephony.accounts import Account
from simulator.telephony.outbox import Delivery
from simulator.transports import httpx_mounts, mount
from simulator.web.journal import EvictedExchanges

if TYPE_CHECKING:
    import httpx
    import requests

EARLIER_SHOWN = 5
BODY_SHOWN = 400
PATIENCE_SECONDS = 5.0
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
    """One server for all tests of a process, on a free port of this machine; each test has its own world."""

    def __init__(self) -> None:
        sock = bind("127.0.0.1", 0)
        self.port = int(sock.getsockname()[1])
        self.root = f"http://127.0.0.1:{self.port}"
        self.simulator = Simulator(
            Settings(profile="local", show_numbers=True, own_ports=frozenset({self.port}))
        )
        self.simulator.waiter = self._hold_back
        self._worlds: dict[str, FixtureWorld] = {}
        self._listener = Listener(self._answer, sock, self.simulator.settings.limits.upload)
        self._thread = Thread(target=self._listener.run, name="simulator-listener", daemon=True)
        self._thread.start()

    def open_world(self, name: str, scenario: Scenario, strict: bool, expect: Iterable[str]) -> FixtureWorld:
        """Return a world for one test."""
        world = self._worlds[name] = FixtureWorld(self, name, scenario, strict, expect)
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
    """One test's world: opened at first use, so that it begins at an instant that the test has frozen.

    When `strict`, the test answers for its client's violations, except those whose codes it has to `expect`.
    """

    def __init__(
        self, server: SharedServer, name: str, scenario: Scenario, strict: bool, expect: Iterable[str]
    ) -> None:
        self.server = server
        self.name = name
        self.clock = FixtureClock(self)
        self.strict = strict
        self.expected = [("*", code) for code in expect]
        self.allowed: list[str] = []
        self.gate = Gate(server.simulator, self._note_answer)
        self._scenario = scenario
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
            return list(self.stage.journal)

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

    def verdict(self) -> str:
        """Return what the test has to answer for, in words for a terminal; nothing when all is well."""
        if not self.strict:
            return ""
        exchanges = self.exchanges if "stage" in vars(self) else []
        told = [self._tell(exchange, exchanges) for exchange in exchanges if self._unexpected(exchange)]
        happened = {(each.vendor, found.code) for each in exchanges for found in each.violations}
        happened |= {("*", code) for _, code in happened}
        missed = dict.fromkeys(code for vendor, code in self.expected if (vendor, code) not in happened)
        told += [f"the violation {code!r} was expected and did not happen" for code in missed]
        try:
            if exchanges:
                self.stage.journal.require_complete("the verdict on the client")
        except EvictedExchanges as error:
            told.append(str(error))
        return "\n\n".join(told)

    def _unexpected(self, exchange: Exchange) -> list[Violation]:
        expected = [code for vendor, code in self.expected if vendor in ("*", exchange.vendor)]
        return [
            found
            for found in exchange.violations
            if found.blame == "client" and found.code not in expected and exchange.vendor not in self.allowed
        ]

    def _tell(self, exchange: Exchange, exchanges: list[Exchange]) -> str:
        place = exchanges.index(exchange)
        request, answer = exchange.request, exchange.answer
        return "\n".join(
            (
                f"{exchange.vendor}: the client broke the contract of {exchange.operation or 'no operation'}",
                *(f"  earlier  {_line(each)}" for each in exchanges[max(0, place - EARLIER_SHOWN) : place]),
                f"  here     {_line(exchange)}",
                f"    > {_shown(request.body) or request.query}",
                f"    < {_shown(answer.body)}",
                *(explain(found) for found in self._unexpected(exchange)),
            )
        )

    def _note_answer(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if self._pump is not None:
            self._pump.wake()

    def _round(self, stage: Stage) -> None:
        """Keep up with host time; an idle clock jumps from one due instant to the next after an answer."""
        stage.keep_up()
        answered = stage.journal.recorded
        if stage.timekeeper is None and answered != self._jumped_after:
            end = stage.world.clock.now + HORIZON
            while not self.gate.open and (due := _next_due(stage)) is not None and due <= end:
                stage.advance(due)
            self._jumped_after = answered


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


class Neighbours:
    """Everybody who can be called, by number: `people["+447700900101"]`."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world

    def __getitem__(self, number: str) -> Somebody:
        """Return who answers `number`, written as E.164."""
        self._world.settle()
        return Somebody(self._world.stage, number)


class VendorFixture:
    """One vendor in a test's world: where it is, how to get in, and what became of everything."""

    def __init__(self, world: FixtureWorld, vendor: str) -> None:
        self.name = vendor
        self.world = world
        self.clock = world.clock
        self.people = Neighbours(world)

    @property
    def base_url(self) -> str:
        """What stands for the vendor's scheme and host."""
        return f"{self.world.root}/{self.name}"

    @property
    def key(self) -> str:
        """The credential of the scenario's first account at this vendor; raises SimulatorError."""
        return self._account().credential

    @property
    def credentials(self) -> Mapping[str, Any]:
        """All that a client needs to get in, by the vendor's words, such as `campaign_id`."""
        self._account()
        return self.world.server.simulator.credentials(self.name, self.world.name)

    @property
    def calls(self) -> list[Any]:
        """The calls of this vendor's accounts, oldest first: a Call each that one placed.

        And a LineCall each that came in to a number of one.
        """
        with self.world.stage.lock:
            newest = self.world.stage.world.newest_calls()
            return [call for call in newest if call.account.vendor == self.name][::-1]

    @property
    def exchanges(self) -> list[Exchange]:
        """What was asked of this vendor and answered, oldest first."""
        return [exchange for exchange in self.world.exchanges if exchange.vendor == self.name]

    @property
    def deliveries(self) -> list[Delivery]:
        """This vendor's callbacks, sent or not, oldest first."""
        self.world.settle()
        with self.world.stage.lock:
            posted = self.world.stage.world.outbox.deliveries.values()
            return [delivery for delivery in posted if delivery.vendor == self.name]

    @property
    def violations(self) -> list[Violation]:
        """Every breach of this vendor's contract so far, expected or not."""
        return [violation for exchange in self.exchanges for violation in exchange.violations]

    def expect_violation(self, code: str) -> None:
        """Let the test fail unless the client commits this violation, by its code; it is then forgiven."""
        self.world.expected.append((self.name, code))

    def allow_violations(self) -> None:
        """Let the client do to this vendor what it likes."""
        self.world.allowed.append(self.name)

    def requests_session(self) -> requests.Session:
        """Return a session of requests that gets here without a socket, also at the vendor's real hosts."""
        session: requests.Session = import_module("requests").Session()
        mount(session, self.world.server.simulator, self.world.name, f"{self.world.root}/")
        return session

    def httpx_client(self, library: Literal["httpx", "httpx2"] | None = None) -> httpx.Client:
        """Return a client of httpx, or else httpx2, that gets here as `requests_session` does."""
        chosen = import_module(library or ("httpx" if find_spec("httpx") else "httpx2"))
        mounts = httpx_mounts(chosen, self.world.server.simulator, self.world.name, self.world.server.root)
        client: httpx.Client = chosen.Client(base_url=self.base_url, mounts=mounts)
        return client

    def _account(self) -> Account:
        stage = self.world.stage
        with stage.lock:
            for (vendor, _), account in stage.world.accounts.items():
                if vendor == self.name:
                    return account
        raise SimulatorError(
            f"the scenario has no account at {self.name}", "name the vendor under `accounts:` in the scenario"
        )


def _next_due(stage: Stage) -> datetime | None:
    with stage.lock:
        return stage.world.clock.next_due


def _line(exchange: Exchange) -> str:
    request = exchange.request
    return (
        f"{exchange.at:%H:%M:%S} {exchange.id} {exchange.vendor}.{exchange.operation or '?'}: "
        f"{request.method} {request.path} answered {exchange.answer.status}"
    )


def _shown(body: bytes) -> str:
    text = body[:BODY_SHOWN].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)
