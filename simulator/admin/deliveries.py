"""Callbacks: which were sent, which wait, and sending one again."""

from __future__ import annotations

from itertools import islice

from simulator.admin.context import AdminContext, Json
from simulator.admin.problems import unusable
from simulator.admin.rendering import render_delivery
from simulator.telephony.outbox import Delivery, DeliveryState


def list_deliveries(context: AdminContext) -> Json:
    """List callbacks oldest first, of one `state` or all; `next` goes into `after` to read on."""
    state, limit = context.query.get("state"), context.limit
    if state is not None and state not in list(DeliveryState):
        raise unusable([f"?state: unknown; known: {', '.join(DeliveryState)}"])
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
    context.require_no_fields()
    context.sandbox.world.outbox.find(delivery)
    context.sandbox.act("resend", delivery=delivery)
    return show_delivery(context, delivery)


def _rendered(context: AdminContext, delivery: Delivery) -> Json:
    return render_delivery(delivery, context.sandbox.recorder.masker)
