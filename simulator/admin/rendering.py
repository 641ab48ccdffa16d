"""Exchanges, calls, callbacks and accounts as JSON values, for people and programs that test.

What has a form of its own, such as a request, is masked here; all other text where the answer is written.
"""

from __future__ import annotations

import re
from base64 import b64encode
from codecs import getincrementaldecoder
from datetime import datetime
from decimal import Decimal

from msgspec.structs import asdict

from simulator.admin.context import Json
from simulator.engine.sandbox import Sandbox
from simulator.exchange import Exchange, Headers, Request
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Attempt, Call, Direction
from simulator.telephony.campaigns import Campaign
from simulator.telephony.holds import holds_of
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery
from simulator.telephony.owners import Owner
from simulator.telephony.recordings import Recording
from simulator.telephony.script_runs import ScriptRun
from simulator.telephony.world import World
from simulator.verdicts.findings import Verdict
from simulator.web.known_secrets import HIDDEN
from simulator.web.masking import Masker, Shown

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INNER = bytes(range(0x80, 0xC0))
"""The bytes of which no letter of UTF-8 begins with any."""
_LOOKS = {
    "calls": "/v1/calls of the control API has each with its timeline: what happened, and when",
    "deliveries": "/v1/deliveries of the control API has each try",
    "exchanges": "/v1/exchanges of the control API has every request, and the page lists them",
    "messages": "/v1/messages of the control API has each with its history",
    "violations": "/v1/violations of the control API explains each",
}
"""Where there is more of what a verdict names to look at."""
_SHOWN = 4
_LONG = 12
_OF_A_LEG = (
    *("ref", "direction", "callee", "started", "answered", "ended"),
    *("disposition", "cause", "hung_up_by"),
)


def render_exchange(exchange: Exchange, masker: Masker) -> Json:
    """Return one exchange of the journal, masked."""
    exchange = masker.exchange(exchange)
    request, answer = exchange.request, exchange.answer
    return Shown(
        {
            **members(exchange, "id", "at", "world", "vendor", "operation"),
            "request": {"method": request.method, "path": request.path, "query": request.query}
            | _content(request.headers, request.body),
            "answer": {"status": answer.status} | _content(answer.headers, answer.body),
            "rule": exchange.rule,
            "violations": [asdict(violation) for violation in exchange.violations],
        }
    )


def render_body(body: bytes) -> Json:
    """Return `{"text"}` when the bytes are plain text, else `{"base64"}`."""
    text = plain_text(body)
    return {"base64": b64encode(body).decode()} if text is None else {"text": text}


def plain_text(body: bytes, *, cut: bool = False) -> str | None:
    """Return bytes as text, None where they are none; what is `cut` out of more loses torn letters.

    Letters that are not seen, such as those that join others or keep them apart, are text; control codes
    are not.
    """
    try:
        text = getincrementaldecoder("utf-8")().decode(body.lstrip(_INNER) if cut else body, final=not cut)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def render_delivery(delivery: Delivery, masker: Masker) -> Json:
    """Return one callback, what became of it, and its request, if it is made, masked."""
    return {
        **members(delivery, "id", "vendor", "event", "state", "created", "due"),
        "request": _callback(delivery, masker),
        "tries": [
            members(attempt, "at", "status", "error") | {"reason": attempt.reason or None}
            for attempt in delivery.attempts
        ],
    }


def _callback(delivery: Delivery, masker: Masker) -> Json:
    request = delivery.request
    if request is None:  # one that is made when it is sent, which is not yet
        return None
    masked = masker.request(Request(request.method, request.url, "", request.headers, request.body))
    return Shown(method=masked.method, url=masked.path, **_content(masked.headers, masked.body))


def render_call(call: AnyCall, sandbox: Sandbox) -> Json:
    """Return one call with its timeline; what is laid out but lies ahead has `happened` false.

    What came in has legs, what the account placed has attempts.
    """
    now = sandbox.world.clock.now
    own = _line_call(call) if isinstance(call, LiveCall) else _placed_call(call, sandbox.world)
    return {
        **named(call),
        **members(call, "callee", "created", "ended"),
        **own,
        "timeline": [
            members(moment, "at", "what") | {"detail": str(moment.detail), "happened": moment.at <= now}
            for moment in call.timeline()
        ],
    }


