"""What is on its way out of one world: answers that have not left, and callbacks that wait or are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, auto
from functools import partial
from threading import Condition, RLock
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simulator.engine.advances import Pending
from simulator.errors import StateUnavailable
from simulator.exchange import DeliveryAttempt, Request
from simulator.state.inputs import DeliverySettled
from simulator.telephony.outbox import Delivery
from simulator.telephony.world import World
from simulator.web.destinations import HOP_HEADER

RECEIVERS_SECONDS = 15.0
"""How long nothing may come back from any receiver, each of which has 10 s, before all are given up."""

ANSWERS_SECONDS = 5.0
"""How long an answer may take to leave, once it is made, before nobody waits for it any more."""

MOST_HOPS = 1_000
"""How many requests that came round through us are remembered; of an older one, callbacks count from 0."""

Send = Callable[[Delivery], Future[DeliveryAttempt]]


class Leaving(Enum):
    """How the answer to a request is about to leave."""

    NOW = auto()
    HELD = auto()
    """Kept back on purpose, so nobody waits for it."""
    LATE = auto()
    """Waited for in vain."""


class Release(Struct, frozen=True, eq=False):
    """A callback let out by its world, for the `number`-th time, with the `request` that it has this time."""

    delivery: Delivery
    number: int
    request: Any


class DeliveryUnderWay(Struct, eq=False):
    """One attempt to deliver a callback, which left after input `after` at the world's instant `at`.

    For one that is `late` nobody waits any more.
    """

    release: Release
    after: int
    at: datetime
    late: bool = False

    @property
    def ref(self) -> str:
        """The id of its callback."""
        return self.release.delivery.id


Report = Callable[[str, Exception], object]
"""Called with the id of a callback and our own failure with it."""


class OutboundQueue:
    """Answers and callbacks on their way out of a world, shared by all who send under the sandbox's `lock`.

    A callback waits until the answer to the request behind it has left: while that is `unwritten`. `hops` are
    the requests that came round through us. Whoever applies inputs tells under the lock whether we `may_send`
    callbacks, and is given what became of them by `settle`.
    """

    may_send: Callable[[], bool]
    settle: Callable[[DeliverySettled], None]

    def __init__(self, lock: RLock, world: World, send: Send, report: Report) -> None:
        self.lock = lock
        self._changed = Condition(lock)
        self._changes = self._awaited = 0
        self._sending = RLock()
        self._world = world
        self._send = send
        self._report = report
        self.waiting: list[Release] = []
        self.unwritten: dict[int, Leaving] = {}
        self.hops: dict[int, str] = {}
        self.settled: list[str] | None = None
        self._under_way: dict[DeliveryUnderWay, None] = {}
        self._unkept: dict[DeliveryUnderWay, DeliveryAttempt] = {}
        self._released: Counter[str] = Counter()
        self._open: dict[tuple[str, int], Release] = {}
        self._given_up: list[Release] = []

    # -- answers ----------------------------------------------------------------------------------------

    def note_request(self, number: int, request: Request) -> None:
        """Note that an answer to an input will leave; call it under the lock."""
        self.unwritten[number] = Leaving.NOW
        for name, value in request.headers:
            if name == HOP_HEADER:  # spelt as the guard spells all
                self.hops[number] = value
                if len(self.hops) > MOST_HOPS:
                    del self.hops[next(iter(self.hops))]

    def note_answer_left(self, number: int) -> None:
        """Note that the answer to an input has left, or never will."""
        with self.lock:
            self.unwritten.pop(number, None)
            self._note_change()

    def hold(self, number: int) -> None:
        """Note that the answer to an input is kept back on purpose."""
        with self.lock:
            self.unwritten[number] = Leaving.HELD
            self._note_change()

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Keep an answer back until the block ends."""
        self.hold(number)
        try:
            yield
        finally:
            with self.lock:
                self.unwritten[number] = Leaving.NOW
                self._note_change()

    def release(self, number: int) -> None:
        """Give up an answer that nobody waits for any more, and free the callbacks that waited for it."""
        freed = [release for release in self.waiting if release.delivery.born == number]
        self._world.outbox.ready.extend(release.delivery for release in freed)  # so that time pauses here
        self._given_up += freed
        self.waiting = [release for release in self.waiting if release.delivery.born != number]
        self.note_answer_left(number)

    def is_asking(self) -> bool:
        """Return whether a client waits for an answer: of those held back, only for the newest."""
        newest = max(self.unwritten, default=0)
        return any(how is not Leaving.HELD or number == newest for number, how in self.unwritten.items())

    # -- callbacks --------------------------------------------------------------------------------------

    def has_any(self) -> bool:
        """Tell whether a callback waits to be sent, or its fate to be kept; call it under the lock."""
        return bool(self.waiting or self._world.outbox.ready or self._unkept)

    def is_empty(self) -> bool:
        """Tell whether nothing waits to be sent, nor for what became of it; the lock is not needed."""
        return not (self._under_way or self.has_any())

    def collect(self) -> bool:
        """Take over what the world wants sent; return whether there was anything."""
        outbox = self._world.outbox
        if not outbox.ready:  # nearly always, and every input asks
            return False
        self.waiting += [self._release_of(delivery) for delivery in outbox.take_ready()]
        return True

    def _release_of(self, delivery: Delivery) -> Release:
        """Return what is let out with its number, the same for everybody who applies the same inputs."""
        for again in [release for release in self._given_up if release.delivery is delivery][:1]:
            self._given_up.remove(again)
            return again
        self._released[delivery.id] += 1
        release = Release(delivery, self._released[delivery.id], delivery.request)
        self._open[delivery.id, release.number] = release
        return release

    def close(self, ref: str, number: int) -> Release | None:
        """Note that it is known what became of a release; None where that was known before.

        Whoever has not sent it yet leaves it: somebody else has.
        """
        release = self._open.pop((ref, number), None)
        if release in self.waiting:
            self.waiting.remove(release)
        return release

    def send(self) -> None:
        """Send every callback that is due and may be; what becomes of it is noted when it is known."""
        self._settle_unkept()
        for under_way, attempt in self._send_ready():
            attempt.add_done_callback(partial(self._settle_now, under_way))

    def flush(self) -> bool:
        """Send every callback that is due and may be, and wait for it; return whether there was any."""
        self._settle_unkept()
        has_sent = False
        while batch := self._send_ready():
            has_sent = True
            failures = [self._settle_now(under_way, attempt) for under_way, attempt in batch]
            for failure in filter(None, failures):
                raise failure
        return has_sent

    def dispatch(self) -> None:
        """Send what may leave, and wait for it unless a receiver is at work: that one may be who asks now."""
        with self.lock:
            busy = bool(self._under_way)
        if busy:
            self.send()
        else:
            self.flush()

    def finish(self) -> None:
        """Send what may leave, and wait until that, and all else that is under way, is settled."""
        while self.flush() or self._await_change():
            pass

    def _send_ready(self) -> list[tuple[DeliveryUnderWay, Future[DeliveryAttempt]]]:
        """Send what may leave: in the order in which it fell due, whichever threads do so."""
        with self._sending:
            with self.lock:
                self.collect()
                if not (any(self._may_leave()) and self.may_send()):
                    return []
                batch = [*self._may_leave()]
                self.waiting = [release for release in self.waiting if release not in batch]
                after, now = self._world.inputs, self._world.clock.now
                started = [DeliveryUnderWay(release, after, now) for release in batch]
                self._under_way |= dict.fromkeys(started)
            return [(under_way, self._carry(under_way.release)) for under_way in started]

    def _may_leave(self) -> Iterator[Release]:
        return (release for release in self.waiting if release.delivery.born not in self.unwritten)

    def _carry(self, release: Release) -> Future[DeliveryAttempt]:
        try:
            return self._send(self._onward(release))
        except Exception as failure:
            failed: Future[DeliveryAttempt] = Future()
            failed.set_exception(failure)
            return failed

    def _onward(self, release: Release) -> Delivery:
        """Pass on how often the request behind a callback came round through us, so that loops end."""
        delivery, request = release.delivery, release.request
        if (hop := self.hops.get(delivery.born)) is not None:
            request = replace(request, headers=(*request.headers, (HOP_HEADER, hop)))
        return delivery if request is delivery.request else replace(delivery, request=request)

    def _settle_now(self, under_way: DeliveryUnderWay, future: Future[DeliveryAttempt]) -> Exception | None:
        """Hand an attempt to the world: one that we failed to make never arrived.

        A failure is reported; that to hand it over is returned.
        """
        try:
            attempt = future.result()  # may take a while: not under the lock
        except Exception as failure:
            self._report(under_way.ref, failure)
            attempt = DeliveryAttempt(error="bug", reason="the simulator could not send it")
        return self._hand_over(under_way, attempt)

    def _hand_over(self, under_way: DeliveryUnderWay, attempt: DeliveryAttempt) -> Exception | None:
        number, failed = under_way.release.number, None
        with self.lock:
            try:
                self.settle(DeliverySettled(under_way.ref, number, attempt, under_way.after, under_way.at))
            except StateUnavailable as failure:  # which will end: until then it is under way
                self._unkept[under_way] = attempt
                self._note_change()
                return failure
            except Exception as failure:
                self._report(under_way.ref, failure)
                failed = failure
            del self._under_way[under_way]
            if self.settled is not None:
                self.settled.append(under_way.ref)
            self._note_change()
        return failed

    def _settle_unkept(self) -> None:
        """Hand over again what came of attempts when it could not be kept, until one cannot be again."""
        with self.lock:
            while self._unkept:
                under_way = next(iter(self._unkept))
                if self._hand_over(under_way, self._unkept.pop(under_way)) is not None:
                    return

    # -- waiting ----------------------------------------------------------------------------------------

    def quiet(self) -> bool:
        """Return whether nothing is under way, and no callback waits for an answer that is just leaving."""
        with self.lock:
            return not self._under_way and not any(self._leaving())

    def pending(self) -> Iterator[Pending]:
        """Yield what is due and not done, each with its reason."""
        for under_way in self._under_way:
            yield Pending(under_way.ref, "it is under way, and its receiver has not answered yet")
        for release in self.waiting:
            if (how := self.unwritten.get(born := release.delivery.born)) is not None:
                why = "is held back by a fault" if how is Leaving.HELD else "has not been written yet"
                yield Pending(release.delivery.id, f"the answer to {self._world.name}-{born} {why}")

    def _await_change(self) -> bool:
        """Wait until more is done of what is under way; False when nothing is.

        What does not come in time is given up, and waited for no more.
        """
        with self.lock:
            sent = [one for one in self._under_way if not (one.late or one in self._unkept)]
            answers = [*self._leaving()]
            if not sent and not answers:
                return False
            before, seconds = self._changes, RECEIVERS_SECONDS if sent else ANSWERS_SECONDS
            self._awaited += 1
            if not self._changed.wait_for(lambda: self._changes != before, seconds):
                self.unwritten |= dict.fromkeys(answers, Leaving.LATE)
                for under_way in sent:
                    under_way.late = True
            self._awaited -= 1
            return True

    def _leaving(self) -> Iterator[int]:
        """Yield the inputs whose answers are just leaving while callbacks wait for them."""
        for release in self.waiting:
            if self.unwritten.get(release.delivery.born) is Leaving.NOW:
                yield release.delivery.born

    def _note_change(self) -> None:
        self._changes += 1
        if self._awaited:  # which is rare, and every answer is a change
            self._changed.notify_all()
