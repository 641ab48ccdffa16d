"""What the network knows, in this vendor's objects; those the documentation folds up are inferred."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from simulator.telephony.accounts import Account, AudioClip, ClipSource, ClipState
from simulator.telephony.calls import Direction
from simulator.telephony.jobs import Job
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.messages import Message, MessageState
from simulator.telephony.owned_numbers import OwnedNumber, Reservation, Series, Terms
from simulator.telephony.owners import Tariff
from simulator.telephony.phone_numbers import E164
from simulator.telephony.recordings import Recording, RecordingState
from simulator.telephony.subscriptions import DeliveryRecord, Subscription, SubscriptionState
from simulator.vendors.callr.answers import render_cents, render_instant
from simulator.vendors.callr.numbering import DESTINATIONS, destination_of
from simulator.vendors.callr.settings import CallrSettings
from simulator.vendors.callr.store import END_USERS, SCENARIOS, EndUser, Scenario, numbers_of_end_user

Json = dict[str, Any]

DIRECTIONS: Mapping[Direction, str] = {Direction.INCOMING: "inbound", Direction.OUTGOING: "outbound"}
SMS_STATES: Mapping[MessageState, str] = {
    state: "remote-queued" if state is MessageState.QUEUED else str(state) for state in MessageState
}
CLIP_STATES: Mapping[ClipState, str] = {
    ClipState.EMPTY: "pending-content",
    ClipState.WAITING: "pending-conversion",
    ClipState.PROCESSING: "processing",
    ClipState.READY: "ready",
    ClipState.BROKEN: "error",
}
CLIP_SOURCES: Mapping[ClipSource, str] = {
    ClipSource.CLIENT: "file-upload",
    ClipSource.TELEPHONE: "phone-record",
    ClipSource.OPERATOR: "system",
}
WEBHOOK_STATES: Mapping[SubscriptionState, str] = {
    SubscriptionState.ENABLED: "enabled",
    SubscriptionState.DISABLED: "disabled",
    SubscriptionState.DISABLED_BY_OPERATOR: "disabled-admin",
    SubscriptionState.DISABLED_BY_FAILURES: "disabled-system",
}
_PARTIES = {Party.CALLER: "caller", Party.CALLEE: "callee", Party.NETWORK: "system"}
_NETWORKS = (("+336", "20801"), ("+337", "20810"), ("+447", "23410"), ("+1", "310260"), ("+491", "26201"))
_NO_MONEY = "0.0001"

_FAILED = (MessageState.ERROR, MessageState.FAILED, MessageState.EXPIRED)


def render_scenario(account: Account, scenario: Scenario) -> Json:
    """Return one script with the numbers that run it."""
    numbers = [number for number in account.numbers.values() if number.routed_to == scenario.sid]
    return {
        "name": scenario.name,
        "script": scenario.text,
        "format": "yaml",
        "sid": scenario.sid,
        "numbers": [render_assigned(number) for number in numbers],
        "version": "1.0",
        "created": render_instant(scenario.created),
        "updated": render_instant(scenario.updated),
    }


def render_end_user(account: Account, user: EndUser) -> Json:
    """Return one end user; it can be deleted while no number is used by it."""
    return {
        "name": user.name,
        "address": user.address,
        "comment": user.comment,
        "sid": user.sid,
        "type": "third-party",
        "created": render_instant(user.created),
        "updated": render_instant(user.updated),
        "deletable": not numbers_of_end_user(account, user.sid),
    }


def render_assigned(number: OwnedNumber) -> Json:
    """Return the core of a number in the order of the reference, and since when it is gone."""
    core = {
        "e164": number.number,
        "class": number.grade,
        "type": number.kind,
        "assigned": render_instant(number.assigned),
        "country": number.country,
    }
    return core | ({"unassigned": render_instant(number.released)} if number.released else {})


def render_number(number: OwnedNumber) -> Json:
    """Return one number with what it sets off, and on what terms."""
    account = number.account
    return {
        **render_assigned(number),
        "scenario": _reference(SCENARIOS.of(account).get(str(number.routed_to))),
        "compliance": {"compliant": True, "status": "compliant", "deadline": None},
        "contract": render_contract(number.terms, render_instant(number.ends)),
        "pricing": render_pricing(number.terms),
        "enduser": _reference(END_USERS.of(account).get(str(number.holder))),
    }


def _reference(kept: Scenario | EndUser | None) -> Json | None:
    """Return what another object tells of one that it belongs to."""
    return {"sid": kept.sid, "name": kept.name} if kept else None


def render_contract(terms: Terms, ends: str | None) -> Json:
    """Return for how long a number is taken at least."""
    return {"billingMode": "monthly", "durationMonths": terms.months, "ends": ends, "autoRenew": True}


def render_pricing(terms: Terms) -> Json:
    """Return what a number costs: once, and a month."""
    return {"setup": render_cents(terms.setup), "mrc": render_cents(terms.monthly)}


def render_store_item(number: E164, series: Series | OwnedNumber) -> Json:
    """Return one number for sale."""
    return {"e164": number, "class": series.grade, "type": series.kind, "country": series.country}


def render_reservation(held: Reservation) -> Json:
    """Return a reservation that is open."""
    return {
        "token": held.token,
        "expires": render_instant(held.expires),
        "contract": render_contract(held.terms, None),
        "items": [render_store_item(number, series) for number, series in held.items],
    }


def render_message(message: Message) -> Json:
    """Return one message; what has not happened yet is null (inferred)."""
    letter = message.letter
    party = letter.recipient if message.direction is Direction.OUTGOING else letter.sender
    return {
        "direction": DIRECTIONS[message.direction],
        "sid": message.ref,
        "from": letter.sender,
        "to": letter.recipient,
        "body": {"text": letter.text, "length": len(letter.text)},
        "trafficType": letter.purpose or "alerting",
        "status": SMS_STATES[message.state],
        "error": message.reason if message.state in _FAILED else None,
        "created": render_instant(message.created),
        "delivered": render_instant(message.reached(MessageState.DELIVERED)),
        "updated": render_instant(message.updated),
        "sent": render_instant(message.reached(MessageState.SENT)),
        "parts": message.parts,
        "network": next((code for prefix, code in _NETWORKS if party.startswith(prefix)), None),
        "encoding": str(letter.alphabet),
        "cost": render_cents(message.cost),
        "paymentType": CallrSettings.of(message.account).payment,
        "statusHistory": [
            {"status": SMS_STATES[state], "at": render_instant(at)} for state, at in message.history
        ],
    }


def render_clip(clip: AudioClip) -> Json:
    """Return one audio file."""
    return {
        "sid": clip.ref,
        "name": clip.name,
        "duration": max(_seconds(clip.length), 1) if clip.length else 0,
        "source": CLIP_SOURCES[clip.source],
        "readonly": clip.read_only,
        "status": CLIP_STATES[clip.state],
        "created": render_instant(clip.created),
        "updated": render_instant(clip.updated or clip.created),
    }


def render_recording(recording: Recording) -> Json:
    """Return one recording; its transcript is what the caller's persona says."""
    language = recording.language
    done = recording.state is RecordingState.READY
    transcript = {
        "status": "done" if done else "processing",
        "language": language,
        "text": recording.transcript if done else None,
    }
    return {
        "sid": recording.ref,
        "type": recording.kind,
        "callee": recording.callee,
        "scenario": _reference(SCENARIOS.of(recording.account).get(str(recording.route))),
        "callid": recording.call,
        "created": render_instant(recording.created),
        "readAt": render_instant(recording.read_at),
        "duration": _seconds(recording.length),
        "caller": {
            "number": recording.caller or "",
            "name": "",  # nobody has one
            "restricted": recording.caller is None,
        },
        "read": recording.read_at is not None,
        "status": str(recording.state),
        "size": recording.size,
        "options": {"transcription": {"language": language} if language else None},
        "transcription": transcript if language else None,
    }


