"""The rows of the live view: calls, messages, callbacks and requests, newest first, by what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from simulator.admin.context import Json
from simulator.admin.events import state_of
from simulator.admin.page.names import introduce
from simulator.admin.page.visit import ROWS, Visit
from simulator.admin.rendering import account_name
from simulator.exchange import Exchange
from simulator.telephony.calls import Call, Direction
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery

KINDS = {"calls": "Calls", "messages": "Messages", "callbacks": "Callbacks", "requests": "Requests"}


Listed = tuple[Iterator[Any], int]
"""What there is of a kind, newest first, and how much."""


def list_rows(visit: Visit, kind: str) -> Json:
    """Return one page of rows of a kind, with how many there are; hold the world's lock."""
    things, fits, render = _SOURCES[kind]
    query = visit.query
    chosen = {
        name: query[name].strip()
        for name in ("vendor", "number", "operation", "verdict", "q")
        if query.get(name)
    }
    everything, total = things(visit)
    if chosen:
        fitting = [one for one in everything if fits(visit, one, chosen)]
        everything, total = iter(fitting), len(fitting)
    page = visit.page_of(total)
    first = (page - 1) * ROWS
    rows = [render(visit, one) for one in islice(everything, first, first + ROWS)]
    return {
        "rows": rows,
        "total": total,
        "first": first + 1 if rows else 0,
        "last": first + len(rows),
        "earlier": page + 1 if first + ROWS < total else None,
        "later": page - 1 if page > 1 else None,
    }


def _calls(visit: Visit) -> Listed:
    world = visit.sandbox.world
    return world.newest_calls(), len(world.calls) + len(world.switchboard.calls)


def _fits_call(visit: Visit, call: AnyCall, chosen: Mapping[str, str]) -> bool:
    if not _of_vendor(call.account.vendor, chosen) or not _near(
        chosen.get("number"), call.callee, _caller(call)
    ):
        return False
    if verdict := chosen.get("verdict"):
        state = state_of(call, visit.sandbox.world.clock.now)
        if state != verdict:
            return False
    texts = (
        str(call.ref),
        call.callee,
        _campaign(call),
        getattr(getattr(call, "order", None), "label", "") or "",
    )
    return _mentions(chosen.get("q"), texts)


def _caller(call: AnyCall) -> str:
    return (call.caller_id if isinstance(call, Call) else call.caller) or ""


def _campaign(call: AnyCall) -> str:
    return call.campaign.name if isinstance(call, Call) else ""


def call_row(visit: Visit, call: AnyCall) -> Json:
    """Return one call in a row."""
    person = call.callee if isinstance(call, Call) else call.party
    incoming = not isinstance(call, Call) and call.direction is Direction.INCOMING
    return {
        "name": f"{call.account.vendor}:{call.ref}",
        "ref": str(call.ref),
        "vendor": call.account.vendor,
        "account": account_name(call.account),
        "callee": person,
        "person": introduce(person).name,
        "direction": "in" if incoming else "out",
        "campaign": _campaign(call),
        "state": state_of(call, visit.sandbox.world.clock.now),
        "created": call.created.isoformat(),
        "attempts": len(call.attempts) if isinstance(call, Call) else 1,
        "talk": round(call.talk.total_seconds()),
    }


def _messages(visit: Visit) -> Listed:
    logs = [account.message_log for account in visit.sandbox.world.accounts.values()]
    newest = merge(*(reversed([*log]) for log in logs), key=attrgetter("created"), reverse=True)
    return newest, sum(map(len, logs))


def _fits_message(_visit: Visit, message: Message, chosen: Mapping[str, str]) -> bool:
    letter = message.letter
    if not _of_vendor(message.account.vendor, chosen) or not _near(
        chosen.get("number"), letter.sender, letter.recipient
    ):
        return False
    if chosen.get("verdict") not in (None, str(message.state)):
        return False
    return _mentions(chosen.get("q"), (letter.text, str(message.ref)))


def message_row(_visit: Visit, message: Message) -> Json:
    """Return one message in a row."""
    letter = message.letter
    incoming = message.direction == "incoming"
    return {
        "ref": str(message.ref),
        "vendor": message.account.vendor,
        "sender": letter.sender,
        "recipient": letter.recipient,
        "callee": letter.sender if incoming else letter.recipient,
        "direction": "in" if incoming else "out",
        "text": letter.text,
        "state": message.state,
        "reason": message.reason,
        "parts": message.parts,
        "created": message.created.isoformat(),
    }


