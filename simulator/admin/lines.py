"""Calls and messages that somebody outside sends to the numbers of accounts."""

from __future__ import annotations

from simulator.admin.problems import unusable
from simulator.admin.rendering import account_name, render_call
from simulator.admin.visits import TEXT, Json, Visit
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.phone_numbers import parse_number

LONGEST_TEXT = 3_200


def call_number(visit: Visit, number: str) -> Json:
    """Let a number call one that an account owns, or one that takes a code, which `keys` say."""
    said = visit.fields({"to": TEXT}, {"withheld": (bool,), "keys": TEXT})
    call: LiveCall = visit.sandbox.act(
        "call_number",
        number=parse_number(number),
        to=parse_number(said["to"]),
        withheld=said.get("withheld", False),
        keys=said.get("keys", ""),
    )
    with visit.sandbox.lock:
        return {"call": render_call(call, visit.sandbox)}


def text_number(visit: Visit, number: str) -> Json:
    """Let a number write to one that an account owns."""
    said = visit.fields({"to": TEXT, "text": TEXT})
    if not 1 <= len(said["text"]) <= LONGEST_TEXT:
        raise unusable([f"#/text: a text has 1 to {LONGEST_TEXT} characters"])
    message: Message = visit.sandbox.act(
        "text_number", number=parse_number(number), to=parse_number(said["to"]), text=said["text"]
    )
    with visit.sandbox.lock:
        return {"message": _message(message)}


def _message(message: Message) -> Json:
    return {
        "ref": message.ref,
        "vendor": message.account.vendor,
        "account": account_name(message.account),
        "sender": message.letter.sender,
        "recipient": message.letter.recipient,
        "state": message.state,
        "created": message.created.isoformat(),
    }
