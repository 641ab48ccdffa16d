"""Advice on people whom a client calls or writes to though it had blocked them itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulator.errors import counted
from simulator.telephony.calls import Call
from simulator.telephony.owners import Owner
from simulator.telephony.phone_numbers import E164
from simulator.verdicts.effects import effects_of
from simulator.verdicts.evidence import Evidence

TELLING = 7
"""By so many last digits a request is known to be about a number."""


def advise_on_blocked(evidence: Evidence) -> Iterator[str]:
    """Yield one line about calls and messages to numbers that their own client had blocked before."""
    tried = [*_tried(evidence)]
    if tried:
        amount = counted(len(tried), "call or message", "calls or messages")
        yield (
            f"{amount} to a number that the client itself had blocked, first {tried[0]}: nobody is reached; "
            "let the client look at its own list before"
        )


def _tried(evidence: Evidence) -> Iterator[str]:
    for call in evidence.calls:
        parties = (call.callee, *(call.order.bridge if isinstance(call, Call) else ()))
        if any(_had_blocked(call.account, party, call.created, evidence) for party in parties):
            yield f"call {call.ref}"
    for message in evidence.messages:
        if _had_blocked(message.account, message.letter.recipient, message.created, evidence):
            yield f"message {message.ref}"


def _had_blocked(account: Owner, number: E164, before: datetime, evidence: Evidence) -> bool:
    """Tell whether a request put a number on its account's list, where a scenario may have others."""
    at = account.stop_list.get(number)
    if at is None or at > before or account.vendor in evidence.spared:
        return False
    digits = number[-TELLING:]
    for exchange in evidence.exchanges:
        request, is_then = exchange.request, exchange.at == at and exchange.vendor == account.vendor
        if is_then and (digits in request.query or digits.encode() in request.body):
            return not effects_of(exchange, evidence)
    return False
