"""One world on stage: its lock, its one door for inputs, and the record of what was said in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from threading import Lock, RLock
from typing import Any

from werkzeug.exceptions import InternalServerError

from simulator.actions import ACTIONS, Scene
from simulator.conformance.contract import Contract
from simulator.conformance.matching import match as find_variant
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.pump import RealTime
from simulator.record import Record, read_parameters
from simulator.scenario.schema import Scenario
from simulator.scenario.staging import fault_rules
from simulator.state.inputs import (
    ActionTaken,
    Cause,
    DeliverySettled,
    Input,
    InputLog,
    MemoryLog,
    RequestArrived,
    TimeReached,
)
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery
from simulator.telephony.world import World
from simulator.verdicts.evidence import Sending
from simulator.web.attempts import Outcome
from simulator.web.callees import callees_of
from simulator.web.destinations import HOP_HEADER
from simulator.web.faults import Decision, FaultPlan, apply_to_answer
from simulator.web.vendor_app import Arrival, VendorApp

MAIN = "main"
"""The world that is there from the start."""

HORIZON = timedelta(days=366)
"""How far `until idle` looks before it gives up on a world that never rests."""

MOST_HOPS = 1_000
"""How many requests that came round through us are remembered; of an older one, callbacks count from 0."""

SMALL = 16_384
"""Bytes of a body that brings no clip worth counting."""

log = logging.getLogger("simulator")
Send = Callable[[Delivery], Future[Outcome]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back for one request; `number` is the input, to be reported as written when it is."""

    number: int
    exchange: Exchange
    answer: Answer
    fault: Decision | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """What happened while time moved; `idle` tells that nothing more is due."""

    since: datetime
    now: datetime
    acts: int
    deliveries: tuple[str, ...]
    idle: bool


