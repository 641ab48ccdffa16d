"""What happens in a world, as it happens: a list to read on from, or a stream of server-sent events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Response, request

from simulator.admin.context import AdminContext, Json
from simulator.admin.problems import unusable
from simulator.admin.rendering import members, named
from simulator.engine.feed import Change
from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import SimulatorError
from simulator.formats.json_text import write_json
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery
from simulator.web.handover import Outgoing, Push, Stream

EVENT_STREAM = "text/event-stream"
MOST_IN_A_FRAME = 1_000
FIRST_FRAME = b"retry: 1000\n\n"
STILL_HERE = b":\n\n"


class StreamResponse(Response):
    """A response that goes on until its reader leaves, without a thread where a server knows how."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(content_type=EVENT_STREAM)
        self._stream = stream

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Start the response, and return a body that is pushed."""
        headers = [pair for pair in self.headers.to_wsgi_list() if pair[0] != "Content-Length"]
        start_response(self.status, headers)
        return Outgoing() if environ["REQUEST_METHOD"] == "HEAD" else Outgoing(stream=self._stream)


def list_events(context: AdminContext) -> Json | Response:
    """List what happened after an event, oldest first; stream it to whoever accepts `text/event-stream`.

    A stream without `after` and Last-Event-ID begins now; of both the newer counts, for a browser that comes
    back by itself asks for the address it first asked for. A server that answers one request at a time sends
    what there is, and lets its reader come back for more.
    """
    streams = EVENT_STREAM in (context.request.header("Accept") or "")
    given = {"?after": context.query.get("after")}
    if streams:
        given["Last-Event-ID"] = context.request.header("Last-Event-ID")
    after = max((_read_id(name, text) for name, text in given.items() if text), default=None)
    if not streams:
        return _batch(context.sandbox, after or 0, context.limit)
    world = context.sandbox.world.name
    with context.sandbox.lock:
        newest = context.sandbox.recorder.feed.last
        reader = _Reader(context.worlds, world, newest if after is None else after)
    if not request.is_multithread:
        return Response(reader.all_there_is(), content_type=EVENT_STREAM)
    return StreamResponse(reader.begin)


def _read_id(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise unusable([f"{name}: {text[:40]!r} is not the id of an event"])
    return int(text)


class _Reader:
    """Somebody who reads a stream: how far they have come."""

    def __init__(self, worlds: Worlds, world: str, after: int) -> None:
        self._worlds = worlds
        self._world = world
        self._after = after
        self._begun = False

    def begin(self, push: Push) -> Callable[[], None]:
        """Begin to push frames; return what ends it."""
        self._push = push
        push(FIRST_FRAME)
        return self._worlds.announcer.listen(self._worlds.sandbox(self._world).recorder.feed, self._go_on)

    def all_there_is(self) -> bytes:
        """Return the frames of all that is new by now."""
        frames: list[bytes | None] = [FIRST_FRAME]
        self._push = frames.append
        self._go_on()
        return b"".join(frame for frame in frames if frame is not None)

    def _go_on(self) -> None:
        """Push what is new; the first frame tells where the stream begins, whether or not anything is."""
        try:
            sandbox = self._worlds.sandbox(self._world)
        except SimulatorError:
            self._push(None)
            return
        try:
            self._push_news(sandbox)
        except Exception as error:
            sandbox.recorder.bugs.report(self._world, error)

    def _push_news(self, sandbox: Sandbox) -> None:
        batch = _batch(sandbox, self._after, MOST_IN_A_FRAME)
        if not batch["events"] and self._begun:
            self._push(STILL_HERE)
            return
        self._tell(batch)
        while len(batch["events"]) == MOST_IN_A_FRAME:
            batch = _batch(sandbox, self._after, MOST_IN_A_FRAME)
            self._tell(batch)

    def _tell(self, batch: Json) -> None:
        self._after, self._begun = batch["next"], True
        self._push(b"event: changes\nid: %d\ndata: %s\n\n" % (self._after, write_json(batch)))


def _batch(sandbox: Sandbox, after: int, most: int) -> Json:
    """Return the events after one, masked; `next` is the id to read on from."""
    with sandbox.lock:
        changes, missed = sandbox.recorder.feed.since(after, most)
        events = [render_change(change, sandbox) for change in changes]
        last = changes[-1].number if changes else sandbox.recorder.feed.last
        masked: Json = sandbox.recorder.masker.value({"events": events, "next": last, "missed": missed})
        return masked


def render_change(change: Change, sandbox: Sandbox) -> Json:
    """Return one event: its id, when and what, and the thing as it is now; hold the world's lock."""
    kind, _, what = change.what.rpartition(".")
    subject = change.subject
    event = {"id": change.number, "at": change.at.isoformat(), "what": change.what}
    match subject:
        case Call() | LiveCall():
            return event | {"kind": "call", "call": _call(subject, sandbox.world.clock.now)}
        case Message():
            return event | {"kind": "message", "message": _message(subject)}
        case Delivery():
            return event | {"kind": "callback", "callback": _callback(subject)}
        case str():
            return event | {"kind": "exchange", "exchange": _exchange(subject, sandbox)}
    return event | {"kind": kind or what}


def _call(call: Call | LiveCall, now: datetime) -> Json:
    return {**named(call), "callee": call.callee, "state": state_of(call, now)}


def state_of(call: Call | LiveCall, now: datetime) -> str:
    """Return in a word how far a call has come: waiting, ringing, talking, or how it ended."""
    if isinstance(call, LiveCall):
        if call.ended is not None:
            return str(call.disposition or "over")
        return "talking" if call.answered else "ringing"
    attempt = call.active
    if attempt is not None:
        return "talking" if attempt.answered is not None and attempt.answered <= now else "ringing"
    if call.ending is None:
        return "between attempts" if call.attempts else "waiting"
    last = call.settled
    return str(last.disposition if last is not None and call.ending == "completed" else call.ending)


def _message(message: Message) -> Json:
    return {
        **named(message),
        "direction": message.direction,
        "from": message.letter.sender,
        "to": message.letter.recipient,
        "state": message.state,
    }


def _callback(delivery: Delivery) -> Json:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        **members(delivery, "id", "vendor", "event", "state"),
        "tries": len(delivery.attempts),
        "status": last.status if last else None,
        "error": last.error if last else None,
    }


def _exchange(name: str, sandbox: Sandbox) -> Json:
    """Return an exchange in a line; of one that is forgotten only its id."""
    if name not in sandbox.recorder.journal:
        return {"id": name, "forgotten": True}
    exchange = sandbox.recorder.journal.get(name)
    return {
        "id": name,
        "vendor": exchange.vendor,
        "operation": exchange.operation,
        "method": exchange.request.method,
        "path": exchange.request.path,
        "status": exchange.answer.status,
        "rule": exchange.rule,
        "violations": len(exchange.violations),
    }