def _callbacks(visit: Visit) -> Listed:
    deliveries = visit.sandbox.world.outbox.deliveries
    return reversed(deliveries.values()), len(deliveries)


def _fits_callback(_visit: Visit, delivery: Delivery, chosen: Mapping[str, str]) -> bool:
    url = delivery.request.url if delivery.request is not None else ""
    body = delivery.request.body.decode("utf-8", "replace") if delivery.request is not None else ""
    if not _of_vendor(delivery.vendor, chosen) or chosen.get("verdict") not in (None, str(delivery.state)):
        return False
    if chosen.get("operation", "") not in ("", delivery.event):
        return False
    return _near(chosen.get("number"), url, body) and _mentions(chosen.get("q"), (url, delivery.id, body))


def callback_row(_visit: Visit, delivery: Delivery) -> Json:
    """Return one callback in a row."""
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "delivery": delivery.id,
        "vendor": delivery.vendor,
        "event": delivery.event,
        "url": delivery.request.url if delivery.request is not None else "",
        "state": delivery.state,
        "tries": len(delivery.attempts),
        "answer": str(last.status or last.error) if last else "",
        "created": delivery.created.isoformat(),
        "due": delivery.due.isoformat() if delivery.due else None,
    }


def _requests(visit: Visit) -> Listed:
    kept = [*visit.sandbox.recorder.journal]
    return reversed(kept), len(kept)


def _fits_request(_visit: Visit, exchange: Exchange, chosen: Mapping[str, str]) -> bool:
    request, verdict = exchange.request, chosen.get("verdict")
    if not _of_vendor(exchange.vendor, chosen) or chosen.get("operation", "") not in ("", exchange.operation):
        return False
    if verdict and not _judged(exchange, verdict):
        return False
    if not (chosen.get("number") or chosen.get("q")):
        return True
    texts = (request.path, request.query, request.body.decode("utf-8", "replace"), exchange.id)
    return _near(chosen.get("number"), *texts) and _mentions(chosen.get("q"), texts)


def _judged(exchange: Exchange, verdict: str) -> bool:
    if verdict == "violations":
        return bool(exchange.violations)
    if verdict == "clean":
        return not exchange.violations
    return str(exchange.answer.status).startswith(verdict.rstrip("x"))


def request_row(_visit: Visit, exchange: Exchange) -> Json:
    """Return one request with its answer in a row."""
    request = exchange.request
    return {
        "exchange": exchange.id,
        "at": exchange.at.isoformat(),
        "vendor": exchange.vendor,
        "operation": exchange.operation or "no operation",
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "status": exchange.answer.status,
        "rule": exchange.rule,
        "violations": len(exchange.violations),
    }


def _of_vendor(vendor: str, chosen: Mapping[str, str]) -> bool:
    return chosen.get("vendor", vendor) == vendor


def _near(number: str | None, *texts: str) -> bool:
    """Tell whether a number, or a part of one, stands in one of some texts."""
    if not number:
        return True
    digits = "".join(sign for sign in number if sign.isdigit())
    return any((digits or number) in text for text in texts)


def _mentions(text: str | None, texts: Iterable[str]) -> bool:
    return not text or any(text.casefold() in one.casefold() for one in texts)


_SOURCES: Mapping[str, tuple[Callable[[Visit], Listed], Callable[..., bool], Callable[..., Json]]] = {
    "calls": (_calls, _fits_call, call_row),
    "messages": (_messages, _fits_message, message_row),
    "callbacks": (_callbacks, _fits_callback, callback_row),
    "requests": (_requests, _fits_request, request_row),
}


def figures(visit: Visit) -> Iterator[tuple[str, int]]:
    """Yield what is counted at the head of the live view; hold the world's lock."""
    world, recorder = visit.sandbox.world, visit.sandbox.recorder
    yield "calls", len(world.calls) + len(world.switchboard.calls)
    yield "on the line now", len({id(call) for call in world.lines.values()})
    yield "messages", sum(len(account.message_log) for account in world.accounts.values())
    yield "callbacks", len(world.outbox.deliveries)
    yield "requests", recorder.journal.recorded
