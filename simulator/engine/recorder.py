"""What was said in one world: every exchange, judged, and kept as it came, for whoever asks."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.matching import match
from simulator.conformance.operations import Variant
from simulator.conformance.refusals import check_refusal
from simulator.conformance.violations import breach, plain
from simulator.engine.access_log import LogLine
from simulator.engine.bugs import Bugs, with_bug
from simulator.engine.callback_checks import judge_callback
from simulator.engine.explaining import RefusalTerms, explain_answer, explain_unread
from simulator.engine.feed import Feed
from simulator.engine.outbound_queue import DeliveryUnderWay
from simulator.exchange import Answer, CallbackRequest, DeliveryAttempt, Exchange, Request
from simulator.state.inputs import ActionTaken, Cause, TimeReached
from simulator.telephony.world import World
from simulator.vendor import RequestContext
from simulator.verdicts.evidence import Sending
from simulator.web.journal import Journal, Witness
from simulator.web.known_secrets import Secrets
from simulator.web.masking import Masker
from simulator.web.vendor_app import VendorApp, fingerprint_of

_SECONDS = 10
"""How many digits a Unix time has."""

_ABOUT = timedelta(days=31)

MOST_JUDGED_LATER = 10_000
"""As many as a journal keeps."""

access = logging.getLogger("simulator.access")
"""One line an exchange, masked; silent until somebody sets it to INFO."""


class Recorder:
    """The record of one world: `journal` holds what clients asked, `callbacks` what was sent to them.

    `sendings` are the attempts to deliver callbacks, `coverage` counts what of the contracts was exercised,
    and `bugs` are our own failures, which harm nobody's answer: nothing here raises. All of it is as it came;
    `masker` is for whoever shows it outside, and a `witness` gets each exchange masked. Not safe for threads
    of its own, but for `log`: the sandbox holds its lock. By its `terms` the client answers for refusals and
    keys. The `feed` is where all that happens in the world can be followed.
    """

    def __init__(
        self,
        world: World,
        contracts: Callable[[str], Contract],
        secrets: Secrets | None = None,
        *,
        show_numbers: bool = False,
        witness: Witness | None = None,
        on_bug: Callable[[str], None] = lambda _line: None,
        feed: Feed | None = None,
    ) -> None:
        self.feed = feed or Feed()
        world.network.observe = world.outbox.observe = self._observe
        self.journal = Journal()
        self.callbacks = Journal()
        self.sendings: list[Sending] = []
        self.coverage = Coverage()
        self.witness = witness
        self.bugs = Bugs(self._mask, on_bug)
        self._world = world
        self._contracts = contracts
        self._secrets = secrets or Secrets()
        self.terms = RefusalTerms()
        self._masker = Masker(self._secrets, str(world.random.seed), show_numbers, self._is_id)
        self._unjudged: deque[tuple[Exchange, VendorApp, RequestContext]] | None = None
        self._learned = 0
        self._unread = 0

    @property
    def masker(self) -> Masker:
        """What hides secrets and phone numbers, and knows every credential of the world by now."""
        credentials = self._world.credentials
        for credential in credentials[self._learned :]:
            self._secrets.learn(credential)
        self._learned = len(credentials)
        return self._masker

    def record(self, exchange: Exchange, app: VendorApp, context: RequestContext) -> Exchange:
        """Explain and judge what a client asked and was answered, and return it with what came out."""
        if self._unjudged is not None:
            self._unjudged.append((exchange, app, context))
            return exchange
        request, variant = exchange.request, None
        facts: dict[str, Any] = {}
        with self.bugs.caught(exchange.id) as bugs:
            facts["credential"] = app.presented(context)
            if context.customer is not None:
                facts["account"] = fingerprint_of(context.customer)
                facts["edition"] = app.vendor.edition(context.customer)
            contract = self._contracts(app.name)
            variant = match(contract, request.method, request.path, context.form.values)
            reason = explain_answer(contract, variant, context, exchange.answer, self.terms)
            facts |= {"rule": reason.rule, "refusal": reason.refusal, "unissued_key": reason.unissued_key}
        exchange = replace(exchange, **facts)
        if bugs:
            return self._file(self.journal, replace(exchange, rule=with_bug(exchange.rule, bugs)))
        return self._file(self.journal, self._judged(exchange, context, variant))

    @contextmanager
    def judging_later(self) -> Iterator[None]:
        """Judge what is recorded in a block at its end, and of very much the newest alone."""
        unjudged: deque[tuple[Exchange, VendorApp, RequestContext]] = deque(maxlen=MOST_JUDGED_LATER)
        self._unjudged = unjudged
        try:
            yield
        finally:
            self._unjudged = None
        for exchange, app, context in unjudged:
            self.record(exchange, app, context)

    def _judged(self, exchange: Exchange, context: RequestContext, variant: Variant | None) -> Exchange:
        """Return an exchange with its violations, and count what of the contract it exercises."""
        with self.bugs.caught(exchange.id) as bugs:
            contract = self._contracts(exchange.vendor)
            form = None if context.malformed else context.form
            violations = tuple(check(contract, exchange, form, variant))
            exchange = replace(exchange, violations=violations) if violations else exchange
            self.coverage.note(exchange, contract)
            return exchange
        return replace(exchange, rule=with_bug(exchange.rule, bugs))

    def record_unread(
        self, app: VendorApp, glimpse: Request, answer: Answer, rule: str, *, at: datetime, advice: str = ""
    ) -> Exchange:
        """Remember what is known of a request that was refused unread; `advice` tells what mends it."""
        self._unread += 1
        name = f"{self._world.name}-unread-{self._unread}"
        exchange = Exchange(
            id=name,
            at=at,
            world=self._world.name,
            vendor=app.name,
            operation=None,
            request=glimpse,
            answer=answer,
            rule=rule,
        )
        with self.bugs.caught(name) as bugs:
            context = RequestContext(world=self._world, request=glimpse)
            app.read(context)
            app.locate(context)
            known = app.presented(context)
            exchange = replace(exchange, operation=context.operation, credential=known)
            if advice and answer.status != HTTPStatus.NOT_FOUND:
                contract = self._contracts(app.name)
                refusal = explain_unread(contract, answer, advice, self.terms)
                exchange = replace(exchange, refusal=refusal)
                violations = tuple(check_refusal(contract, None, exchange, ()))
                exchange = replace(exchange, violations=violations)
            elif advice:
                place = (self._contracts(app.name).source, "inferred")
                missed = breach("unknown-operation", place, sent=plain(glimpse.path), fix=advice)
                exchange = replace(exchange, operation=None, violations=(missed,))
            self.coverage.note(exchange)
        return self._file(self.journal, replace(exchange, rule=with_bug(rule, bugs)))

    def record_callback(
        self, under_way: DeliveryUnderWay, sent: CallbackRequest, attempt: DeliveryAttempt, ended: float
    ) -> None:
        """Remember an attempt that `ended` by the host's stopwatch; judge it where the contract has events.

        What a client's own script sends is no event: only the client knows what that should look like.
        """
        delivery = under_way.delivery
        self.sendings.append(
            Sending(
                delivery=delivery.id,
                after=under_way.after,
                at=under_way.at,
                taken=attempt.delivered,
                error=attempt.error,
                took=attempt.took,
                status=attempt.status,
                settled=self._world.inputs,
                ended=ended,
            )
        )
        if delivery.event.startswith("script."):
            return
        with self.bugs.caught(f"{delivery.id}.{len(delivery.attempts)}"):
            contract = self._contracts(delivery.vendor)
            if not contract.events:
                return
            world, now = self._world.name, self._world.clock.now
            exchange = judge_callback(contract, delivery, sent, attempt, world=world, at=now)
            self.coverage.note(exchange)
            self._file(self.callbacks, exchange)

    def log(self, exchange: Exchange) -> None:
        """Write an exchange to whoever listens to the access log; to be called without the world's lock."""
        if access.isEnabledFor(logging.INFO):
            with self.bugs.caught(exchange.id):
                access.info("%s", LogLine(exchange, self.masker, self.bugs))

    def _file(self, journal: Journal, exchange: Exchange) -> Exchange:
        """Hand an exchange to the witness, and keep it: a bug in one does not keep it from the other."""
        with self.bugs.caught(exchange.id) as bugs:
            if exchange.credential is not None:
                self._secrets.learn(exchange.credential)
            if self.witness is not None:
                self.witness(self.masker.exchange(exchange))
        exchange = replace(exchange, rule=with_bug(exchange.rule, bugs)) if bugs else exchange
        with self.bugs.caught(exchange.id) as unkept:
            journal.add(exchange)
        if unkept:
            exchange = replace(exchange, rule=with_bug(exchange.rule, unkept))
            with self.bugs.caught(exchange.id):
                journal.add(_outline(exchange))
        if journal is self.journal:
            self._observe("exchange.answered", exchange.id)
        return exchange

    def note_input(self, cause: Cause) -> None:
        """Let whoever follows the world see that a tester acted on it, or moved its clock."""
        if isinstance(cause, ActionTaken):
            self._observe(f"action.{cause.name}", None)
        elif isinstance(cause, TimeReached):
            self._observe("clock.moved", None)

    def _observe(self, what: str, subject: object) -> None:
        self.feed.note(self._world.clock.now, what, subject)

    def _mask(self, text: str) -> str:
        return self.masker.text(text)

    def _is_id(self, digits: str) -> bool:
        """Return whether digits are no phone number, but a reference or a Unix time of this world."""
        world = self._world
        if digits in world.minted or int(digits) in world.minted:
            return True
        seconds = int(digits) // (1 if len(digits) == _SECONDS else 1_000)
        first, last = world.clock.start - _ABOUT, world.clock.now + _ABOUT
        return len(digits) in (_SECONDS, _SECONDS + 3) and first.timestamp() <= seconds <= last.timestamp()


def _outline(exchange: Exchange) -> Exchange:
    """Return what can be said of an exchange that could not be kept as it was."""
    return replace(
        exchange,
        request=Request(exchange.request.method, exchange.request.path),
        answer=Answer(exchange.answer.status),
        violations=(),
    )