def render_task(job: Job) -> Json:
    """Return one task."""
    return {
        "id": job.ref,
        "status": str(job.state),
        "percent": job.percent,
        "ended": render_instant(job.ended),
        "result": job.result,
        "error": None,
    }


def render_webhook(subscription: Subscription) -> Json:
    """Return one webhook."""
    return {
        "sid": subscription.ref,
        "type": subscription.event,
        "endpoint": subscription.url,
        "status": WEBHOOK_STATES[subscription.state],
        "options": dict(subscription.options),
        "failed": subscription.failed,
        "lastfailed": render_instant(subscription.last_failed),
        "created": render_instant(subscription.created),
        "updated": render_instant(subscription.updated),
    }


def render_delivery(record: DeliveryRecord) -> Json:
    """Return one entry of the webhook log."""
    return {
        "id": record.event_id,
        "at": render_instant(record.at),
        "sid": record.subscription.ref,
        "type": record.subscription.event,
        "endpoint": record.subscription.url,
        "httpcode": record.status,
        "try": record.nth,
        "error": record.error,
    }


def render_call(call: LiveCall) -> Json:
    """Return the record of a call, by the names of the variable `call.cdr` (observed there)."""
    step = call.account.tariff.step
    billed = ceil(call.talk / step) * _seconds(step) if call.cost else 0
    destination = destination_of(call.callee)
    return {
        "callid": call.ref,
        "direction": DIRECTIONS[call.direction],
        "callee": call.callee,
        "callerNumber": call.caller or "",
        "callerName": "",
        "callerRestricted": call.caller is None,
        "started": render_instant(call.started),
        "answered": render_instant(call.answered),
        "ended": render_instant(call.ended),
        "durationTotal": _seconds(call.length),
        "durationAnswered": _seconds(call.talk),
        "durationBilled": billed,
        "hangupCause": call.cause,
        "hangupSource": _PARTIES[call.hung_up_by] if call.hung_up_by else None,
        "hangupTech": None,
        "billingCredit": render_cents(call.cost * 0, _NO_MONEY),
        "billingDebit": render_cents(call.cost, _NO_MONEY),
        "billingPaymentType": CallrSettings.of(call.account).payment,
        "billingDestinationLabel": destination.label if destination else None,
    }


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def render_destinations(tariff: Tariff) -> list[dict[str, Any]]:
    """Return every destination once, with its prices in cents."""
    labelled = {destination.label: destination for destination in DESTINATIONS}
    return [
        {
            "label": destination.label,
            "country": destination.country,
            "type": destination.kind,
            "class": "classic",
            "pricing": {
                "minute": render_cents(tariff.per_minute * destination.factor),
                "increment": tariff.step.seconds,
                "minDuration": 0,
            },
        }
        for destination in labelled.values()
    ]
