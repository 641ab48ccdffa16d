"""One call: its picture, what was said of it to whom, why it went so, and why nobody dials it now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from simulator.admin.call_pictures import callbacks_about, timeline_picture
from simulator.admin.context import Json
from simulator.admin.events import state_of
from simulator.admin.finding import find_call
from simulator.admin.page.lists import call_row
from simulator.admin.page.visit import Visit
from simulator.admin.reasons import fates_of, why_not_now
from simulator.admin.rendering import render_body, render_call, render_delivery
from simulator.exchange import Exchange
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import AnyCall
from simulator.web.masking import Shown

MOST_TESTIMONIES = 8
AROUND = 700
"""How many letters of a long answer are shown on either side of the call's reference."""


def show_call(visit: Visit, name: str) -> Json:
    """Return all that is known of a call; hold the world's lock."""
    sandbox = visit.sandbox
    world = sandbox.world
    call = find_call(world, name)
    callbacks = callbacks_about(call, world.outbox.deliveries.values())
    masker = sandbox.recorder.masker
    person = call.callee if isinstance(call, Call) else call.party
    return {
        "call": render_call(call, sandbox),
        "row": call_row(visit, call),
        "state": state_of(call, world.clock.now),
        "callee": person,
        "picture": Shown(svg=timeline_picture(call, callbacks, world.clock.now, masker.text)),
        "why": why_not_now(call, world),
        "fates": list(fates_of(call, sandbox)),
        "callbacks": [render_delivery(one, masker) for one in callbacks],
        "testimonies": list(islice(_testimonies(visit, call), MOST_TESTIMONIES)),
        "cost": str(call.cost),
    }


def _testimonies(visit: Visit, call: AnyCall) -> Iterator[Json]:
    """Yield the newest answer of each operation that tells of the call."""
    word = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(str(call.ref).encode()) + rb"(?![0-9A-Za-z])")
    seen: dict[str, None] = {}
    for exchange in [*visit.sandbox.recorder.journal][::-1]:
        operation = exchange.operation or ""
        if exchange.vendor != call.account.vendor or operation in seen:
            continue
        if (match := word.search(exchange.answer.body)) is not None:
            seen[operation] = None
            yield _testimony(visit, exchange, match.start())


def _testimony(visit: Visit, exchange: Exchange, at: int) -> Json:
    masked = visit.sandbox.recorder.masker.exchange(exchange)
    body = masked.answer.body
    long = len(body) > 2 * AROUND
    begin = max(at - AROUND, 0) if long else 0
    text = render_body(body[begin : begin + 2 * AROUND] if long else body).get("text")
    return {
        "exchange": exchange.id,
        "operation": exchange.operation,
        "at": exchange.at.isoformat(),
        "status": exchange.answer.status,
        "body": ("… " if begin else "") + (text or "not text"),
    }
