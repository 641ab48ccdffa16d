"""One world running: its lock, its one door for inputs, and the record of what was said in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from simulator.engine.advances import HORIZON, AdvanceResult, Goal, check_moment, moment_after
from simulator.engine.answering import Answering, refusal_called
from simulator.engine.machine import Reply, StateMachine
from simulator.engine.outbound_queue import OutboundQueue, Send
from simulator.engine.real_time import FakedMoves, IdleTime, RealTime, StreamTime
from simulator.engine.recorder import Recorder
from simulator.engine.shared_machine import SharedMachine
from simulator.engine.waits import Waits, advice_on
from simulator.errors import StateUnavailable
from simulator.exchange import Answer, Request
from simulator.faults import Refuse
from simulator.scenario.building import fault_rules
from simulator.scenario.schema import Scenario
from simulator.state.inputs import (
    ActionTaken,
    Input,
    InputLog,
    RequestArrived,
    TimeReached,
)
from simulator.telephony.world import World
from simulator.web.faults import FaultPlan
from simulator.web.handover import WouldWait
from simulator.web.vendor_app import VendorApp

if TYPE_CHECKING:
    from simulator.state.streams import Stream

MAIN = "main"
"""The world that is there from the start."""

KEEPING_UP_SECONDS = 1.0
"""How long a client's request waits for whoever sends what is due, before it moves time without sending."""

JUDGED_AT_ONCE = 50
"""How many exchanges of before a restart are judged between two looks at what is due."""

SMALL = 16_384
"""Bytes of a body that brings no clip worth counting."""


