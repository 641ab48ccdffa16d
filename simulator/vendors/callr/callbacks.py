"""Webhooks: which subscriber hears of what happened, in what envelope, how often; and scripts set off."""

from __future__ import annotations

import hmac
import itertools
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace

from simulator.exchange import CallbackRequest
from simulator.formats.json_text import write_compact_json
from simulator.formats.urls import without_credentials
from simulator.telephony.accounts import Account, AudioClip
from simulator.telephony.jobs import Job, JobState
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message, MessageState
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.outbox import Delivery, DeliveryState, Signing, Webhook
from simulator.telephony.owned_numbers import OwnedNumber
from simulator.telephony.owners import Slot
from simulator.telephony.recordings import Recording
from simulator.telephony.subscriptions import DeliveryRecord, Subscription, SubscriptionState
from simulator.telephony.world import World
from simulator.vendors.callr import responses
from simulator.vendors.callr.actions.triggers import react
from simulator.vendors.callr.answers import render_cents, render_instant
from simulator.vendors.callr.settings import CallrSettings, WebhookType

RETRIES = 10
"""Documented: tries are counted from 0 to 10."""

TYPES: Mapping[str, WebhookType] = {
    "credit.topped_up": "v2.billing.credit.topup",
    "credit.low": "v2.billing.credit.warning",
    "credit.exhausted": "v2.billing.credit.shutdown",
    "call.started incoming": "v2.call.inbound.started",
    "call.ended incoming": "v2.call.inbound.ended",
    "call.started outgoing": "v2.call.outbound.started",
    "call.ended outgoing": "v2.call.outbound.ended",
    "number.assigned": "v2.number.assigned",
    "number.released": "v2.number.unassigned",
    "job.updated": "v2.task.updated",
    "clip.updated": "v2.audio-file.updated",
    "recording.updated": "v2.recording.updated",
    "message.received": "v2.sms.inbound.received",
    "message.updated": "v2.sms.outbound.updated",
}
"""The 14 types (documented) by what happened on the network."""

SUBSCRIPTIONS: Mapping[str, tuple[str, ...]] = {
    event: tuple(kind for name, kind in TYPES.items() if name.partition(" ")[0] == event)
    for event in dict.fromkeys(name.partition(" ")[0] for name in TYPES)
}
"""The types of webhook for each of the network's names."""

EVENTS = (*SUBSCRIPTIONS, "script.fetch")
"""What clients hear of, by the network's names."""

SIGNATURE = "X-CALLR-HmacSignature"

_RENDERERS: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    LiveCall: responses.render_call,
    OwnedNumber: responses.render_assigned,
    Job: responses.render_task,
    AudioClip: responses.render_clip,
    Recording: responses.render_recording,
    Message: responses.render_message,
}


def callbacks(world: World, event: NetworkEvent) -> Iterator[Webhook]:
    """Yield one for each enabled webhook of the type, then let scripts take calls and messages."""
    kind = type_of(event)
    listening = [
        subscription
        for subscription in event.account.subscriptions.values()
        if subscription.event == kind and subscription.state is SubscriptionState.ENABLED
    ]
    if listening:
        yield from _webhooks(world, event, listening)
    react(world, event)


def type_of(event: NetworkEvent) -> str | None:
    """Return the type of a webhook for what happened; what has only just been made was not updated."""
    about = event.subject
    if isinstance(about, LiveCall):
        return TYPES.get(f"{event.name} {about.direction}")
    if isinstance(about, Message) and about.state is MessageState.CREATED:
        return None
    if isinstance(about, Job) and about.state is JobState.PENDING:
        return None
    return TYPES.get(event.name)


EVENT_NUMBERS: Slot[Iterator[int]] = Slot("events", partial(itertools.count, 1))


def _webhooks(world: World, event: NetworkEvent, listening: list[Subscription]) -> Iterator[Webhook]:
    account = event.account
    nth = next(EVENT_NUMBERS.of(account))
    event_id = str(world.network.mint(account, "event", (), event.name, nth))
    payload = _payload(event)
    waits, patience = backoff(account), timedelta(seconds=float(CallrSettings.of(account).patience))
    for subscription in listening:
        head = {
            "id": event_id,
            "at": render_instant(event.at),
            "sid": subscription.ref,
            "type": subscription.event,
        }
        yield Webhook(
            f"{subscription.ref}.{event_id}",
            partial(compose, subscription, head, payload, patience),
            waits,
            partial(_watch, world, account, subscription, event_id),
        )


def _payload(event: NetworkEvent) -> dict[str, Any]:
    if render := _RENDERERS.get(type(event.subject)):
        return render(event.subject)
    return {"credit": render_cents(event.account.balance), "amount": render_cents(event.subject)}  # type: ignore[arg-type]


def backoff(account: Account) -> tuple[timedelta, ...]:
    """Return the waits before the second try and all that follow; each doubles the one before (inferred)."""
    first = timedelta(seconds=float(CallrSettings.of(account).backoff))
    return tuple(first * 2**nth for nth in range(RETRIES))


def compose(
    subscription: Subscription,
    head: Mapping[str, Any],
    payload: Mapping[str, Any],
    patience: timedelta,
    nth: int,
) -> CallbackRequest | None:
    """Return the request of one try, signed when the webhook has a secret; None once it is switched off.

    A name and password in the endpoint become a header, as HTTP clients have it (inferred).
    """
    if subscription.state is not SubscriptionState.ENABLED:
        return None
    body = write_compact_json({**head, "try": min(nth, RETRIES), "payload": payload})
    url, credentials = without_credentials(subscription.url)
    headers = (
        ("Content-Type", "application/json"),
        ("User-Agent", "CALLR/API 2.0"),
        ("X-CALLR-EventId", head["id"]),
        *credentials,
        *_signature(subscription, body),
    )
    return CallbackRequest("POST", url, headers, body, patience=patience)


def _signature(subscription: Subscription, body: bytes) -> tuple[tuple[str, str], ...]:
    secret = subscription.options.get("hmacSecret")
    if not isinstance(secret, str) or not secret:
        return ()
    algorithm = str(subscription.options.get("hmacAlgo") or "sha256")  # observed, as is a sample with SHA-512
    mac = hmac.digest(secret.encode(), body, algorithm)
    return ((SIGNATURE, b64encode(mac).decode()),)


def tamper_signature(request: CallbackRequest, signing: Signing) -> CallbackRequest:
    """Return a webhook without its signature, or with one in which every bit is wrong."""
    headers = tuple(
        (name, b64encode(bytes(255 - byte for byte in b64decode(value))).decode())
        if name == SIGNATURE
        else (name, value)
        for name, value in request.headers
        if name != SIGNATURE or signing is not Signing.NONE
    )
    return replace(request, headers=headers)


def _watch(
    world: World, account: Account, subscription: Subscription, event: str, delivery: Delivery
) -> None:
    """Log a try, and count the event when it was the last."""
    last = delivery.attempts[-1]
    nth = min(len(delivery.attempts) - 1, RETRIES)
    account.delivery_log.append(
        DeliveryRecord(
            event_id=event,
            at=last.at,
            subscription=subscription,
            nth=nth,
            status=last.status,
            error=last.error,
        )
    )
    if delivery.state is DeliveryState.DELIVERED:
        subscription.note_success()
    elif delivery.state is DeliveryState.FAILED:
        subscription.note_failure(world.clock.now, CallrSettings.of(account).disable_after)
