"""One world as a state machine: what each input does, in the order of the log; nothing else changes it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import formatdate
from functools import lru_cache, partial
from math import floor
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simulator.engine.answering import Answering
from simulator.engine.commands import COMMANDS, CommandContext
from simulator.engine.outbound_queue import OutboundQueue
from simulator.engine.real_time import RealTime, host_seconds
from simulator.exchange import Answer, Exchange, Headers, Request, find_header
from simulator.state.inputs import (
    ActionTaken,
    AnswersLeft,
    Cause,
    DeliverySettled,
    Input,
    InputLog,
    RequestArrived,
    TimeReached,
)
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery
from simulator.web.faults import Decision
from simulator.web.vendor_app import VendorApp


class Reply(Struct, frozen=True):
    """What goes back for one request; `number` is the input, to be reported as written when it is.

    A `remark` is ours, for a header: what the client can do that the vendor's answer does not say.
    """

    number: int
    exchange: Exchange
    answer: Answer
    fault: Decision | None = None
    remark: str = ""

    def with_remarks(self, *remarks: str) -> Reply:
        """Return it with remarks in front of its own, if there are any."""
        return replace(self, remark="; ".join(filter(None, (*remarks, self.remark)))) if remarks else self

    def headers_beside(self, *, dated: bool, pure: bool) -> Headers:
        """Return what stands beside the vendor's own headers: if it is `dated`, a Date by the world's clock.

        Unless it is to be `pure`, what only we have to say comes too.
        """
        ours = () if pure else self._own_headers()
        if dated and not _has_date(self.answer.headers):
            return (("Date", _http_date(floor(self.exchange.at.timestamp()))), *ours)
        return ours

    def _own_headers(self) -> Headers:
        exchange = self.exchange
        ours = [("X-Simulator-Exchange", exchange.id)]
        if rule := "; ".join(filter(None, (exchange.rule, self.remark))):
            ours.append(("X-Simulator-Rule", _in_a_header(rule)))
        if exchange.violations:
            ours.append(("X-Simulator-Violations", str(len(exchange.violations))))
        return tuple(ours)


@lru_cache(maxsize=256)  # most answers carry the same few headers
def _has_date(headers: Headers) -> bool:
    return find_header(headers, "Date") is not None


@lru_cache(maxsize=100)  # many answers leave in one second
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _in_a_header(text: str) -> str:
    """Return a text as a header can hold it: without control letters, and with escapes for foreign ones."""
    plain = text.encode("latin-1", "backslashreplace").decode("latin-1")
    return "".join([letter if letter >= " " and letter != "\x7f" else " " for letter in plain])


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python from looking for garbage among objects that stay, again and again as they become more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class StateMachine:
    """Applies inputs to a world, one at a time under its lock, and keeps them in `inputs` before that.

    The same inputs make the same world, whoever applies them: here as they come, or again from a log.
    """

    def __init__(
        self,
        answering: Answering,
        vendors: Mapping[str, VendorApp],
        outbound: OutboundQueue,
        timekeeper: RealTime | None,
    ) -> None:
        self.inputs = InputLog()
        self.answering = answering
        self._marked = answering.world.clock.now
        self._world = answering.world
        self.vendors = vendors
        self._faults = answering.faults
        self._recorder = answering.recorder
        self.outbound = outbound
        outbound.may_send, outbound.settle = self.may_send, self.enter_outcome
        self._timekeeper = timekeeper
        self._lock = outbound.lock

    def now(self) -> datetime:
        """Return what time it is: a clock that runs by itself is ahead of what has happened."""
        now = self._world.clock.now
        return max(self._timekeeper(), now) if self._timekeeper else now

    def enter(self, cause: Cause, at: datetime | None = None) -> Any:
        """Keep an input that came at `at`, or now, and apply it; raises StateUnavailable, nothing done."""
        with self._lock:
            entry = Input(at or self.now(), cause)
            self.inputs.append(entry)
            return self._take(entry)

    def enter_outcome(self, settled: DeliverySettled) -> None:
        """Enter what became of an attempt to deliver a callback, as of now."""
        self.enter(settled)

    def keep_up(self) -> None:
        """Let happen what is due by now, where time moves by itself."""
        if self._timekeeper is not None:
            with self._lock:
                self.reach(self.now())

    def advance(self, until: datetime) -> int:
        """Move time on, no further than to where a callback is due; return how many acts were done."""
        with self._lock:
            if self.inputs.durable:
                acts: int = self.enter(TimeReached(pausing=True), until)
                return acts
            return self._pass(until)

    def may_send(self) -> bool:
        """Return whether callbacks are ours to send; what is told to a receiver has happened for good."""
        if self.inputs.durable and self._world.clock.now > self._marked:
            self.enter(TimeReached())
        return True

    def lead(self) -> None:
        """Be the one who moves time, and sends callbacks."""

    def note_answer_left(self, number: int) -> None:
        """Note that an answer has left, or never will: callbacks about it may follow."""
        self.outbound.note_answer_left(number)

    def replay(self, inputs: Iterable[Input], requests: int = 0) -> None:
        """Enter inputs again that once came to another sandbox of the same scenario.

        What was refused then is refused again; all are judged later. `requests` of them are requests, where
        that is known.
        """
        with self._lock, self._recorder.judging_later(requests), without_collector():
            for entry in inputs:
                self._take_again(entry)

    def _take_again(self, entry: Input) -> None:
        """Apply what was applied before: it failed then as it does now."""
        try:
            self.inputs.append(entry)
            self._take(entry)
        except TelephonyError:
            pass
        except Exception as error:
            if not isinstance(entry.cause, ActionTaken):
                self._recorder.bugs.report(self._world.name, error)
        self.outbound.unwritten.clear()

    def reach(self, at: datetime) -> None:
        """Do all that is due up to `at`: nothing, for most inputs where time stands still."""
        clock = self._world.clock
        if at == clock.now and not (clock.is_due(at) or self._world.outbox.ready):
            return
        self._world.advance_to(at)
        while self.outbound.collect():
            self._world.advance_to(at)

    def _pass(self, until: datetime) -> int:
        acts = self._world.advance_to(until)
        self.outbound.collect()
        return acts

    def _take(self, entry: Input) -> Any:
        world, clock = self._world, self._world.clock
        if isinstance(entry.cause, TimeReached) and entry.cause.pausing:
            world.inputs += 1
            acts = self._pass(entry.at)
            self._marked = clock.now
            return acts
        self.reach(entry.at)
        world.inputs += 1
        self._marked = entry.at
        clock.cause = world.inputs
        try:
            return self._apply(entry.cause)
        finally:
            clock.cause = 0
            if clock.is_due(entry.at) or world.outbox.ready:
                self.reach(entry.at)

    def _apply(self, cause: Cause) -> Any:
        match cause:
            case RequestArrived(vendor, request):
                return self._answer(self.vendors[vendor], request)
            case ActionTaken(name, arguments):
                self._recorder.observe(f"action.{name}", None)
                return COMMANDS[name](CommandContext(self._world, self._faults), **arguments)
            case DeliverySettled():
                return self._settle(cause)
            case TimeReached():
                self._recorder.observe("clock.moved", None)
                return None
            case AnswersLeft():
                return None

    def _answer(self, app: VendorApp, request: Request) -> Reply | None:
        """Answer a request; None for one that is played again and kept no more."""
        number, beside, arrived = self._world.inputs, tuple(self.outbound.unwritten), host_seconds()
        self.outbound.note_request(number, request)
        exchange, answer, fault = self.answering.answer(app, request, beside, arrived)
        if fault is not None and fault.hangs:
            try:
                self._lose_in_time(number, fault)
            except Exception as error:
                self._recorder.bugs.report(f"{self._world.name}-{number}", error)
        return None if exchange is None else Reply(number, exchange, answer, fault)

    def _lose_in_time(self, number: int, fault: Decision) -> None:
        """Keep the callbacks behind an answer that hangs for as long as that takes in the world."""
        self.outbound.hold(number)
        self._world.clock.after(fault.delay, partial(self.outbound.release, number))

    def _settle(self, settled: DeliverySettled) -> Delivery | None:
        """Note how an attempt to deliver went; what is told of it a second time changes nothing."""
        release = self.outbound.close(settled.ref, settled.release)
        if release is None:
            return None
        attempt = settled.attempt
        delivery = self._world.outbox.settle(
            settled.ref, attempt.status, attempt.error, attempt.reply, attempt.reason
        )
        self._recorder.record_callback(settled, delivery, release.request)
        return delivery
