"""Rows of Kaleyra's reports, their keys in the order of the samples, and how calls are named in them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from simulator.telephony.accounts import Account
from simulator.telephony.calls import NOTHING, Call
from simulator.telephony.follow_ups import FollowUp
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.phone_numbers import E164
from simulator.vendors.kaleyra.media import recording_url
from simulator.vendors.kaleyra.paging import began
from simulator.vendors.kaleyra.phones import circle_of, operator_of, region_of, render_number
from simulator.vendors.kaleyra.settings import Incident, KaleyraSettings
from simulator.vendors.kaleyra.statuses import ANSWER, IVR_TAG, obd_status, reported, seconds_of, statuses_of
from simulator.vendors.kaleyra.times import render_epoch, render_follow_up, render_minute, render_stamp

Row = dict[str, Any]


def click_id(call: Call) -> str:
    """Return how click2call names a call."""
    return f"c2c_{call.ref}"


def obd_id(call: Call) -> str:
    """Return the id of a call: its group, and its place in it."""
    return f"{call.campaign.ref}-{call.order.tags['place']}"


def incoming_id(call: LiveCall) -> str:
    """Return how `dial` names a call: longer than click2call does (the sample has 22 digits)."""
    return f"{call.ref}{_hex(call, 'row', 3)}"


def render_click_to_call(call: Call) -> Row:
    """Return a row of c2cstatus, its keys in the order of the sample; both statuses null until the end."""
    first, second = statuses_of(call) or (None, None)
    duration, billed = talks_of(call)
    caller = caller_of(call)
    return {
        "id": click_id(call),
        "callfrom": render_number(caller),
        "callto": receiver_of(call),
        "agent": KaleyraSettings.of(call.account).agent_names.get(caller, ""),
        "start_time": render_stamp(call.attempts[0].started),
        "end_time": render_stamp(call.ended) if call.ended else "",
        "duration": str(duration),
        "billsec": str(billed),
        "credits": f"{call.cost:.3f}",
        "status": first,
        "status2": second,
        "recording": recording_url(call),
        "location": circle_of(caller),
        "provider": operator_of(caller),
        **own_words(call),
    }


def render_incoming(call: LiveCall) -> Row:
    """Return a row of `dial`, its keys in the order of the sample."""
    duration, billed = talks_of(call)
    _, status = statuses_of(call) or (None, None)
    return {
        "id": incoming_id(call),
        "uniqid": f"{render_epoch(call.started)}.{int(str(call.ref)[-4:], 16)}.D0",
        "parent_id": _hex(call, "parent", 11),
        "callfrom": render_number(call.caller),
        "callto": receiver_of(call),
        "start_time": render_stamp(call.started),
        "end_time": render_stamp(call.ended) if call.ended else "",
        "duration": str(duration),
        "billsec": str(billed),
        "notes": "",
        **_area(call.caller),
        "credits": f"{sum(leg.cost for leg in call.legs):.3f}",
        "status": status,
        "recording": recording_url(call),
        "date": render_minute(call.started),
        "caller_id": render_number(call.callee),
    }


def render_report(call: AnyCall) -> Row:
    """Return a row of dial.callreports with the keys that live clients read (observed).

    `callerstate` is the word for the whole call (observed), `calleestate` is read before it, and so is taken
    for the same word (inferred).
    """
    first, second = statuses_of(call) or ("", "")
    return {
        "status": second if first == ANSWER else first,
        "billsec": str(talks_of(call)[1]),
        "recording": recording_url(call),
        "callstart": render_stamp(began(call)),
        "callend": render_stamp(call.ended) if call.ended else "",
        "callerstate": reported(call),
        "calleestate": reported(call),
        **_area(call.caller if isinstance(call, LiveCall) else caller_of(call)),
    }


def render_obd_call(call: Call) -> dict[str, str]:
    """Return a row, its keys in the order of the sample."""
    return {
        "id": obd_id(call),
        "mobile": render_number(call.callee),
        "status": obd_status(call),
        "senttime": render_stamp(call.attempts[0].started if call.attempts else call.created),
        **own_words(call),
    }


def render_follow_up_row(follow_up: FollowUp) -> dict[str, str]:
    """Return a row of the report, its keys in the order of the sample."""
    plan = follow_up.plan
    return {
        "id": str(follow_up.ref),
        "phone": render_number(plan.phone),
        "name": plan.name,
        "follower": render_number(plan.follower),
        "note": plan.notes,
        "ontime": render_follow_up(plan.at),
    }


def render_incident(incident: Incident) -> dict[str, Any]:
    """Return an incident, its keys in the order of the sample."""
    return {**msgspec.structs.asdict(incident), "numbers": list(incident.numbers)}


def incidents_of(account: Account) -> tuple[Incident, ...]:
    """Return what the account's settings list; else its own numbers by region, all of them operational.

    That a healthy number is listed so, is what the samples show.
    """
    listed = KaleyraSettings.of(account).incidents
    if listed is not None:
        return listed
    numbers: dict[tuple[str, str], tuple[E164, ...]] = {}
    for number in account.caller_ids:
        region = region_of(number)
        numbers[region] = (*numbers.get(region, ()), number)
    return tuple(
        Incident(region=region, region_code=code, numbers=own) for (region, code), own in numbers.items()
    )


def caller_of(call: Call) -> E164:
    """Return who is called first: of several, who was in the last attempt."""
    return call.attempts[-1].callee if call.attempts else call.callee


def receiver_of(call: AnyCall) -> str:
    """Return whom a call was connected to, or was to be: a number, several, or an IVR."""
    if isinstance(call, LiveCall):
        return render_number(call.joined.callee if call.joined else None)
    if IVR_TAG in call.order.tags:
        return f"ivr:{call.order.tags[IVR_TAG]}"
    joined = call.attempts[-1].joined if call.attempts else None
    return render_number(joined.party) if joined else "^".join(map(render_number, call.order.bridge))


def talks_of(call: AnyCall) -> tuple[int, int]:
    """Return the seconds of both legs; with an IVR they are the same."""
    if isinstance(call, LiveCall):
        talk = call.joined.talk if call.joined else NOTHING
        return round(call.length.total_seconds()), round(talk.total_seconds())
    first, second = seconds_of(call.settled)
    return (first, first) if IVR_TAG in call.order.tags else (first, second)


def own_words(call: Call) -> dict[str, str]:
    """Return what the client sent to find a call by, where the account's rows have it.

    No sample has either key; `custom` was seen in live rows of another report, so this is inferred.
    """
    if not KaleyraSettings.of(call.account).references_in_rows:
        return {}
    return {name: call.order.tags[name] for name in ("custom", "meta") if call.order.tags.get(name)}


def _area(caller: E164 | None) -> Row:
    if caller is None:
        return {"location": "", "provider": ""}
    return {"location": circle_of(caller), "provider": operator_of(caller)}


def _hex(call: LiveCall, what: str, size: int) -> str:
    return blake2b(f"{what} {call.ref}".encode(), digest_size=size).hexdigest()
