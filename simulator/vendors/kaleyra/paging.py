"""Which rows of a report are asked for: days, the number called, a page; and the calls of that page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from simulator.telephony.calls import Call
from simulator.telephony.follow_ups import FollowUp
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.pages import FILTERS, steady_rows
from simulator.telephony.phone_numbers import E164
from simulator.vendor import RequestContext
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.times import day_begins, render_stamp

PAGE, MOST = 50, 10_000
"""A page of 50 is documented; how long one may be is not."""

CALL_TO = ("call to", "callto", "call_to")
"""The document has a space in this name; live clients send it with and without."""

DAY = timedelta(days=1)

Kind = TypeVar("Kind", Call, LiveCall)


class Filters(Struct, frozen=True, kw_only=True):
    """Which calls a report is about: of whole days in India, to one number or any; and which page of them."""

    first: date | None
    last: date | None
    callee: E164 | None
    limit: int
    page: int


def parse_filters(context: RequestContext) -> Filters:
    """Read dates, the number called, and the page; raises Refused for the first that is wrong."""
    fields = Fields(context)
    first, last = _days(context, fields)
    return Filters(
        first=first,
        last=last,
        callee=fields.number(*CALL_TO),
        limit=fields.integer("limit", MOST, default=PAGE, least=1),
        page=fields.integer("page", default=1, least=1),
    )


def _days(context: RequestContext, fields: Fields) -> tuple[date | None, date | None]:
    """Return the first and last day of a filter; one that ends before it begins finds nothing (inferred)."""
    first, last = fields.day("fromdate"), fields.day("todate")
    context.note_range(first, last, "todate")
    return first, last


def remark_on_days(context: RequestContext, filters: Filters) -> str | None:
    """Return what to say where no day is asked for, or one that the world's clock has not reached."""
    now = context.world.clock.now
    if filters.first is None or day_begins(filters.first) <= now:
        return None
    return f"clock: it is {render_stamp(now)} in India here, before fromdate"


def select_calls(
    context: RequestContext, log: Sequence[Kind], filters: Filters, oldest: datetime
) -> list[Kind]:
    """Return one page of a log, newest first, of calls that began at `oldest` or later.

    The cost is that of the page's rows and of those that are new, however many calls there are.
    """
    part = slice((filters.page - 1) * filters.limit, filters.page * filters.limit)
    find = partial(_places, context, log, filters, oldest)
    if KaleyraSettings.of(context.account).paging == "steady":
        walk = context.operation, replace(filters, page=1)
        places = steady_rows(context.account, walk, part, find)
    else:
        places = find()
    return [log[place] for place in places[part]]


def began(call: AnyCall) -> datetime:
    """Return when a call began: when it was dialed, if it was."""
    if isinstance(call, LiveCall):
        return call.started
    return call.attempts[0].started if call.attempts else call.created


def _places(
    context: RequestContext, log: Sequence[AnyCall], filters: Filters, oldest: datetime
) -> Sequence[int]:
    """Return where in a log the rows are that filters ask for, newest first."""
    since = max(day_begins(filters.first), oldest) if filters.first else oldest
    low = bisect_left(log, since, key=began)
    high = bisect_left(log, day_begins(filters.last) + DAY, key=began) if filters.last else len(log)
    if (callee := filters.callee) is None:
        return range(low, high)[::-1]
    key = context.operation, callee
    places = FILTERS.of(context.account).places(key, log, lambda call: callee in _parties(call))
    return places[bisect_left(places, low) : bisect_left(places, high)][::-1]


def _parties(call: AnyCall) -> Iterable[E164]:
    """Return whom a call may have been connected to."""
    return [leg.callee for leg in call.onward] if isinstance(call, LiveCall) else call.order.bridge


def select_follow_ups(context: RequestContext) -> list[FollowUp]:
    """Return the follow-ups that pass the filters: either number, and days that count whole."""
    fields = Fields(context)
    follower, phone = fields.number("follower"), fields.number("number")
    first, last = _days(context, fields)
    since = day_begins(first) if first else None
    until = day_begins(last) + timedelta(days=1) if last else None
    return [
        follow_up
        for follow_up in context.world.follow_ups.of(context.account).values()
        if follower in (None, follow_up.plan.follower)
        and phone in (None, follow_up.plan.phone)
        and (since is None or since <= follow_up.plan.at)
        and (until is None or follow_up.plan.at < until)
    ]
