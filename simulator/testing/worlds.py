"""One server for a session of tests, and a world for each test."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from threading import Condition, Thread
from typing import Any

from simulator.app import Simulator
from simulator.engine.explaining import check_expected
from simulator.engine.real_time import Pump
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings
from simulator.engine.snapshots import Beginning, Snapshot
from simulator.engine.verification import conduct_on, run_steps, untaken, verdicts_on
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Exchange
from simulator.scenario.schema import Scenario
from simulator.serving.protocol import Connection
from simulator.serving.server import Listener, Server
from simulator.serving.sockets import bind
from simulator.testing.clocks import FixtureClock
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.host_routes import Tried, tell_nobody
from simulator.testing.leading import SecureServer
from simulator.testing.transports import check_process
from simulator.verdicts.conduct import Conduct
from simulator.verdicts.findings import Verdict
from simulator.web.handover import Hold, Outgoing, gather
from simulator.web.journal import Journal
from simulator.web.known_secrets import Secrets
from simulator.web.masking import Masker

BUGS = "the simulator itself failed, which is not the client's fault; please report it, with the log:"
"""How a verdict begins that blames nobody but us."""

LATE = (
    "requests came to a telephony world after its test had ended, when nobody could judge them any more;"
    " let the test wait for its threads, or stop them in a finalizer"
)
ENDS = (
    "the control API ends with this world; until then `exchanges`, `calls`, `messages` and `deliveries` of a"
    " vendor's fixture tell the same, and under pytest `--simulator-report html=FILE` keeps it"
)
OVER = "ask while it is open, where a client is judged: in the test, or in a fixture that takes the vendor's"
SHOWN = 200
ALLOWING = "one that is about just this says .allow_conduct({subject!r}) of its vendor's fixture"

PATIENCE_SECONDS = 60.0
"""How long a test waits for an answer to leave that its client no longer reads."""


class SharedServer:
    """One server for all tests of a process, on a free port of this machine; each test has its own world.

    It answers under names of this machine and of the vendors, and under `host_names`. Whoever is about
    to reach a real vendor by a session of a fixture is refused, and `tried` is told.
    """

    def __init__(self, host_names: tuple[str, ...] = ()) -> None:
        sock = bind("127.0.0.1", 0)
        self.process = os.getpid()
        self.port = int(sock.getsockname()[1])
        self.root = f"http://127.0.0.1:{self.port}"
        settings = Settings(
            allowed_destinations=("127.0.0.0/8", "::1/128"),
            own_ports=frozenset({self.port}),
            vouches_for_keys=True,
            loopback=True,
            opens_worlds=False,
            host_names=host_names,
        )
        try:
            self.simulator = Simulator(settings)
        except BaseException:  # a host name that is none
            sock.close()
            raise
        self.simulator.gateway.hold = self._hold_back
        self.tried: Tried = tell_nobody
        self._worlds: dict[str, FixtureWorld] = {}
        self._anywhere: FixtureWorld | None = None
        self._secure: SecureServer | None = None
        self._ended: dict[str, str] = {}
        self._late: Counter[tuple[str, str]] = Counter()
        self.simulator.worlds.on_unknown_world = self._note_late
        self._server = Server(self._answer, [Listener(sock, Connection)], self.simulator.settings.limits)
        self._thread = Thread(target=self._server.run, name="simulator-server", daemon=True)
        self._thread.start()

    def open_world(
        self, name: str, scenario: Scenario, judge: ContractJudge, judged: bool = False, test: str = ""
    ) -> FixtureWorld:
        """Return a world for one `test`; one that is `judged` answers for what the scenario expects."""
        self._ended.pop(name, None)
        world = self._worlds[name] = FixtureWorld(self, name, scenario, judge, judged)
        world.test = test or name
        return world

    def check_refusals(self, words: Collection[str]) -> None:
        """Raise SimulatorError for words that name no refusal of any vendor."""
        if words:
            check_expected(
                words, [self.simulator.worlds.setup.contract(vendor) for vendor in self.simulator.vendors]
            )

    def close_world(self, name: str) -> None:
        """Forget a world; who still asks there gets a 404, and is told of at the end."""
        test = self._worlds.pop(name).test
        with suppress(UnknownName):  # opened at first use, which may never have come
            self.simulator.worlds.close(name)
        self._ended[name] = test

    @property
    def late_requests(self) -> str:
        """Which tests were over when requests still came to their worlds, in words for a terminal."""
        lines = [
            f"  {test}: {what}" + (f" ({count} times)" if count > 1 else "")
            for (test, what), count in self._late.items()
        ]
        return "\n".join([LATE, *lines]) if lines else ""

    def _note_late(self, world: str, environ: Mapping[str, Any]) -> None:
        if (test := self._ended.get(world)) is not None:
            path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")[:SHOWN]
            self._late[test, f"{environ['REQUEST_METHOD']} {path}"] += 1

    def close(self) -> None:
        """Answer what is under way and end all threads."""
        self._server.drain()
        self._thread.join()
        if self._secure is not None:
            self._secure.close()
        self.simulator.close()

    @contextmanager
    def led(self, world: FixtureWorld) -> Iterator[None]:
        """Let code of this process that has the vendors' own addresses reach a world."""
        if self._secure is None:
            self._secure = SecureServer(self.simulator, self._answer)
        self._anywhere = world
        try:
            with self._secure.led(self.port):
                yield
        finally:
            self._anywhere = None

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if self._anywhere is not None and not path.startswith("/@"):
            path = environ["PATH_INFO"] = f"/@{self._anywhere.name}{path}"
        world = self._worlds.get(path.removeprefix("/@").partition("/")[0])
        return (world.answer if world else self.simulator)(environ, start_response)

    def _hold_back(self, sandbox: Sandbox, length: timedelta) -> Hold:
        """Let a client wait no longer than its test lasts."""
        world = self._worlds.get(sandbox.world.name)
        return Hold(0.0) if world is None else world.hold_back(length)