def _placed_call(call: Call, world: World) -> dict[str, Json]:
    return {
        "direction": call.attempt.direction if call.attempt else Direction.OUTGOING,
        "campaign": call.campaign.ref,
        "label": call.order.label,
        "ending": call.ending,
        "cost": str(call.cost),
        "attempts": [_attempt(attempt) for attempt in call.attempts],
        "waits_for": [members(hold, "reason", "text", "until") for hold in holds_of(world, call)],
    }


def _line_call(call: LiveCall) -> dict[str, Json]:
    return {
        "direction": call.direction,
        "route": call.route,
        "caller": call.caller or None,
        "cost": str(sum((leg.cost for leg in call.legs), Decimal(0))),
        "legs": [members(leg, *_OF_A_LEG) for leg in call.legs],
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        **members(attempt, "number", "started"),
        "over": attempt.closed,
        "disposition": attempt.disposition if attempt.closed else None,
        "talk_seconds": attempt.talk.total_seconds() if attempt.closed else None,
    }


def render_message(message: Message) -> Json:
    """Return one message with its history; its cost is in the account's currency."""
    return {
        **named(message),
        **members(message, "direction", "state", "created", "reason", "parts"),
        "from": message.letter.sender,
        "to": message.letter.recipient,
        "text": message.letter.text,
        "cost": money(message.cost),
        "history": [{"state": state, "at": at.isoformat()} for state, at in message.history],
    }


def render_verdict(verdict: Verdict) -> Json:
    """Return a verdict, whose advice ends with what of this API to look at; only conduct has a `rule`."""
    fields = {name: value for name, value in asdict(verdict).items() if name != "rule" or value}
    look = _LOOKS.get(fields.pop("look"), "")
    advice = verdict.advice if not look or verdict.advice.endswith("?") else f"{verdict.advice};"
    return fields | {"advice": f"{advice} {look}".strip("; ")}


def money(amount: Decimal) -> str:
    """Return an amount with two places at least, and no more than it has."""
    cents = amount.quantize(Decimal("0.01"))
    return str(cents) if cents == amount else f"{amount.normalize():f}"


def render_account(account: Account) -> Json:
    """Return one account with its campaigns; of its credential only enough to tell it from others."""
    return {
        "name": account_name(account),
        "vendor": account.vendor,
        "credential": masked_credential(account.credential),
        "balance": money(account.balance),
        "currency": account.currency,
        "calls": len(account.calls) + sum(call.origin is None for call in account.line_calls.values()),
        "campaigns": [_campaign(campaign) for campaign in account.campaigns.values()],
    }


def _campaign(campaign: Campaign) -> Json:
    return members(campaign, "ref", "name", "kind", "state") | {"calls": len(campaign.calls)}


def account_name(account: Owner) -> str:
    """Return an account's name; one that a mere key opened is named by it, so that is masked."""
    return masked_credential(account.name) if account.name == account.credential else account.name


def masked_credential(credential: str) -> str:
    """Return the beginning of a long credential, and nothing of a short one."""
    return credential[:_SHOWN] + HIDDEN if len(credential) >= _LONG else HIDDEN


def _content(headers: Headers, body: bytes) -> dict[str, Json]:
    return {"headers": [list(pair) for pair in headers], "body": render_body(body)}


def named(thing: AnyCall | Message | Recording | Campaign | ScriptRun) -> dict[str, Json]:
    """Return by what a thing of an account is told from others: its reference, the vendor, the account."""
    return {"ref": thing.ref, "vendor": thing.account.vendor, "account": account_name(thing.account)}


def members(thing: object, *names: str) -> dict[str, Json]:
    """Return attributes by their names, times as ISO text."""
    values = {name: getattr(thing, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