class Sandbox:
    """Everything around one world. Every change of the world comes in through its machine, one at a time.

    `send` carries callbacks out and is never called while the lock is held; `timekeeper` tells the time of a
    world that runs by itself, and is None for one that moves only when told. Hold `lock` to read the world
    from outside, so that no input comes between. Without `send_inline` somebody else, such as the pump, has
    to call `drive`. It was `opened_by` a request, where nobody else did.
    """

    def __init__(
        self,
        world: World,
        vendors: Mapping[str, VendorApp],
        send: Send,
        recorder: Recorder,
        *,
        scenario: Scenario,
        timekeeper: RealTime | None,
        send_inline: bool,
    ) -> None:
        self.world = world
        self.scenario = scenario
        self.vendors = vendors
        self.recorder = recorder
        self.faults = FaultPlan(
            fault_rules(scenario, world.clock.start),
            lambda *subject: world.random.share("fault", *subject),
            lambda action, where: (
                not isinstance(action, Refuse) or bool(refusal_called(recorder.contracts, action, where))
            ),
        )
        self.timekeeper = timekeeper
        self.send_inline = send_inline
        self.lock = RLock()
        self.opened_by = ""
        self.steps: list[tuple[datetime, datetime]] = []
        self._advancing = Lock()
        self._outbound = OutboundQueue(self.lock, world, send, recorder.bugs.report)
        answering = Answering(world, self.faults, recorder)
        self._machine: StateMachine = StateMachine(answering, vendors, self._outbound, timekeeper)
        self._waits = Waits(vendors)
        self._faked = FakedMoves()
        self._owed: datetime | None = None
        self._uploaded = 0

    @property
    def inputs(self) -> InputLog:
        """The log of what came in."""
        return self._machine.inputs

    @inputs.setter
    def inputs(self, log: InputLog) -> None:
        self._machine.inputs = log

    @property
    def shared(self) -> SharedMachine | None:
        """What follows the inputs that other processes enter as well; None where there are none."""
        return self._machine if isinstance(self._machine, SharedMachine) else None

    def share(self, stream: Stream, timekeeper: StreamTime | None) -> None:
        """Follow a stream of inputs from its beginning, and enter what comes here into it."""
        self.timekeeper = timekeeper
        self._machine = machine = SharedMachine(self._machine, stream, timekeeper)
        machine.rebuild()

    def sync(self) -> None:
        """Wait until all inputs survive a loss of power, where that was asked for."""
        if (sync := self._machine.inputs.sync) is not None:
            sync()

    # -- what clients do --------------------------------------------------------------------------------

    def answer(self, vendor: str, request: Request, may_wait: bool = True) -> Reply:
        """Answer one request of a client; the caller reports by `written` when the answer has left.

        Where the clock stands still, it moves on first by a wait that this client was told and has really
        waited for, and by what its test has moved a date of the host that it fakes. Who may not wait has the
        lock already; then WouldWait is raised where time has to move first, and nothing has been done.
        """
        until, bug = self._waited_out(vendor, request) if self._waits.known else (None, None)
        self._follow(until, may_wait)
        try:
            with self.lock:
                reply: Reply = self._machine.enter(RequestArrived(vendor, request))
                reply = self._heed(request, reply)
        except StateUnavailable:  # nothing was done
            raise
        except Exception:  # what is due beside the request failed: its callbacks must not wait for it
            self._outbound.note_answer_left(self.world.inputs)
            if may_wait and self.send_inline:
                self._outbound.dispatch()
            raise
        self.recorder.log(reply.exchange)
        return reply.with_remarks(bug) if bug else reply

    def _waited_out(self, vendor: str, request: Request) -> tuple[datetime | None, str | None]:
        """Return the instant until which a client has waited as it was told, or the rule of a bug."""
        try:
            return self._waits.waited_out(vendor, request), None
        except Exception as error:
            return None, self.recorder.bugs.report(self.world.name, error)

    def _heed(self, request: Request, reply: Reply) -> Reply:
        """Note on the clock that a request was answered, and how long its client was told to wait."""
        try:
            wait = reply.exchange.wait
            if self.timekeeper is not None:
                self.timekeeper.note_request(wait or timedelta(0))
            elif wait:
                self._waits.note(request, reply.exchange, wait)
                return reply.with_remarks(advice_on(wait))
        except Exception as error:
            return reply.with_remarks(self.recorder.bugs.report(reply.exchange.id, error))
        return reply

    def turn_away(self, vendor: str, glimpse: Request, answer: Answer, rule: str, advice: str = "") -> Reply:
        """Remember a request that was refused unread: it changes nothing, so it is no input."""
        with self.lock:
            kept = self.recorder.record_unread(
                self.vendors[vendor], glimpse, answer, rule, at=self._machine.now(), advice=advice
            )
        self.recorder.log(kept)
        return Reply(0, kept, answer)

    def written(self, number: int, may_wait: bool = True) -> None:
        """Note that the answer to input `number` has left: callbacks about what it made may follow.

        Raises WouldWait for whoever may not wait where others have the lock, or callbacks are sent from here.
        """
        if not self.lock.acquire(blocking=may_wait):
            raise WouldWait(self.world.name)
        try:
            self._machine.note_answer_left(number)
            if self.timekeeper is not None:
                self.timekeeper.note_request()
            sends = self.send_inline and self._outbound.has_any()
        finally:
            self.lock.release()
        if sends and not may_wait:
            raise WouldWait
        if sends:
            self._outbound.dispatch()

    def hold_back(self, number: int) -> None:
        """Note that the answer to input `number` is kept back on purpose, until it is written."""
        self._outbound.hold(number)

    def let_pass(self, length: timedelta, number: int) -> None:
        """Move time on while the answer to input `number` is kept back."""
        with self._outbound.holding(number):
            self._catch_up_to(self.now() + length)

    def weigh(self, request: Request | None = None) -> int:
        """Return how many bytes this world remembers of what came in, by estimate: exchanges, inputs, clips.

        Clips are counted again when `request` may have brought one.
        """
        if request is not None and len(request.body) > SMALL:
            with self.lock:
                self._uploaded = self.world.clips.size
        return self.recorder.bytes + self._machine.inputs.bytes + self._uploaded

    # -- what testers do --------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return what time it is in the world."""
        with self.lock:
            return self._machine.now()

    def act(self, name: str, **arguments: Any) -> Any:
        """Run one of COMMANDS by name, with plain arguments, and return its result."""
        self._follow()
        result = self._machine.enter(ActionTaken(name, arguments))
        self.sync()
        if self.timekeeper is not None:
            self.timekeeper.note_request()
        if self.send_inline:
            self._outbound.dispatch()
        return result

    def advance(self, until: datetime | timedelta | None = None) -> AdvanceResult:
        """Move time to `until`, or by it, or with None until nothing is due; callbacks go out on the way.

        Synchronous: it waits for whatever is under way, whoever sent it, before the clock moves on. When it
        returns, all that was due has happened, or is told as pending with its reason. Whoever is idle only
        after a year is left there. Raises SimulatorError for a moment that no world comes to.
        """
        if isinstance(until, datetime):
            check_moment(until)
        self._follow()
        with self._advancing:
            return self._run_to(until)

    def _run_to(self, until: datetime | timedelta | None) -> AdvanceResult:
        """Move time as `advance` does; a clock that runs by itself stands still: instants are exact."""
        keeper, outbound, clock = self.timekeeper, self._outbound, self.world.clock
        self._machine.lead()
        if keeper is not None:
            keeper.stop()
        settled = outbound.settled = []
        try:
            since, acts = self.now(), 0
            goal = Goal(clock, since, moment_after(since, until) if isinstance(until, timedelta) else until)
            outbound.finish()
            arrived = False
            while not arrived:
                with self.lock:
                    acts += self._machine.advance(goal.next_stop())
                    arrived = goal.reached()
                outbound.finish()
                arrived = arrived and goal.reached()
            self._machine.enter(TimeReached())
            self.sync()
        finally:
            outbound.settled = None
            if keeper is not None:
                keeper.go_on(clock.now)
                keeper.note_request()
        with self.lock:
            pending = (*outbound.pending(), *goal.pending())
            sent, idle = tuple(settled), clock.next_due is None
            return AdvanceResult(
                since=since, now=clock.now, acts=acts, deliveries=sent, idle=idle, pending=pending
            )

    # -- a clock that stands still ----------------------------------------------------------------------

    def _follow(self, until: datetime | None = None, may_wait: bool = True) -> None:
        """Where nobody but us moves time, move it as far as a test has moved its own, and to `until`.

        Who may not wait leaves it to the next one, and raises WouldWait.
        """
        if self.timekeeper is not None:
            return
        moved = self._faked.take()
        if not (moved or until or self._owed):
            return
        now = self.world.clock.now
        target = max(now + moved, until or now, self._owed or now)
        self._owed = None
        if target > now and not may_wait:
            self._owed = target
            raise WouldWait
        if target > now:
            self._catch_up_to(target)

    def _catch_up_to(self, target: datetime) -> None:
        """Move time on for a client, which must not wait for callbacks: it may be answering one just now.

        While some are under way, or somebody else moves time, those due on the way leave afterwards.
        """
        idle = self._outbound.quiet() and self._outbound.settled is None
        if idle and self._advancing.acquire(timeout=KEEPING_UP_SECONDS):
            try:
                self._run_to(target)
            finally:
                self._advancing.release()
        else:
            with self.lock:
                self._machine.enter(TimeReached(), max(target, self._machine.now()))

    # -- what happens by itself -------------------------------------------------------------------------

    def drive(self, steps: bool = True) -> None:
        """Keep up with a clock that runs by itself; an idle one takes a step when its client is silent."""
        if self._rests():
            return
        try:
            with suppress(StateUnavailable):  # of which is told
                self._drive(steps)
            if self.shared is None:  # else whoever answered has judged, and here it is done for whoever looks
                with self.lock:
                    self.recorder.catch_up(JUDGED_AT_ONCE)
        except Exception as error:
            self.recorder.bugs.report(self.world.name, error)

    def _rests(self) -> bool:
        """Tell whether nothing is to be done until somebody asks: thousands of worlds cost nothing then."""
        stands_still = self.timekeeper is None and self.shared is None
        return stands_still and self._outbound.is_empty() and not self.recorder.has_unjudged

    def _drive(self, steps: bool) -> None:
        self.keep_up()
        keeper = self.timekeeper
        if steps and isinstance(keeper, IdleTime) and keeper.silent:
            with self.lock:
                if self._outbound.quiet() and not self._outbound.is_asking():
                    self._step(keeper)
            self.keep_up()

    def _step(self, keeper: IdleTime) -> None:
        """Go to the next instant at which something is due; the next step needs another pause."""
        now, due = self._machine.now(), self.world.clock.next_due
        if due is None or due - now > HORIZON or self._outbound.settled is not None:
            return
        keeper.skip(due - now)
        self.steps.append((now, due))
        self._machine.enter(TimeReached(), max(due, now))
        keeper.note_request()

    def keep_up(self) -> None:
        """Bring a world that runs by itself up to its time, and send what is due without waiting for it.

        Where somebody moves time just now, sending is theirs; what is due has happened all the same.
        """
        self._follow()
        self._machine.keep_up()
        if self._advancing.acquire(blocking=False):
            try:
                self._outbound.send()
            finally:
                self._advancing.release()

    def replay(self, inputs: Iterable[Input], requests: int = 0) -> None:
        """Enter the inputs again that once came to another sandbox of the same scenario.

        What was refused then is refused again; of the exchanges only the newest are judged. It costs less
        where it is known how many of the inputs are `requests`.
        """
        self._machine.replay(inputs, requests)

    def rebuild(self, inputs: Iterable[Input], at: datetime) -> None:
        """Make of a fresh world what these inputs made of another one by the instant `at`, and go on."""
        self.replay(inputs)
        with self.lock:
            if self.world.clock.now < at:
                self._machine.enter(TimeReached(), at)
            if self.timekeeper is not None:
                self.timekeeper.resume(self.world.clock.now, timedelta(0))
