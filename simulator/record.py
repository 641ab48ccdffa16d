"""What was said in one world: every exchange, judged, masked, and kept for whoever asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from simulator.callbacks import judge_callback
from simulator.conformance.checks import check, operation_of
from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.exchange import Answer, CallbackRequest, Exchange, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery
from simulator.telephony.world import World
from simulator.verdicts.evidence import Sending
from simulator.web.attempts import Outcome
from simulator.web.journal import Journal, log_line
from simulator.web.masking import Masker
from simulator.web.templates import mask_filled
from simulator.web.vendor_app import VendorApp

access = logging.getLogger("simulator.access")
"""One line an exchange, masked; silent until somebody sets it to INFO."""


class Record:
    """The record of one world: `journal` holds what clients asked, `callbacks` what they were told.

    `sendings` are the tries of callbacks, and `coverage` counts what of the contracts was exercised. Not safe
    for threads of its own: the stage holds its lock.
    """

    def __init__(
        self,
        world: World,
        vendors: Mapping[str, VendorApp],
        contracts: Callable[[str], Contract],
        show_numbers: bool = False,
    ) -> None:
        self.journal = Journal()
        self.callbacks = Journal()
        self.sendings: list[Sending] = []
        self.coverage = Coverage()
        salt = str(world.fates.seed)
        self.maskers = {
            name: Masker(app.vendor.secrets, app.vendor.phone_parameters, salt, show_numbers)
            for name, app in vendors.items()
        }
        self._world = world
        self._contracts = contracts
        self._unread = 0

    def keep(self, app: VendorApp, exchange: Exchange, form: Form | MalformedForm) -> Exchange:
        """Judge what a client asked and what it was answered, and return it with what the judge found."""
        contract = self._contracts(app.name)
        found = check(contract, exchange, form if isinstance(form, Form) else None)
        exchange = replace(exchange, violations=tuple(found)) if found else exchange
        self.coverage.note(exchange, contract)
        self._file(app, exchange, form)
        return exchange

    def keep_unread(
        self, app: VendorApp, glimpse: Request, answer: Answer, rule: str, at: datetime
    ) -> Exchange:
        """Remember what is known of a request that was refused unread."""
        self._unread += 1
        form = read_parameters(app, glimpse)
        known = form if isinstance(form, Form) else Form()
        operation = operation_of(self._contracts(app.name), glimpse, known)
        number, told = f"{self._world.name}-unread-{self._unread}", (operation, glimpse, answer, rule)
        exchange = Exchange(number, at, self._world.name, app.name, *told)
        self.coverage.note(exchange)
        self._file(app, exchange, form)
        return exchange

    def keep_callback(self, delivery: Delivery, sent: CallbackRequest, outcome: Outcome) -> None:
        """Judge what was sent, where the vendor's contract speaks of events, and remember it.

        What a client's own script sends is no event: only the client knows what that should look like.
        """
        contract = self._contracts(delivery.vendor)
        if not contract.events or delivery.event.startswith("script."):
            return
        exchange = judge_callback(contract, delivery, sent, outcome, self._world.name, self._world.clock.now)
        self.coverage.note(exchange)
        masker, request = self.maskers[delivery.vendor], exchange.request
        path, query = (mask_filled(part, sent.filled, masker) for part in (request.path, request.query))
        shown = replace(exchange, request=replace(request, path=path, query=query))
        self.callbacks.add(masker.exchange(shown))

    def _file(self, app: VendorApp, exchange: Exchange, form: Form | MalformedForm) -> None:
        masked = self.maskers[app.name].exchange(exchange, _credentials(app, exchange.request, form))
        self.journal.add(masked)
        if access.isEnabledFor(logging.INFO):
            access.info("%s", log_line(masked))


def read_parameters(app: VendorApp, asked: Request) -> Form | MalformedForm:
    """Return the parameters of a request, or why they cannot be read."""
    try:
        return app.vendor.read_form(asked)
    except MalformedForm as error:
        return error


def _credentials(app: VendorApp, asked: Request, form: Form | MalformedForm) -> tuple[str, ...]:
    """Return the secret that a request presents, wherever that stands, to keep it out of the journal."""
    try:
        return (app.vendor.credential(asked, form if isinstance(form, Form) else Form()),)
    except TelephonyError:
        return ()