class FixtureWorld:
    """One test's world: opened at first use, so that it begins at an instant that the test has frozen."""

    def __init__(
        self, server: SharedServer, name: str, scenario: Scenario, judge: ContractJudge, judged: bool
    ) -> None:
        self.server = server
        self.name = name
        self.clock = FixtureClock(self)
        self.judge = judge
        self.test = ""
        self._scenario = scenario
        self._to_be_judged = judged and bool(scenario.expect)
        self._judged = judged
        self._run = False
        self.concluded: list[Verdict] = []
        self._tagged, self._tags = 0, frozenset[str]()
        self._changed = Condition()
        self._open_requests = 0
        self._closed = False
        self._held_back: dict[Hold, None] = {}
        self._pump: Pump | None = None

    @cached_property
    def sandbox(self) -> Sandbox:
        """The world, running; raises SimulatorError where it is over before anybody asked for anything."""
        return self._open(self._scenario)

    def restore(self, snapshot: Snapshot) -> None:
        """Make the world again as it was."""
        if self.is_open:
            self.settle()
        if self._pump is not None:
            self._pump.stop()
            self._pump = None
        self.sandbox = self._open(snapshot)
        self._tagged, self._run = -1, False

    def _open(self, beginning: Beginning) -> Sandbox:
        if self._closed:
            raise SimulatorError(f"the telephony world of {self.test} is over", OVER)
        check_process(self.server.process)
        sandbox = self.server.simulator.worlds.open(self.name, beginning)
        if sandbox.timekeeper is not None:
            self._pump = Pump(sandbox.drive)
            self._pump.start()
        return sandbox

    @property
    def exchanges(self) -> list[Exchange]:
        """Everything that was asked and answered, oldest first; bodies are cut to 64 KB."""
        with self.sandbox.lock:
            return list(self.sandbox.recorder.journal)

    @property
    def root(self) -> str:
        """Below what URL the vendors of this world are reached."""
        return f"{self.server.root}/@{self.sandbox.world.name}"

    def settle(self) -> None:
        """Wait until every answer has left, and with it the callbacks that were due at once."""
        with self._changed:
            self._changed.wait_for(lambda: self._open_requests <= len(self._held_back), PATIENCE_SECONDS)
        self.sandbox.keep_up()

    def answer(self, environ: dict[str, Any], start_response: Any) -> Outgoing:
        """Answer a request, which is open until its answer has left."""
        with self._changed:
            self._open_requests += 1
        try:
            return gather(self.server.simulator(environ, start_response)).then(self._note_answer)
        except BaseException:
            self._note_answer()
            raise

    def _note_answer(self, _may_wait: bool = True) -> None:
        with self._changed:
            self._open_requests -= 1
            self._changed.notify_all()
        if self._pump is not None:
            self._pump.wake()

    def hold_back(self, length: timedelta) -> Hold:
        """Let one client wait for `length` of host time, or until the test is over."""
        hold = Hold(length.total_seconds(), lambda: self._let_go(hold))
        with self._changed:
            self._held_back[hold] = None
            self._changed.notify_all()
            closed = self._closed
        if closed:
            hold.release()
        return hold

    def _let_go(self, hold: Hold) -> None:
        with self._changed:
            self._held_back.pop(hold, None)

    def close(self) -> None:
        """End the world, and let go of clients that wait; raises what its pump failed with."""
        with self._changed:
            self._closed, held_back = True, [*self._held_back]
        for hold in held_back:
            hold.release()
        try:
            if self._pump is not None:
                self._pump.stop()
        finally:
            self.server.close_world(self.name)

    def conclude(self) -> list[Verdict]:
        """Run the scenario's `run` steps, once; return a verdict on each word under `expect`.

        Who asks judges for themselves: the test's end does so no more.
        """
        self.settle()
        if not self._run:
            self._run = True
            run_steps(self.sandbox)
        self._to_be_judged = False
        self.concluded = verdicts_on(self.server.simulator.worlds, self.sandbox, forgiven=self.judge.forgives)
        return self.concluded

    def broken_promises(self) -> str:
        """Return what the scenario expected of a test that has not concluded, and did not come true."""
        verdicts = self.conclude() if self._to_be_judged else []
        mask = self.sandbox.recorder.masker.text if verdicts else str
        broken = [mask(verdict.write()) for verdict in verdicts if verdict.held is False]
        return "\n\n".join([*broken, ENDS] if broken else [])

    def mask(self, text: str) -> str:
        """Mask the credentials of this world and the numbers that came to it, in whatever is printed."""
        if not self.is_open:
            return text
        recorder = self.sandbox.recorder
        journal = recorder.journal
        if journal.recorded != self._tagged:
            with self.sandbox.lock:
                self._tagged, self._tags = journal.recorded, recorder.masker.tags_in(journal)
        return recorder.masker.known(text, self._tags)

    def failures(self) -> str:
        """Return all that the client has to answer for, in words for people; nothing when all is well."""
        promises = (self.broken_promises(), self.misconduct())  # which may do what breaks a contract
        return "\n\n".join(filter(None, (self.breaches(), *promises)))

    def breaches(self) -> str:
        """Return how the simulator failed and contracts were broken; nothing when all is well."""
        if not self.is_open:
            return self.judge.verdict(Journal(), Masker(Secrets()))
        recorder = self.sandbox.recorder
        bugs = [BUGS, *(f"  {line}" for line in recorder.bugs.lines)] if recorder.bugs.lines else []
        with self.sandbox.lock:
            verdict = self.judge.verdict(recorder.journal, recorder.masker)
        return "\n\n".join(filter(None, ("\n".join(bugs), verdict)))

    def late_verdict(self) -> str:
        """Return what the test has to answer for since its verdict: teardowns and finalizers ask as well."""
        if not self.is_open:
            return ""
        self.settle()
        with self.sandbox.lock:
            return self.judge.late_verdict(self.sandbox.recorder.journal, self.sandbox.recorder.masker)

    def untaken(self) -> str:
        """Return which callbacks were taken by nobody, in words for people; nothing when all were."""
        if not self.is_open:
            return ""
        return "\n".join(map(self.mask, untaken([self.sandbox])))

    def misconduct(self) -> str:
        """Return what the client did that none may do, whatever its scenario; nothing when all is well."""
        return "\n\n".join(
            f"{verdict.write()}\n  test   {ALLOWING.format(subject=verdict.expected)}"
            for verdict in self.conduct().broken
        )

    def conduct(self) -> Conduct:
        """Return how the client behaved, whatever its scenario; nothing where the test is not strict."""
        if not self.is_open or not self.judge.strict:
            return Conduct()
        self.settle()
        pardons = self.judge.forgiven_conduct
        return conduct_on(self.server.simulator.worlds, self.sandbox, self._judged, pardons)

    @property
    def is_open(self) -> bool:
        """Whether anybody has asked for anything in it."""
        return "sandbox" in vars(self)
