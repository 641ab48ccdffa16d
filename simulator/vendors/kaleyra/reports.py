"""dial.c2cstatus, dial and dial.callreports: rows of calls that were connected, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from simulator.exchange import Loss
from simulator.telephony.calls import NOTHING, Call
from simulator.telephony.errors import UnknownCall
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.phone_numbers import E164
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.click2call import click_id, own_words
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.paging import DAY, Filters, began, parse_filters, select_calls
from simulator.vendors.kaleyra.phones import circle_of, operator_of, render_number
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, INCOMING, campaign_of
from simulator.vendors.kaleyra.recordings import recording_url
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import (
    ANSWER,
    IVR,
    TURNED_AWAY,
    reported,
    seconds_of,
    statuses_of,
)
from simulator.vendors.kaleyra.times import day_begins, render_minute, render_stamp

EVER = datetime.min.replace(tzinfo=UTC)
LAST_DAYS = timedelta(days=3)
"""Documented: older calls are not told by c2cstatus."""

ROWS = {"data": "dial"}

Row = dict[str, Any]


@operation("dial.c2cstatus", "click_to_call_status")
def click_to_call_status(context: RequestContext) -> Reply:
    """Tell of click2calls; an id whose call was not dialed yet has no row (observed)."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, CLICK2CALL)
    oldest = context.world.clock.now - LAST_DAYS
    if ref := fields.text("id"):
        call = find_call(context, ref)
        calls: Iterable[Call] = [call] if call.attempts and call.attempts[0].started >= oldest else []
        return Reply(success([render_click_to_call(call) for call in calls]), ROWS)
    filters = parse_filters(fields)
    if filters.first and day_begins(filters.first) + DAY <= oldest:
        context.losses.append(Loss("days_cut", "fromdate", fields.text("fromdate")))
    rows = [render_click_to_call(call) for call in select_calls(context, campaign.log, filters, oldest)]
    return Reply(success(rows), ROWS, remark=_clock_remark(context, filters))


@operation("dial", "call_details")
def call_details(context: RequestContext) -> Reply:
    """Tell of incoming calls that were forwarded to agents."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, INCOMING)
    if ref := fields.text("id"):
        return Reply(success([render_incoming(find_incoming(context, ref))]), ROWS)
    filters = parse_filters(fields)
    calls = select_calls(context, campaign.received, filters, EVER)
    rows = [render_incoming(call) for call in calls]
    return Reply(success(rows), ROWS, remark=_clock_remark(context, filters))


@operation("dial.callreports", "call_reports")
def call_reports(context: RequestContext) -> Reply:
    """Tell of one call by its id once it is reconciled; undocumented, but live clients use it (observed)."""
    ref = Fields(context).required("id")
    call = find_call(context, ref) if ref.startswith("c2c_") else find_incoming(context, ref)
    return Reply(success([render_report(call)] if is_reconciled(context, call) else []), ROWS)


def is_reconciled(context: RequestContext, call: AnyCall) -> bool:
    """Return whether dial.callreports has a row of a call: after its end, of some calls never (observed)."""
    settings, world = KaleyraSettings.of(context.account), context.world
    if call.ended is None or statuses_of(call) is None:
        return False
    if isinstance(call, Call) and not call.attempts and TURNED_AWAY not in call.order.tags:
        return False
    if world.random.below(100, "unreported", context.account.name, call.ref) < settings.unreported:
        return False
    return world.clock.now >= call.ended + timedelta(seconds=settings.reports_after)


def find_call(context: RequestContext, ref: str) -> Call:
    """Return a click2call by its id; raises UnknownCall."""
    call = context.account.calls.get(ref.removeprefix("c2c_"))
    if call is None or ref != click_id(call):
        raise _another_operations(ref) if "-" in ref else UnknownCall(ref)
    return call


def _another_operations(ref: str) -> Refused:
    """Return the refusal of an id as OBD makes them, which deployed clients ask for here (observed)."""
    error = Refused("call_unknown", id=ref)
    error.advice = "an id with a dash is of voice.call or voice.json: ask voice.status for it"
    return error


def find_incoming(context: RequestContext, ref: str) -> LiveCall:
    """Return an incoming call by its id; raises UnknownCall."""
    call = context.account.line_calls.get(ref[:16])
    if call is None or ref != incoming_id(call):
        raise UnknownCall(ref)
    return call


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
        "uniqid": f"{call.started.timestamp():.0f}.{int(str(call.ref)[-4:], 16)}.D0",
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


def caller_of(call: Call) -> E164:
    """Return who is called first: of several, who was in the last attempt."""
    return call.attempts[-1].callee if call.attempts else call.callee


def incoming_id(call: LiveCall) -> str:
    """Return how `dial` names a call: longer than click2call does (the sample has 22 digits)."""
    return f"{call.ref}{_hex(call, 'row', 3)}"


def receiver_of(call: AnyCall) -> str:
    """Return whom a call was connected to, or was to be: a number, several, or an IVR."""
    if isinstance(call, LiveCall):
        return render_number(call.joined.callee if call.joined else None)
    if IVR in call.order.tags:
        return f"ivr:{call.order.tags[IVR]}"
    joined = call.attempts[-1].joined if call.attempts else None
    return render_number(joined.party) if joined else "^".join(map(render_number, call.order.bridge))


def talks_of(call: AnyCall) -> tuple[int, int]:
    """Return the seconds of both legs; with an IVR they are the same."""
    if isinstance(call, LiveCall):
        talk = call.joined.talk if call.joined else NOTHING
        return round(call.length.total_seconds()), round(talk.total_seconds())
    first, second = seconds_of(call.settled)
    return (first, first) if IVR in call.order.tags else (first, second)


def _area(caller: E164 | None) -> Row:
    if caller is None:
        return {"location": "", "provider": ""}
    return {"location": circle_of(caller), "provider": operator_of(caller)}


def _hex(call: LiveCall, what: str, size: int) -> str:
    return blake2b(f"{what} {call.ref}".encode(), digest_size=size).hexdigest()


def _clock_remark(context: RequestContext, filters: Filters) -> str | None:
    """Return what to say where a client asks for a day that the world's clock has not reached."""
    now = context.world.clock.now
    if filters.first is None or day_begins(filters.first) <= now:
        return None
    return f"clock: it is {render_stamp(now)} in India here, before fromdate"
