"""dial.c2cstatus, dial and dial.callreports: rows of calls that were connected, newest first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

from simulator.telephony.calls import NOTHING, Call
from simulator.telephony.errors import UnknownCall
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.phone_numbers import E164
from simulator.vendor import RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.click2call import click_id, own_words
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.phones import circle_of, operator_of, render_number
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, INCOMING, campaign_of
from simulator.vendors.kaleyra.recordings import recording_url
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import IVR, seconds_of, statuses_of
from simulator.vendors.kaleyra.times import day_begins, render_minute, render_stamp

LAST_DAYS = timedelta(days=3)
"""Documented: older calls are not told by c2cstatus."""

PAGE, MOST = 50, 10_000
"""A page of 50 is documented; how long one may be is not."""

CALL_TO = ("call to", "callto", "call_to")
"""The document has a space in this name; live clients send it with and without."""

Row = dict[str, Any]
Kind = TypeVar("Kind", Call, LiveCall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which calls a report is about: begun from `since` until before `until`, to one number or any."""

    since: datetime
    until: datetime
    callee: E164 | None
    limit: int
    page: int


@operation("dial.c2cstatus", "click_to_call_status")
def click_to_call_status(context: RequestContext) -> Reply:
    """Tell of click2calls; an id whose call was not dialed yet has no row (observed)."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, CLICK2CALL)
    oldest = context.world.clock.now - LAST_DAYS
    if ref := fields.text("id"):
        call = find_call(context, ref)
        calls: Iterable[Call] = [call] if call.attempts and call.attempts[0].started >= oldest else []
    else:
        calls = select_calls(campaign.log, parse_filters(fields, context.world.clock.now, oldest))
    return Reply(success([render_click_to_call(call) for call in calls]), {"data": "dial"})


@operation("dial", "call_details")
def call_details(context: RequestContext) -> Reply:
    """Tell of incoming calls that were forwarded to agents."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, INCOMING)
    if ref := fields.text("id"):
        calls: Iterable[LiveCall] = [find_incoming(context, ref)]
    else:
        filters = parse_filters(fields, context.world.clock.now, campaign.created)
        calls = select_calls(campaign.received, filters)
    return Reply(success([render_incoming(call) for call in calls]), {"data": "dial"})


@operation("dial.callreports", "call_reports")
def call_reports(context: RequestContext) -> Reply:
    """Tell of one call by its id; no document knows this method, live clients use it (observed)."""
    ref = Fields(context).required("id")
    if not ref.startswith("c2c_"):
        return Reply(success([render_report(find_incoming(context, ref))]), {"data": "dial"})
    call = find_call(context, ref)
    return Reply(success([render_report(call)] if call.attempts else []), {"data": "dial"})


def find_call(context: RequestContext, ref: str) -> Call:
    """Return a click2call by its id; raises UnknownCall."""
    call = context.account.calls.get(ref.removeprefix("c2c_"))
    if call is None or ref != click_id(call):
        raise UnknownCall(ref)
    return call


def find_incoming(context: RequestContext, ref: str) -> LiveCall:
    """Return an incoming call by its id; raises UnknownCall."""
    call = context.account.line_calls.get(ref[:16])
    if call is None or ref != incoming_id(call):
        raise UnknownCall(ref)
    return call


def parse_filters(fields: Fields, now: datetime, oldest: datetime) -> Filters:
    """Read dates, both of which count whole, the number called, and the page."""
    first, last = fields.day("fromdate"), fields.day("todate")
    since = max(day_begins(first), oldest) if first else oldest
    until = day_begins(last) + timedelta(days=1) if last else now + LAST_DAYS
    return Filters(
        since=since,
        until=until,
        callee=fields.number(*CALL_TO),
        limit=fields.integer("limit", MOST, default=PAGE, least=1),
        page=fields.integer("page", default=1, least=1),
    )


def select_calls(log: Sequence[Kind], filters: Filters) -> Iterable[Kind]:
    """Return one page, newest first: the cost is that of its rows, however many calls there are."""
    low = bisect_left(log, filters.since, key=_began)
    high = bisect_left(log, filters.until, key=_began)
    skipped = (filters.page - 1) * filters.limit
    if filters.callee is None:
        end = max(high - skipped, low)
        return log[max(end - filters.limit, low) : end][::-1]
    rows = (log[place] for place in range(high - 1, low - 1, -1) if filters.callee in _parties(log[place]))
    return islice(rows, skipped, skipped + filters.limit)


def render_click_to_call(call: Call) -> Row:
    """Return a row of c2cstatus, its keys in the order of the sample; both statuses null until the end."""
    first, second = statuses_of(call)
    duration, billed = talks_of(call)
    caller = call.attempts[-1].callee
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
    first, second = statuses_of(call)
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
        "status": second or first,
        "recording": recording_url(call),
        "date": render_minute(call.started),
        "caller_id": render_number(call.callee),
    }


def render_report(call: AnyCall) -> Row:
    """Return a row of dial.callreports with the keys that live clients read (observed)."""
    first, second = statuses_of(call)
    return {
        "status": second or first,
        "billsec": str(talks_of(call)[1]),
        "recording": recording_url(call),
        "callstart": render_stamp(_began(call)),
        "callend": render_stamp(call.ended) if call.ended else "",
        "callerstate": first,
        **_area(call.caller if isinstance(call, LiveCall) else call.attempts[-1].callee),
    }


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


def _parties(call: AnyCall) -> Iterable[E164]:
    """Return whom a call may have been connected to."""
    return [leg.callee for leg in call.onward] if isinstance(call, LiveCall) else call.order.bridge


def _began(call: AnyCall) -> datetime:
    return call.started if isinstance(call, LiveCall) else call.attempts[0].started


def _area(caller: E164 | None) -> Row:
    if caller is None:
        return {"location": "", "provider": ""}
    return {"location": circle_of(caller), "provider": operator_of(caller)}


def _hex(call: LiveCall, what: str, size: int) -> str:
    return blake2b(f"{what} {call.ref}".encode(), digest_size=size).hexdigest()
