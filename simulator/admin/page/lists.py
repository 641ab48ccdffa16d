"""The rows of the live view: calls, messages, callbacks and requests, newest first, by what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from msgspec import Struct

from simulator.admin.context import Json
from simulator.admin.events import state_of
from simulator.admin.page.names import introduce
from simulator.admin.page.visit import ROWS, Visit
from simulator.admin.rendering import members, named
from simulator.exchange import Exchange
from simulator.telephony.calls import Call, Direction
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery

KINDS = {"calls": "Calls", "messages": "Messages", "callbacks": "Callbacks", "requests": "Requests"}
_FILTERS = ("vendor", "number", "operation", "verdict", "q")

Listed = tuple[Iterator[Any], int]
"""What there is of a kind, newest first, and how much."""


def list_rows(visit: Visit, kind: str, query: Mapping[str, str]) -> Json:
    """Return one page of rows of a kind, with how many there are, by what a query asks for.

    Hold the world's lock.
    """
    things, search, render = _SOURCES[kind]
    chosen = {name: text for name in _FILTERS if (text := query.get(name, "").strip())}
    everything, total = things(visit)
    if chosen:
        fitting = [one for one in everything if search(visit, one).fits(chosen)]
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


class Searched(Struct, frozen=True):
    """What somebody may look for in a thing; `operation` is None where there is none to ask for."""

    vendor: str
    states: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    operation: str | None = None

    def fits(self, chosen: Mapping[str, str]) -> bool:
        """Tell whether the thing is one of those that were asked for."""
        return (
            chosen.get("vendor", self.vendor) == self.vendor
            and self.operation in (None, chosen.get("operation", self.operation))
            and ("verdict" not in chosen or chosen["verdict"] in self.states)
            and ("number" not in chosen or any(_digits(chosen["number"]) in text for text in self.numbers))
            and ("q" not in chosen or any(chosen["q"].casefold() in text.casefold() for text in self.texts))
        )


def _digits(number: str) -> str:
    """Return the digits of a number, or of a part of one, which may be written in any way."""
    return "".join(sign for sign in number if sign.isdigit()) or number


def _calls(visit: Visit) -> Listed:
    world = visit.sandbox.world
    return world.newest_calls(), len(world.calls) + len(world.switchboard.calls)


def _search_call(visit: Visit, call: AnyCall) -> Searched:
    caller, label = (call.caller_id, call.order.label) if isinstance(call, Call) else (call.caller, "")
    return Searched(
        vendor=call.account.vendor,
        states=(state_of(call, visit.sandbox.world.clock.now),),
        numbers=(call.callee, caller or ""),
        texts=(str(call.ref), call.callee, _campaign(call), label or ""),
    )


def _campaign(call: AnyCall) -> str:
    return call.campaign.name if isinstance(call, Call) else ""


def call_row(visit: Visit, call: AnyCall) -> Json:
    """Return one call in a row."""
    person = call.callee if isinstance(call, Call) else call.party
    incoming = not isinstance(call, Call) and call.direction is Direction.INCOMING
    return {
        **named(call),
        "name": f"{call.account.vendor}:{call.ref}",
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


def _search_message(_visit: Visit, message: Message) -> Searched:
    letter = message.letter
    return Searched(
        vendor=message.account.vendor,
        states=(str(message.state),),
        numbers=(letter.sender, letter.recipient),
        texts=(letter.text, str(message.ref)),
    )


def message_row(_visit: Visit, message: Message) -> Json:
    """Return one message in a row."""
    letter = message.letter
    return {
        **named(message),
        **members(message, "state", "reason", "created"),
        "sender": letter.sender,
        "recipient": letter.recipient,
        "direction": "in" if message.direction == "incoming" else "out",
        "text": letter.text,
    }


def _callbacks(visit: Visit) -> Listed:
    deliveries = visit.sandbox.world.outbox.deliveries
    return reversed(deliveries.values()), len(deliveries)


def _search_callback(_visit: Visit, delivery: Delivery) -> Searched:
    request = delivery.request
    url, body = (request.url, request.body.decode("utf-8", "replace")) if request is not None else ("", "")
    return Searched(
        vendor=delivery.vendor,
        states=(str(delivery.state),),
        numbers=(url, body),
        texts=(url, delivery.id, body),
        operation=delivery.event,
    )


def _callback_row(_visit: Visit, delivery: Delivery) -> Json:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        **members(delivery, "vendor", "event", "state", "created"),
        "delivery": delivery.id,
        "url": delivery.request.url if delivery.request is not None else "",
        "tries": len(delivery.attempts),
        "answer": str(last.status or last.error) if last else "",
    }


def _requests(visit: Visit) -> Listed:
    kept = [*visit.sandbox.recorder.journal]
    return reversed(kept), len(kept)


def _search_request(_visit: Visit, exchange: Exchange) -> Searched:
    request = exchange.request
    texts = (request.path, request.query, request.body.decode("utf-8", "replace"), exchange.id)
    return Searched(
        vendor=exchange.vendor,
        states=_states_of(exchange.answer.status, bool(exchange.violations)),
        numbers=texts,
        texts=texts,
        operation=exchange.operation or "",
    )


@cache
def _states_of(status: int, broken: bool) -> tuple[str, ...]:
    """Return the verdict on a request, and all ways to write its status: 4, 4x, 4xx, 40, 40x, 404."""
    begun = (f"{status}"[:kept] + "x" * more for kept in (1, 2, 3) for more in range(4 - kept))
    return ("violations" if broken else "clean", *begun)


def _request_row(_visit: Visit, exchange: Exchange) -> Json:
    return {
        **members(exchange, "at", "vendor", "rule"),
        **members(exchange.request, "method", "path", "query"),
        "exchange": exchange.id,
        "operation": exchange.operation or "no operation",
        "status": exchange.answer.status,
        "violations": len(exchange.violations),
    }


_SOURCES: Mapping[str, tuple[Callable[[Visit], Listed], Callable[..., Searched], Callable[..., Json]]] = {
    "calls": (_calls, _search_call, call_row),
    "messages": (_messages, _search_message, message_row),
    "callbacks": (_callbacks, _search_callback, _callback_row),
    "requests": (_requests, _search_request, _request_row),
}


def figures(visit: Visit) -> Iterator[tuple[str, int]]:
    """Yield what is counted at the head of the live view; hold the world's lock."""
    world, recorder = visit.sandbox.world, visit.sandbox.recorder
    yield "calls", len(world.calls) + len(world.switchboard.calls)
    yield "on the line now", len({id(call) for call in world.lines.values()})
    yield "messages", sum(len(account.message_log) for account in world.accounts.values())
    yield "callbacks", len(world.outbox.deliveries)
    yield "requests", recorder.journal.recorded
