"""What a world wants to tell its clients: callbacks, their schedule and what became of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from msgspec import Struct, field

from simulator.telephony.clock import Clock
from simulator.telephony.errors import UnknownReference
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.outcomes import Span, seconds
from simulator.telephony.owners import Entity, look_up

PATIENCE = timedelta(seconds=10)
"""How long an answer is waited for that cannot come: the question was lost on its way."""

SHUFFLED_WITHIN = timedelta(seconds=30)
"""How long the first of those that change places waits for the others, unless a rule says otherwise."""

DEFAULT_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))


class UnknownDelivery(UnknownReference):
    """No delivery of this world has that id."""


class DeliveryState(StrEnum):
    """Where a callback is on its way."""

    WAITING = "waiting"
    READY = "ready"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    LOST = "lost"


class Signing(StrEnum):
    """How a callback is signed: as its vendor does, with a signature that does not fit, or not at all."""

    VENDOR = "vendor"
    WRONG = "wrong"
    NONE = "none"


ReadAnswer = Callable[[int | None, Any], bool | None]
"""Tells from the status, and the reply where it is read, whether an answer means yes, no, or nothing."""


def taken(status: int | None) -> bool:
    """Return whether a status says that a callback was taken: 2xx."""
    return status is not None and 200 <= status < 300


def read_status(status: int | None, _reply: Any = None) -> bool | None:
    """Read an answer by its status alone: 2xx means yes, 4xx no, anything else None."""
    return True if taken(status) else False if status is not None and 400 <= status < 500 else None


class SettledAttempt(Struct, frozen=True):
    """One attempt to deliver that is over: the receiver's status, or the error that kept it from answering.

    The `reply` is opaque here, and there only where somebody reads it; `reason` tells people of the error.
    """

    at: datetime
    status: int | None
    error: str | None = None
    reply: Any = None
    reason: str = ""


class Webhook(Struct, frozen=True):
    """A callback whose request differs from try to try, and whose fate somebody follows.

    `compose` makes the request for a try counted from 0, or None when nobody listens any more; `waits` come
    before each further try; `watch` is told after each. Those of one `subject` are sent in order.
    """

    subject: str
    compose: Callable[[int], Any]
    waits: tuple[timedelta, ...]
    watch: Callable[[Delivery], None]


class Delivery(Entity, kw_only=True):
    """One callback; `request` is opaque here, `subject` keeps the order, `born` is the input behind it.

    It may change places with others of its `account`; one without is a step that somebody waits for. One
    with `answered` is a question, whose answers are read: yes, no, or None for no answer at all. It is called
    once; no answer in the end means no.
    """

    id: str = ""
    vendor: str
    event: str
    subject: str
    request: Any
    born: int
    created: datetime
    account: str = ""
    retries: tuple[timedelta, ...] = DEFAULT_RETRIES
    state: DeliveryState = DeliveryState.WAITING
    due: datetime | None = None
    attempts: list[SettledAttempt] = field(default_factory=list)
    answered: Callable[[bool], None] | None = None
    read: ReadAnswer = field(default=lambda status, _reply: taken(status) or None)
    webhook: Webhook | None = None
    signing: Signing = Signing.VENDOR


class HookRule(Struct, frozen=True, kw_only=True):
    """How callbacks go wrong: `late` by a span, sent `twice` or lost by share, or out of order.

    `shuffle` of an account's callbacks change places: each waits for the others, the first no longer than
    `within`. Or a share of them, `tampered`, is signed so that a client must refuse them. A rule `holds` for
    callbacks that were born in that time after the world's beginning, its end excluded.
    """

    where: str = "*"
    late: Span = seconds(0)
    twice: float = 0.0
    lose: float = 0.0
    shuffle: int = 0
    within: timedelta = SHUFFLED_WITHIN
    retries: tuple[timedelta, ...] = DEFAULT_RETRIES
    signing: Signing = Signing.VENDOR
    tampered: float = 1.0
    holds: tuple[timedelta, timedelta] | None = None

    def concerns(self, where: str, age: timedelta) -> bool:
        """Return whether a callback `vendor.event`, born at an age of the world, falls under this rule."""
        lasting = self.holds is None or self.holds[0] <= age < self.holds[1]
        return lasting and fnmatchcase(where, self.where)


Tamper = Callable[[str, Any, Signing], Any]
"""Returns a request of a vendor, signed wrongly or not at all."""


class Outbox:
    """Callbacks of one world, in the order in which they are due; sending them is the caller's part."""

    def __init__(
        self,
        clock: Clock,
        random: KeyedRandom,
        rules: tuple[HookRule, ...] = (),
        tamper: Tamper = lambda _vendor, request, _signing: request,
    ) -> None:
        self._clock = clock
        self._random = random
        self._tamper = tamper
        self.rules = rules
        self.observe: Callable[[str, object], None] = lambda _name, _subject: None
        self.deliveries: dict[str, Delivery] = {}
        self.ready: deque[Delivery] = deque()
        self.next_rules: deque[HookRule] = deque()
        self._together: dict[tuple[str, str, HookRule], list[Delivery]] = {}

    def draft(self, vendor: str, event: str, subject: str, request: Any, born: int) -> Delivery:
        """Return a callback of `vendor.event` that is not queued yet."""
        return Delivery(
            vendor=vendor, event=event, subject=subject, request=request, born=born, created=self._clock.now
        )

    def post(
        self, vendor: str, event: str, subject: str, request: Any, born: int, *, account: str = ""
    ) -> Delivery:
        """Queue one callback, by the first rule that matches `vendor.event`."""
        delivery = self.draft(vendor, event, subject, request, born)
        delivery.account = account
        return self._post(delivery)

    def ask(
        self,
        question: Delivery,
        again: tuple[timedelta, ...],
        answered: Callable[[bool], None],
        read: ReadAnswer = read_status,
    ) -> Delivery:
        """Queue a question: `answered` gets yes or no; it is put again after each of `again` meanwhile."""
        question.answered, question.read = answered, read
        return self._post(question, again)

    def _post(self, delivery: Delivery, again: tuple[timedelta, ...] | None = None) -> Delivery:
        vendor, event, subject = delivery.vendor, delivery.event, delivery.subject
        rule = self._next_rule_of(delivery) or self.rule_of(delivery)
        delivery.id = f"delivery-{len(self.deliveries) + 1}"
        delivery.retries = rule.retries if again is None else again
        key = (vendor, event, subject)
        if self._random.happens(rule.tampered, "sign", *key):
            delivery.signing = rule.signing
        if delivery.request is not None:
            delivery.request = self._signed(delivery, delivery.request)
        self.deliveries[delivery.id] = delivery
        if self._random.happens(rule.lose, "lose", *key):
            delivery.state = DeliveryState.LOST
            self.observe("callback.lost", delivery)
            self._clock.after(PATIENCE, partial(_answer, delivery, False))
            return delivery
        late = self._random.within(rule.late, "late", *key)
        copies = 2 if self._random.happens(rule.twice, "twice", *key) else 1
        if rule.shuffle > 1 and delivery.account:
            self._wait(delivery, late + rule.within)
            self._clock.after(late, partial(self._gather, delivery, rule, copies))
        else:
            self._send_in_turn([delivery] * copies, late)
        return delivery

    def _gather(self, delivery: Delivery, rule: HookRule, copies: int) -> None:
        """Let a callback wait for those that it changes places with."""
        key = (delivery.vendor, delivery.account, rule)
        together = self._together.setdefault(key, [])
        if not together:
            self._clock.after(rule.within, partial(self._part, key, together))
        together += [delivery] * copies
        if len(together) >= rule.shuffle:
            self._part(key, together)

    def _part(self, key: tuple[str, str, HookRule], together: list[Delivery]) -> None:
        """Send those who waited in another order than they came in, unless they are on their way."""
        if self._together.get(key) is not together:
            return
        del self._together[key]
        order = sorted(
            together, key=lambda delivery: self._random.number("shuffle", delivery.event, delivery.subject)
        )
        self._send_in_turn(order if order != together else order[::-1])

    def _send_in_turn(self, deliveries: list[Delivery], delay: timedelta = timedelta(0)) -> None:
        for nth, delivery in enumerate(deliveries):
            self._schedule(delivery, delay + nth * timedelta(seconds=1))

    def rule_of(self, delivery: Delivery) -> HookRule:
        """Return the first rule that matches a callback, else one by which all goes well."""
        where, age = f"{delivery.vendor}.{delivery.event}", delivery.created - self._clock.start
        return next((rule for rule in self.rules if rule.concerns(where, age)), HookRule())

    def break_next(self, rule: HookRule) -> None:
        """Apply `rule` to the next callback that it matches, and to none after that."""
        self.next_rules.append(rule)

    def _next_rule_of(self, delivery: Delivery) -> HookRule | None:
        where = f"{delivery.vendor}.{delivery.event}"
        rule = next((rule for rule in self.next_rules if fnmatchcase(where, rule.where)), None)
        if rule is not None:
            self.next_rules.remove(rule)
        return rule

    def submit(self, vendor: str, event: str, webhook: Webhook, born: int, *, account: str = "") -> Delivery:
        """Queue one webhook; it keeps waits of its own, unless a rule that matches says otherwise."""
        delivery = self.post(vendor, event, webhook.subject, None, born, account=account)
        delivery.webhook = webhook
        if delivery.retries == DEFAULT_RETRIES:
            delivery.retries = webhook.waits
        return delivery

    def take_ready(self) -> list[Delivery]:
        """Return all that is due now, once; each delivery must come back through `settle`."""
        taken = list(self.ready)
        self.ready.clear()
        for delivery in taken:
            delivery.state = DeliveryState.SENDING
        return taken

    def settle(
        self, ref: str, status: int | None, error: str | None, reply: Any = None, reason: str = ""
    ) -> Delivery:
        """Note how one attempt to deliver went and schedule the next when it failed.

        2xx is success; the answer to a question succeeds where it says yes or no.
        """
        delivery = self.find(ref)
        delivery.attempts.append(SettledAttempt(self._clock.now, status, error, reply, reason))
        answer = delivery.read(status, reply)
        if answer is not None:
            delivery.state = DeliveryState.DELIVERED
            _answer(delivery, answer)
        elif delivery.state is not DeliveryState.DELIVERED and len(delivery.attempts) <= len(
            delivery.retries
        ):
            self._schedule(delivery, delivery.retries[len(delivery.attempts) - 1])
        elif delivery.state is not DeliveryState.DELIVERED:
            delivery.state = DeliveryState.FAILED
            _answer(delivery, False)
        if delivery.webhook is not None:
            delivery.webhook.watch(delivery)
        self.observe("callback.tried", delivery)
        return delivery

    def resend(self, ref: str) -> Delivery:
        """Send a delivery once more, now, whatever became of it; raises UnknownDelivery."""
        delivery = self.find(ref)
        self._schedule(delivery, timedelta(0))
        return delivery

    def find(self, ref: str) -> Delivery:
        """Return the delivery called `ref`; raises UnknownDelivery."""
        return look_up(self.deliveries, ref, UnknownDelivery)

    def _schedule(self, delivery: Delivery, delay: timedelta) -> None:
        self._wait(delivery, delay)
        self._clock.after(delay, partial(self._release, delivery))

    def _wait(self, delivery: Delivery, delay: timedelta) -> None:
        delivery.state = DeliveryState.WAITING
        delivery.due = self._clock.now + delay
        self.observe("callback.due", delivery)

    def _release(self, delivery: Delivery) -> None:
        if delivery.webhook is not None:
            request = delivery.webhook.compose(min(len(delivery.attempts), len(delivery.retries)))
            if request is None:  # nobody wants it any more; what was tried already stays known
                delivery.state = DeliveryState.LOST
                return
            delivery.request = self._signed(delivery, request)
        delivery.state = DeliveryState.READY
        self.ready.append(delivery)

    def _signed(self, delivery: Delivery, request: Any) -> Any:
        if delivery.signing is Signing.VENDOR:
            return request
        return self._tamper(delivery.vendor, request, delivery.signing)


def _answer(delivery: Delivery, answer: bool) -> None:
    """Give whoever asked the answer, once."""
    answered, delivery.answered = delivery.answered, None
    if answered is not None:
        answered(answer)
