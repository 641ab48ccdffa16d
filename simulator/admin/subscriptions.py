"""Switching off what an account is told, as only the vendor's own people can."""

from __future__ import annotations

from simulator.admin.accounts import credential_of
from simulator.admin.visits import TEXT, Json, Visit
from simulator.errors import UnknownName
from simulator.telephony.accounts import Account
from simulator.telephony.subscriptions import Subscription


def bar_subscriptions(visit: Visit, vendor: str) -> Json:
    """Switch off what an account hears, of one event or all, or on again; the client cannot undo it."""
    said = visit.fields({"barred": (bool,)}, {"event": TEXT, "credential": TEXT})
    credential, event = credential_of(visit, vendor, said.get("credential")), said.get("event")
    with visit.sandbox.lock:
        held = visit.sandbox.world.admit(vendor, credential).subscriptions.values()
        known = sorted({one.event for one in held})
    if event is not None and event not in known:
        raise UnknownName("event that is subscribed to", event, known)
    account: Account = visit.sandbox.act(
        "bar_subscriptions", vendor=vendor, credential=credential, barred=said["barred"], event=event
    )
    with visit.sandbox.lock:
        return {"subscriptions": [_subscription(one) for one in account.subscriptions.values()]}


def _subscription(subscription: Subscription) -> Json:
    return {
        "ref": subscription.ref,
        "event": subscription.event,
        "state": subscription.state,
        "failed": subscription.failed,
    }