class Stage:
    """Everything around one world. Every change of the world comes in through `_enter`, one at a time.

    `send` carries callbacks out and is never called while the lock is held; `timekeeper` tells the time of a
    world that runs by itself, and is None for one that moves only when told. Hold `lock` to read the world
    from outside, so that no input comes between. Without `send_inline` somebody
    else, such as the pump, has to call `flush`.
    """

    def __init__(
        self,
        world: World,
        vendors: Mapping[str, VendorApp],
        contracts: Callable[[str], Contract],
        send: Send,
        scenario: Scenario,
        timekeeper: RealTime | None = None,
        show_numbers: bool = False,
        send_inline: bool = True,
    ) -> None:
        self.world = world
        self.scenario = scenario
        self.vendors = vendors
        self.record = Record(world, vendors, contracts, show_numbers)
        self.faults = FaultPlan(
            fault_rules(scenario, world.clock.start), lambda *subject: world.fates.share("fault", *subject)
        )
        self.inputs: InputLog = MemoryLog()
        self.timekeeper = timekeeper
        self.send_inline = send_inline
        self._contracts = contracts
        self._send = send
        self.lock = RLock()
        self._advancing = Lock()
        self._outgoing: list[Delivery] = []
        self._unwritten: dict[int, None] = {}
        self._hops: dict[int, str] = {}
        self._uploaded = 0

    # -- what clients do --------------------------------------------------------------------------------

    def visit(self, vendor: str, request: Request) -> Reply:
        """Answer one request of a client; the caller reports by `written` when the answer has left."""
        reply: Reply = self._enter(RequestArrived(vendor, request))
        return reply

    def turn_away(self, vendor: str, glimpse: Request, answer: Answer, rule: str) -> Reply:
        """Remember a request that was refused unread: it changes nothing, so it is no input."""
        with self.lock:
            told = self.record.keep_unread(self.vendors[vendor], glimpse, answer, rule, self._time())
            return Reply(0, told, answer)

    def written(self, number: int) -> None:
        """Learn that the answer to input `number` has left: callbacks about what it made may follow."""
        with self.lock:
            self._unwritten.pop(number, None)
        if self.send_inline:
            self.flush()

    def weigh(self, request: Request | None = None) -> int:
        """Return how many bytes this world remembers of what came in, by estimate: exchanges, inputs, clips.

        Clips are counted again when `request` may have brought one.
        """
        with self.lock:
            if request is not None and len(request.body) > SMALL:
                self._uploaded = self.world.clips.size
            return (
                self.record.journal.bytes + self.record.callbacks.bytes + self.inputs.bytes + self._uploaded
            )

    # -- what testers do --------------------------------------------------------------------------------

    def act(self, name: str, **arguments: Any) -> Any:
        """Lay a hand on the world: one of ACTIONS by name, with plain arguments."""
        result = self._enter(ActionTaken(name, arguments))
        if self.send_inline:
            self.flush()
        return result

    def advance(self, until: datetime | None = None) -> Advance:
        """Move time to `until`, or with None until nothing is due; callbacks go out at their own instants.

        Synchronous: when it returns, all of it has happened. Whoever is idle only after a year is left there.
        """
        with self._advancing:
            since, acts = self._time(), 0
            sent: list[str] = []
            end = until or since + HORIZON
            arrived = False
            while not arrived:
                with self.lock:
                    acts += self.world.advance_to(self._next_stop(until, end))
                    self._collect()
                    arrived = self._arrived(until, end)
                sent += self.flush()
                arrived = arrived and self._arrived(until, end)
            if self.timekeeper is not None:
                self.timekeeper.skip(self.world.clock.now - self.timekeeper())
            self._enter(TimeReached())
            now = self.world.clock.now
            return Advance(since, now, acts, tuple(sent), self.world.clock.next_due is None)

    def _next_stop(self, until: datetime | None, end: datetime) -> datetime:
        return end if until else min(self.world.clock.next_due or self.world.clock.now, end)

    def _arrived(self, until: datetime | None, end: datetime) -> bool:
        clock = self.world.clock
        if until is None and clock.next_due is None:
            return True
        return clock.now >= end and (clock.next_due is None or clock.next_due > end)

    # -- what happens by itself -------------------------------------------------------------------------

    def keep_up(self) -> None:
        """Bring a world that runs by itself up to its time, and send what is due."""
        if self.timekeeper is not None:
            with self.lock:
                self._reach(self._time())
        for delivery in self._sendable():
            settle = partial(self._settle, delivery, self._departure())
            self._send(self._onward(delivery)).add_done_callback(settle)

    def flush(self) -> list[str]:
        """Send every callback that is due and may be, and wait for what becomes of it; return their ids."""
        sent: list[str] = []
        while batch := self._sendable():
            under_way = [(each, self._departure(), self._send(self._onward(each))) for each in batch]
            for delivery, departure, outcome in under_way:
                self._settle(delivery, departure, outcome)
                sent.append(delivery.id)
        return sent

    def _departure(self) -> tuple[int, datetime]:
        return self.world.inputs, self.world.clock.now

    def _settle(self, delivery: Delivery, departure: tuple[int, datetime], awaited: Future[Outcome]) -> None:
        outcome, sent = awaited.result(), delivery.request
        self._enter(DeliverySettled(delivery.id, outcome.status, outcome.error, outcome.reply))
        with self.lock:
            left = partial(Sending, delivery.id, *departure)
            self.record.sendings.append(left(outcome.delivered, outcome.error, outcome.took))
            self.record.keep_callback(delivery, sent, outcome)

    def replay(self, inputs: Iterable[Input]) -> None:
        """Let everything happen again that once happened to another stage of the same scenario."""
        for entry in inputs:
            with suppress(SimulatorError, TelephonyError):  # what was refused then is refused again
                self._enter(entry.cause, entry.at)
            if isinstance(entry.cause, DeliverySettled):
                self._take_back(entry.cause.ref)
        self._unwritten.clear()

    def _take_back(self, ref: str) -> None:
        """Leave a callback unsent that the first stage has sent already."""
        for delivery in [each for each in self._outgoing if each.id == ref][:1]:
            self._outgoing.remove(delivery)

    def _onward(self, delivery: Delivery) -> Delivery:
        """Pass on how often the request behind a callback came round through us, so that loops end."""
        hop = self._hops.get(delivery.born)
        if hop is None:
            return delivery
        request = replace(delivery.request, headers=(*delivery.request.headers, (HOP_HEADER, hop)))
        return replace(delivery, request=request)

    def _sendable(self) -> list[Delivery]:
        with self.lock:
            self._collect()
            batch = [delivery for delivery in self._outgoing if delivery.born not in self._unwritten]
            self._outgoing = [delivery for delivery in self._outgoing if delivery.born in self._unwritten]
            return batch

    # -- the one door -----------------------------------------------------------------------------------

    def _enter(self, cause: Cause, at: datetime | None = None) -> Any:
        with self.lock:
            at = at or self._time()
            self._reach(at)
            self.world.inputs += 1
            self.inputs.append(Input(at, cause))
            self.world.clock.cause = self.world.inputs
            try:
                return self._apply(cause)
            finally:
                self.world.clock.cause = 0
                self._reach(at)

    def _apply(self, cause: Cause) -> Any:
        match cause:
            case RequestArrived(vendor, request):
                return self._answer(self.vendors[vendor], request)
            case ActionTaken(name, arguments):
                return ACTIONS[name](Scene(self.world, self.faults), **arguments)
            case DeliverySettled(ref, status, error, reply):
                return self.world.outbox.settle(ref, status, error, reply)
            case TimeReached():
                return None

    def _time(self) -> datetime:
        now = self.world.clock.now
        return max(self.timekeeper(), now) if self.timekeeper else now

    def _reach(self, at: datetime) -> None:
        """Do all that is due up to `at`."""
        self.world.advance_to(at)
        while self._collect():
            self.world.advance_to(at)

    def _collect(self) -> bool:
        ready = self.world.outbox.take_ready()
        self._outgoing += ready
        return bool(ready)

    # -- one exchange -----------------------------------------------------------------------------------

    def _answer(self, app: VendorApp, request: Request) -> Reply:
        number, beside = self.world.inputs, tuple(self._unwritten)
        self._unwritten[number] = None
        if (hop := request.header(HOP_HEADER)) is not None:
            self._hops[number] = hop
            if len(self._hops) > MOST_HOPS:
                del self._hops[next(iter(self._hops))]
        path = app.vendor.rewrite(request.path)
        asked = request if path == request.path else replace(request, path=path)
        form = read_parameters(app, asked)
        contract = self._contracts(app.name)
        fields = _fields(form)
        variant = find_variant(contract, asked.method, asked.path, fields)
        operation = variant.operation if variant else None
        fault = self._decide(app, f"{app.name}.{operation}", asked, fields)
        arrival = Arrival(self.world, asked, form)
        answer = self._ask(app, arrival, fault)
        at, name = self.world.clock.now, self.world.name
        edition = app.vendor.edition(arrival.account) if arrival.account is not None else None
        told = (app.name, operation, asked, answer, arrival.rule, (), edition)
        more = (arrival.visitor, arrival.haste, beside, fault is not None and fault.loses_the_answer)
        exchange = self.record.keep(app, Exchange(f"{name}-{number}", at, name, *told, *more), form)
        spoilt = apply_to_answer(fault, answer) if fault else answer
        return Reply(number, exchange, spoilt, fault)

    def _ask(self, app: VendorApp, arrival: Arrival, fault: Decision | None) -> Answer:
        try:
            if fault is not None and fault.spares_the_vendor:
                return apply_to_answer(fault, Answer())
            return app.answer(arrival)
        except Exception:
            bug = f"bug: {self.world.name}-{self.world.inputs}"
            log.exception("%s: this is a bug of the simulator, please report it", bug)
            asked = (InternalServerError(), arrival.request, arrival.account)
            told = app.vendor.sure(*asked)
            arrival.rule = f"{bug}, {told}" if told else bug
            return app.refuse(*asked)
        finally:
            if fault is not None:
                arrival.rule = f"fault: {fault.rule}"

    def _decide(
        self, app: VendorApp, where: str, asked: Request, fields: Mapping[str, str]
    ) -> Decision | None:
        if not self.faults.list():
            return None
        told = f"{asked.method} {asked.path}?{asked.query}".encode() + asked.body
        fingerprint = blake2b(told, digest_size=8).hexdigest()
        callees = callees_of(asked, fields, app.vendor.callees) if self.faults.asks_for_callees(where) else ()
        return self.faults.decide(where, fingerprint, callees, self.world.age)


def _fields(form: Form | MalformedForm) -> Mapping[str, str]:
    return form.values if isinstance(form, Form) else {}
