"""Callbacks: which were sent, which wait, and sending one again."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import islice

from msgspec.structs import replace

from simulator.admin.context import AdminContext, Json, check_known
from simulator.admin.problems import unusable
from simulator.admin.rendering import render_delivery
from simulator.engine.commands import BROKEN
from simulator.engine.sandbox import Sandbox
from simulator.telephony.outbox import Delivery, DeliveryState


def list_deliveries(context: AdminContext) -> Json:
    """List callbacks oldest first, of one `state` or all; `next` goes into `after` to read on."""
    state, limit = context.query.get("state"), context.limit
    if state is not None:
        check_known("?state", state, [*DeliveryState])
    with context.sandbox.lock:
        kept = context.sandbox.world.outbox.deliveries
        newer = iter(kept.values())
        if after := context.query.get("after"):
            mark = context.sandbox.world.outbox.find(after)
            next(delivery for delivery in newer if delivery is mark)
        fitting = (delivery for delivery in newer if state in (None, delivery.state))
        listed = [_rendered(context, delivery) for delivery in islice(fitting, limit)]
        return {"deliveries": listed, "next": listed[-1]["id"] if listed else None, "total": len(kept)}


def show_delivery(context: AdminContext, delivery: str) -> Json:
    """Return one callback and every attempt to deliver it."""
    with context.sandbox.lock:
        return _rendered(context, context.sandbox.world.outbox.find(delivery))


def resend_delivery(context: AdminContext, delivery: str) -> Json:
    """Send a callback once more, whatever became of it."""
    context.sandbox.world.outbox.find(delivery)
    context.sandbox.act("resend", delivery=delivery)
    return show_delivery(context, delivery)


def break_next(context: AdminContext, *, how: str, where: str = "*") -> Json:
    """Let the next callback go wrong on purpose, by `how`; `where` is a pattern over `vendor.event`."""
    check_known("#/how", how, BROKEN)
    operators = context.sandbox.world.operators
    events = [f"{name}.{event}" for name, one in operators.items() for event in one.vocabulary.events]
    if not any(fnmatchcase(event, where) for event in events):
        raise unusable([f"#/where: {where[:80]!r} fits no callback; known: *, {', '.join(events)}"])
    context.sandbox.act("break_next", how=how, where=where)
    return {"next": waiting_rules(context.sandbox)}


def waiting_rules(sandbox: Sandbox) -> Json:
    """Return how the next callbacks will go wrong, in that order."""
    with sandbox.lock:
        rules = list(sandbox.world.outbox.next_rules)
    names = {replace(rule, where="*"): how for how, rule in BROKEN.items()}
    return [{"how": names[replace(rule, where="*")], "where": rule.where} for rule in rules]


def _rendered(context: AdminContext, delivery: Delivery) -> Json:
    return render_delivery(delivery, context.sandbox.recorder.masker)
