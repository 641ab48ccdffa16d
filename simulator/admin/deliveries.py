"""Callbacks: which were sent, which wait, and sending one again."""

from __future__ import annotations

from itertools import islice

from simulator.admin.problems import unusable
from simulator.admin.rendering import render_delivery
from simulator.admin.visits import Json, Visit
from simulator.telephony.outbox import Delivery, DeliveryState


def list_deliveries(visit: Visit) -> Json:
    """List callbacks oldest first, of one `state` or all; `next` goes into `after` to read on."""
    state, limit = visit.query.get("state"), visit.limit
    if state is not None and state not in list(DeliveryState):
        raise unusable([f"?state: unknown; known: {', '.join(DeliveryState)}"])
    with visit.sandbox.lock:
        kept = visit.sandbox.world.outbox.deliveries
        newer = iter(kept.values())
        if after := visit.query.get("after"):
            mark = visit.sandbox.world.outbox.find(after)
            next(delivery for delivery in newer if delivery is mark)
        fitting = (delivery for delivery in newer if state in (None, delivery.state))
        found = list(islice(fitting, limit))
        listed = [_rendered(visit, delivery) for delivery in found]
        return {"deliveries": listed, "next": found[-1].id if found else None, "total": len(kept)}


def show_delivery(visit: Visit, delivery: str) -> Json:
    """Show one callback and every try to deliver it."""
    with visit.sandbox.lock:
        return _rendered(visit, visit.sandbox.world.outbox.find(delivery))


def resend_delivery(visit: Visit, delivery: str) -> Json:
    """Send a callback once more, whatever became of it."""
    visit.nothing()
    visit.sandbox.world.outbox.find(delivery)
    visit.sandbox.act("resend", delivery=delivery)
    return show_delivery(visit, delivery)


def _rendered(visit: Visit, delivery: Delivery) -> Json:
    return render_delivery(delivery, visit.sandbox.record.masker)
