"""One call: its picture, what was said of it to whom, why it went so, and why nobody dials it now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from simulator.admin.call_pictures import callbacks_about, timeline_picture
from simulator.admin.context import Json
from simulator.admin.events import state_of
from simulator.admin.finding import find_call
from simulator.admin.page.lists import call_row
from simulator.admin.page.visit import Visit
from simulator.admin.reasons import fates_of
from simulator.admin.rendering import render_body, render_call, render_delivery
from simulator.admin.statements import play_recording, recordings_of, statements_of
from simulator.errors import UnknownName
from simulator.exchange import Exchange
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import AnyCall
from simulator.web.masking import Shown

MOST_ANSWERS = 8
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
        "fates": list(fates_of(call, sandbox)),
        "callbacks": [render_delivery(one, masker) for one in callbacks],
        "says": [_statement(visit, one, call) for one in statements_of(call, sandbox)],
        "recordings": list(range(1, recordings_of(call, sandbox) + 1)),
        "answers": list(islice(_answers(visit, call), MOST_ANSWERS)),
        "cost": str(call.cost),
    }


def play(visit: Visit, name: str, number: int) -> bytes:
    """Return a recording of a call as WAV; raises UnknownName."""
    sandbox = visit.sandbox
    with sandbox.lock:
        call = find_call(sandbox.world, name)
        sound = play_recording(call, number, sandbox)
        if sound is None:
            raise UnknownName(
                "recording", str(number), [*map(str, range(1, recordings_of(call, sandbox) + 1))]
            )
        return sound


def _word(call: AnyCall) -> re.Pattern[bytes]:
    """Return what finds the call's reference in an answer."""
    return re.compile(rb"(?<![0-9A-Za-z])" + re.escape(str(call.ref).encode()) + rb"(?![0-9A-Za-z])")


def _answers(visit: Visit, call: AnyCall) -> Iterator[Json]:
    """Yield the newest answer that a client got from each operation that told of the call."""
    word = _word(call)
    seen: dict[str, None] = {}
    for exchange in [*visit.sandbox.recorder.journal][::-1]:
        operation = exchange.operation or ""
        if exchange.vendor != call.account.vendor or operation in seen:
            continue
        if word.search(exchange.answer.body):
            seen[operation] = None
            yield _statement(visit, exchange, call)


def _statement(visit: Visit, exchange: Exchange, call: AnyCall) -> Json:
    """Return an answer, masked, with what of it tells of the call; of a long one what stands around that."""
    masked, word = visit.sandbox.recorder.masker.exchange(exchange), _word(call)
    body = _laid_out(masked.answer.body, word)
    match = word.search(body)
    begin = max(match.start() - AROUND, 0) if match and len(body) > 2 * AROUND else 0
    text = render_body(body[begin : begin + 2 * AROUND]).get("text") or "not text"
    return {
        "exchange": exchange.id,
        "vendor": exchange.vendor,
        "operation": exchange.operation,
        "rule": masked.rule,
        "at": exchange.at.isoformat(),
        "status": exchange.answer.status,
        "body": f"{'… ' if begin else ''}{text}{' …' if begin + 2 * AROUND < len(body) else ''}",
    }


def _laid_out(body: bytes, word: re.Pattern[bytes]) -> bytes:
    """Return JSON with a member a line, of a list only what tells of the call; anything else as it is."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    if isinstance(value, list):
        texts = [(one, json.dumps(one, ensure_ascii=False).encode()) for one in value]
        value = [one for one, text in texts if word.search(text)] or value
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
