"""What was said in one world: every exchange, judged, and kept as it came, for whoever asks."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus

from msgspec.structs import replace

from simulator.conformance.checks import check, meant_by
from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.operations import Variant
from simulator.conformance.refusals import check_refusal
from simulator.conformance.violations import breach, plain
from simulator.engine.access_log import LogLine
from simulator.engine.bugs import Bugs, with_bug
from simulator.engine.delivery_attempts import Receivers, judge_callback
from simulator.engine.explaining import RefusalTerms, explain_answer, explain_unread
from simulator.engine.feed import Feed
from simulator.engine.real_time import host_seconds
from simulator.exchange import Answer, CallbackRequest, Exchange, Request
from simulator.state.inputs import DeliverySettled
from simulator.telephony.outbox import Delivery, DeliveryState
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
        secrets: Secrets,
        *,
        show_numbers: bool,
        witness: Witness | None,
        on_bug: Callable[[str], None],
        feed: Feed,
        terms: RefusalTerms,
    ) -> None:
        self.feed = feed
        world.network.observe = world.outbox.observe = self.observe
        self._journal = Journal()
        self._callbacks = Journal()
        self.sendings: list[Sending] = []
        self._coverage = Coverage()
        self.witness = witness
        self.bugs = Bugs(self._mask, on_bug)
        self._world = world
        self.contracts = cache(contracts)
        self._secrets = secrets
        self.terms = terms
        self._masker = Masker(self._secrets, str(world.random.seed), show_numbers, self._is_id)
        self._replays = False
        self._receivers = Receivers()
        self._passing = 0
        self._unjudged: deque[tuple[Exchange, VendorApp, RequestContext]] = deque()
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

    @property
    def journal(self) -> Journal:
        """What clients asked, all of it judged."""
        self.catch_up()
        return self._journal

    @journal.setter
    def journal(self, journal: Journal) -> None:
        self._journal = journal

    @property
    def callbacks(self) -> Journal:
        """What was sent to them, all of it judged."""
        self.catch_up()
        return self._callbacks

    @property
    def coverage(self) -> Coverage:
        """What of the contracts was exercised so far."""
        self.catch_up()
        return self._coverage

    @property
    def bytes(self) -> int:
        """What the exchanges take, by estimate."""
        return self._journal.bytes + self._callbacks.bytes

    def record(self, exchange: Exchange, app: VendorApp, context: RequestContext) -> Exchange:
        """Explain and judge what a client asked and was answered, and return it with what came out.

        With what is played again that waits until somebody asks.
        """
        if self._replays:
            self._put_off(exchange, app, context)
            return exchange
        return self._file(self._journal, self._judged(exchange, app, context))

    # -- after a replay, which nobody should have to wait for ---------------------------------------------

    @contextmanager
    def judging_later(self, requests: int = 0, *, silent: bool = True) -> Iterator[None]:
        """Keep what is recorded in a block unjudged, as far as a journal keeps it; `catch_up` judges it.

        Where it is known how many `requests` come, nothing is made of those that no journal keeps. Whoever
        follows the world learns nothing of it if it is `silent`, since it happened before.
        """
        self._replays, self.feed.silent = True, silent
        self._passing = requests - self._journal.max_entries
        try:
            yield
        finally:
            self._replays, self.feed.silent, self._passing = False, False, 0

    def passes_over(self, name: str, app: VendorApp, context: RequestContext, answer: Answer) -> bool:
        """Return whether nobody will keep an exchange; then what it exercised of the contract is counted."""
        if self._passing <= 0:
            return False
        self._passing -= 1
        self._journal.pass_over()
        try:
            self._note_coverage(app, context, answer)
        except Exception as error:
            self.bugs.report(name, error)
        return True

    def _note_coverage(self, app: VendorApp, context: RequestContext, answer: Answer) -> None:
        if context.customer is not None:
            self._coverage.note_edition(app.name, app.vendor.edition(context.customer))
        if context.operation is not None:
            key = (app.name, context.operation)
            self._coverage.note_answer(key, answer, self.contracts(app.name))

    def _put_off(self, exchange: Exchange, app: VendorApp, context: RequestContext) -> None:
        """Keep an exchange unjudged; of one that the journal keeps no more, count what it exercised."""
        self._unjudged.append((exchange, app, context))
        self._journal.add(exchange)
        self.observe("exchange.answered", exchange.id)
        if len(self._unjudged) > self._journal.max_entries:
            oldest, app, context = self._unjudged.popleft()
            self._note_coverage(app, context, oldest.answer)

    @property
    def has_unjudged(self) -> bool:
        """Whether a replay left anything unjudged."""
        return bool(self._unjudged)

    def catch_up(self, most: int | None = None) -> None:
        """Judge what a replay left unjudged, or `most` of it; under the lock, like all here."""
        there = len(self._unjudged)
        for _ in range(there if most is None else min(most, there)):
            self._journal.amend(self._judged(*self._unjudged.popleft()))

    def _judged(self, exchange: Exchange, app: VendorApp, context: RequestContext) -> Exchange:
        """Return an exchange with its reason and its violations; count what of the contract it exercises."""
        exchange, variant = self._explained(exchange, app, context)
        try:
            contract = self.contracts(exchange.vendor)
            form = None if context.malformed else context.form
            violations = tuple(check(contract, exchange, form, variant))
            exchange = replace(exchange, violations=violations) if violations else exchange
            self._coverage.note(exchange, contract)
        except Exception as error:
            return self._flawed(exchange, error)
        return exchange

    def _explained(
        self, exchange: Exchange, app: VendorApp, context: RequestContext
    ) -> tuple[Exchange, Variant | None]:
        """Return an exchange with what it says beside its bytes, and which variant was asked for."""
        rule, customer = exchange.rule, context.customer
        credential = account = edition = variant = refusal = None
        unissued = False
        try:
            credential = self._learn_credential(app, context)
            if customer is not None:
                account = fingerprint_of(customer)
                edition = app.vendor.edition(customer)
            contract = self.contracts(app.name)
            variant = meant_by(contract, exchange, edition, context.form.values)
            rule, refusal, unissued = explain_answer(contract, variant, context, exchange.answer, self.terms)
        except Exception as error:
            rule = with_bug(rule, self.bugs.report(exchange.id, error))
        exchange = replace(  # by name: a dict of them takes more than twice as long
            exchange,
            rule=rule,
            credential=credential,
            account=account,
            edition=edition,
            refusal=refusal,
            unissued_key=unissued,
        )
        return exchange, variant

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
        try:
            context = RequestContext(world=self._world, request=glimpse)
            app.read(context)
            known = self._learn_credential(app, context)
            exchange = replace(exchange, operation=context.operation, credential=known)
            if advice and answer.status != HTTPStatus.NOT_FOUND:
                contract = self.contracts(app.name)
                refusal = explain_unread(contract, answer, advice, self.terms)
                exchange = replace(exchange, refusal=refusal)
                violations = tuple(check_refusal(contract, None, exchange, ()))
                exchange = replace(exchange, violations=violations)
            elif advice:
                place = (self.contracts(app.name).source, "inferred")
                missed = breach("unknown-operation", place, sent=plain(glimpse.path), fix=advice)
                exchange = replace(exchange, operation=None, violations=(missed,))
            self._coverage.note(exchange)
        except Exception as error:
            exchange = replace(exchange, rule=with_bug(rule, self.bugs.report(name, error)))
        return self._file(self._journal, exchange)

    def record_callback(self, settled: DeliverySettled, delivery: Delivery, sent: CallbackRequest) -> None:
        """Remember an attempt that is over, of which `sent` is the request; judge it by its contract.

        What a client's own script sends is no event: only the client knows what that should look like.
        """
        attempt, name = settled.attempt, f"{delivery.id}.{len(delivery.attempts)}"
        self.sendings.append(
            Sending(
                delivery=delivery.id,
                after=settled.after,
                at=settled.left,
                taken=attempt.delivered,
                error=attempt.error,
                took=attempt.took,
                status=attempt.status,
                settled=self._world.inputs,
                ended=0.0 if self._replays else host_seconds(),
                reason=attempt.reason,
            )
        )
        if delivery.state is DeliveryState.FAILED and not self._replays:
            self._receivers.note_failed(delivery, sent.url, attempt)
        if delivery.event.startswith("script."):
            return
        try:
            contract = self.contracts(delivery.vendor)
            if not contract.events:
                return
            world, now = self._world.name, self._world.clock.now
            exchange = judge_callback(contract, name, sent, attempt, world=world, at=now)
            self._coverage.note(exchange)
            self._file(self._callbacks, exchange)
        except Exception as error:
            self.bugs.report(name, error)

    def log(self, exchange: Exchange) -> None:
        """Write an exchange to whoever listens to the access log; to be called without the world's lock."""
        if access.isEnabledFor(logging.INFO):
            try:
                access.info("%s", LogLine(exchange, self.masker, self.bugs))
            except Exception as error:
                self.bugs.report(exchange.id, error)

    def _file(self, journal: Journal, exchange: Exchange) -> Exchange:
        """Hand an exchange to the witness, and keep it: a bug in one does not keep it from the other."""
        if self.witness is not None:
            try:
                self.witness(self.masker.exchange(exchange))
            except Exception as error:
                exchange = self._flawed(exchange, error)
        try:
            journal.add(exchange)
        except Exception as error:
            exchange = self._flawed(exchange, error)
            self._keep_outline(journal, exchange)
        if journal is self._journal:
            self.observe("exchange.answered", exchange.id)
        return exchange

    def _flawed(self, exchange: Exchange, error: Exception) -> Exchange:
        """Report our failure about an exchange, and return it with a rule that tells of it."""
        return replace(exchange, rule=with_bug(exchange.rule, self.bugs.report(exchange.id, error)))

    def _keep_outline(self, journal: Journal, exchange: Exchange) -> None:
        """Keep what can be said of an exchange that could not be kept as it was."""
        with suppress(Exception):  # which was reported for the whole of it
            journal.add(_outline(exchange))

    def observe(self, what: str, subject: object) -> None:
        """Let whoever follows the world see that something happened now."""
        self.feed.note(self._world.clock.now, what, subject)

    def _learn_credential(self, app: VendorApp, context: RequestContext) -> str | None:
        """Return the credential that a request presents, which nobody is shown from now on."""
        credential = app.presented(context)
        if credential is not None and credential not in self._secrets:
            self._secrets.learn(credential)
        return credential

    def _mask(self, text: str) -> str:
        return self.masker.text(text)

    def _is_id(self, digits: str) -> bool:
        """Return whether digits are no phone number, but a reference or a Unix time of this world."""
        world, minted = self._world, self._world.network.minted
        if digits in minted or int(digits) in minted:
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
