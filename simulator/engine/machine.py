"""One world as a state machine: what each input does, in the order of the log; nothing else changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from simulator.engine.answering import Answering
from simulator.engine.commands import COMMANDS, CommandContext
from simulator.engine.outbound_queue import OutboundQueue
from simulator.engine.real_time import RealTime, host_seconds
from simulator.engine.replies import Reply
from simulator.exchange import Request
from simulator.state.inputs import (
    ActionTaken,
    Cause,
    DeliverySettled,
    Input,
    InputLog,
    RequestArrived,
    TimeReached,
)
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery
from simulator.web.destinations import HOP_HEADER
from simulator.web.vendor_app import VendorApp

MOST_HOPS = 1_000
"""How many requests that came round through us are remembered; of an older one, callbacks count from 0."""


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
        self._marked = answering.world.clock.now
        self._world = answering.world
        self._vendors = vendors
        self._faults = answering.faults
        self._answering = answering
        self._recorder = answering.recorder
        self._outbound = outbound
        self._timekeeper = timekeeper
        self._lock = outbound.lock

    def now(self) -> datetime:
        """Return what time it is: a clock that runs by itself is ahead of what has happened."""
        now = self._world.clock.now
        return max(self._timekeeper(), now) if self._timekeeper else now

    def enter(self, cause: Cause, at: datetime | None = None) -> Any:
        """Keep an input that came at `at`, or now, and apply it; raises StateUnavailable, nothing done."""
        with self._lock:
            at = at or self.now()
            self.reach(at)
            self.inputs.append(Input(at, cause))
            return self._take(Input(at, cause))

    def mark_time(self) -> None:
        """Keep how far time has come: what a receiver is told now must have happened after a restart, too."""
        if self.inputs.durable and self._world.clock.now > self._marked:
            self.enter(TimeReached())

    def replay(self, inputs: Iterable[Input]) -> None:
        """Enter inputs again that once came to another sandbox of the same scenario.

        What was refused then is refused again; all are judged later.
        """
        with self._lock, self._recorder.judging_later():
            for entry in inputs:
                with suppress(Exception if isinstance(entry.cause, ActionTaken) else TelephonyError):
                    self.enter(entry.cause, entry.at)
                self._outbound.unwritten.clear()

    def reach(self, at: datetime) -> None:
        """Do all that is due up to `at`."""
        self._world.advance_to(at)
        while self._outbound.collect():
            self._world.advance_to(at)

    def _take(self, entry: Input) -> Any:
        world, clock = self._world, self._world.clock
        world.inputs += 1
        self._marked = entry.at
        self._recorder.note_input(entry.cause)
        clock.cause = world.inputs
        try:
            return self._apply(entry.cause)
        finally:
            clock.cause = 0
            self.reach(entry.at)

    def _apply(self, cause: Cause) -> Any:
        match cause:
            case RequestArrived(vendor, request):
                reply = self._answer(self._vendors[vendor], request)
                with self._recorder.bugs.caught(reply.exchange.id):
                    self._lose_in_time(reply)
                return reply
            case ActionTaken(name, arguments):
                return COMMANDS[name](CommandContext(self._world, self._faults), **arguments)
            case DeliverySettled():
                return self._settle(cause)
            case TimeReached():
                return None

    def _answer(self, app: VendorApp, request: Request) -> Reply:
        number, beside, arrived = self._world.inputs, tuple(self._outbound.unwritten), host_seconds()
        self._outbound.unwritten[number] = None
        if (hop := request.header(HOP_HEADER)) is not None:
            hops = self._outbound.hops
            hops[number] = hop
            if len(hops) > MOST_HOPS:
                del hops[next(iter(hops))]
        exchange, answer, fault = self._answering.answer(app, request, beside, arrived)
        return Reply(number, exchange, answer, fault)

    def _lose_in_time(self, reply: Reply) -> None:
        """Keep the callbacks behind an answer that hangs for as long as that takes in the world."""
        if reply.fault is not None and reply.fault.hangs:
            self._outbound.hold(reply.number)
            self._world.clock.after(reply.fault.delay, partial(self._outbound.release, reply.number))

    def _settle(self, settled: DeliverySettled) -> Delivery | None:
        """Note how an attempt to deliver went; what is told of it a second time changes nothing."""
        release = self._outbound.close(settled.ref, settled.release)
        if release is None:
            return None
        attempt = settled.attempt
        delivery = self._world.outbox.settle(settled.ref, attempt.status, attempt.error, attempt.reply)
        self._recorder.record_callback(settled, delivery, release.request)
        return delivery
