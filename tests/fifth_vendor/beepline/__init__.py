"""Beepline, a vendor that nobody has heard of: two operations on messages, and a callback for each step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from werkzeug.exceptions import HTTPException

from simulator import Vendor
from simulator.exchange import Answer, CallbackRequest, Request
from simulator.formats.forms import Form
from simulator.formats.json_text import MalformedJson, read_json, write_compact_json
from simulator.telephony.accounts import Account
from simulator.telephony.errors import MalformedNumber, MissingCredential, UnknownCredential
from simulator.telephony.messages import Letter, Message, MessageState, alphabet_of
from simulator.telephony.operators import NetworkEvent, Vocabulary
from simulator.telephony.outbox import Webhook
from simulator.telephony.owners import Ref, Slot
from simulator.telephony.phone_numbers import parse_number
from simulator.telephony.world import World
from simulator.vendor import Rejection, RequestContext, VendorBlueprint

KEY = re.compile(r"beep-[0-9a-f]{16}", re.ASCII)
PRICE = Decimal("0.05")
CALLBACKS: Slot[dict[Ref, str]] = Slot("callbacks", dict)
"""Where the client of an account hears of each of its messages."""


class Refused(Rejection):
    """A request that Beepline turns down, with its status and its word for why."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status


REFUSALS: Mapping[type[Exception], Refused] = {
    MissingCredential: Refused(401, "no_token"),
    UnknownCredential: Refused(401, "bad_token"),
    MalformedNumber: Refused(422, "bad_number"),
    MalformedJson: Refused(400, "bad_json"),
}

blueprint = VendorBlueprint("beepline", "/api")


@blueprint.post("/messages")
def send_message(context: RequestContext) -> Answer:
    """Send a text; `notify` is where the client hears of it."""
    try:
        fields = read_json(context.request.body)
        recipient = parse_number(str(fields["to"]))
    except (MalformedJson, MalformedNumber) as error:
        raise REFUSALS[type(error)] from error
    letter = Letter("BEEP", recipient, str(fields["text"]), alphabet_of(str(fields["text"])))
    message = context.world.messages.send(context.account, letter, PRICE)
    if fields.get("notify"):
        CALLBACKS.of(context.account)[message.ref] = str(fields["notify"])
    return answer(render_message(message), 201)


@blueprint.get("/messages/<id>")
def get_message(context: RequestContext, id: str) -> Answer:  # noqa: A002 - as the document names it
    """Tell how far a message has come."""
    message = context.account.messages.get(id)
    if message is None:
        raise Refused(404, "no_message")
    return answer(render_message(message))


def render_message(message: Message) -> dict[str, Any]:
    """Return a message as the document shows it."""
    over = message.state in (MessageState.DELIVERED, MessageState.FAILED, MessageState.EXPIRED)
    return {"id": message.ref, "to": message.letter.recipient, "state": message.state if over else "moving"}


def answer(value: Mapping[str, Any], status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, write_compact_json(value), (("Content-Type", "application/json"),))


class Beepline(Vendor):
    """Beepline: a bearer token, JSON, and the state of a message posted to whoever asked for it."""

    name, title, hosts = "beepline", "Beepline", ("api.beepline.example",)
    blueprint = blueprint
    key_form = KEY
    callees = ("to",)
    vocabulary = Vocabulary(events=("message.updated",), unread=("language", "zone", "groups", "campaigns"))

    def credential(self, request: Request, form: Form) -> str:
        """Return the bearer token; raises MissingCredential."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise MissingCredential
        return token.strip()

    def refusal(self, error: Exception, request: Request, account: Account | None) -> Answer:
        """Put any refusal into Beepline's words."""
        if isinstance(error, HTTPException):
            error = Refused(error.code or 500, "http_" + error.name.lower().replace(" ", "_"))
        known = next((REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS), None)
        refused = known or (error if isinstance(error, Refused) else Refused(400, "bad_request"))
        return answer({"error": str(refused)}, refused.status)

    def new_id(self, kind: str, at: datetime, draw: int) -> Ref:
        """Make a reference: twelve hexadecimal digits."""
        return f"{draw % 16**12:012x}"

    def new_credential(self, draw: int) -> str:
        """Make a token."""
        return f"beep-{draw % 16**16:016x}"

    def credentials(self, account: Account) -> Mapping[str, Any]:
        """Return what a client needs."""
        return {"token": account.credential}

    def callbacks(self, world: World, event: NetworkEvent) -> Iterable[Webhook]:
        """Yield the callback about a message whose sender wants to hear of it."""
        url = CALLBACKS.of(event.account).get(getattr(event.subject, "ref", ""))
        if isinstance(event.subject, Message) and url is not None:
            body = write_compact_json(render_message(event.subject))
            request = CallbackRequest("POST", url, (("Content-Type", "application/json"),), body)
            yield Webhook(str(event.subject.ref), lambda _nth: request, (), partial(_forget, event.account))


def _forget(account: Account, delivery: object) -> None:
    """Do nothing about a callback that was tried: Beepline does not try again."""


vendor = Beepline()
