"""Which calls a request for results wants, and pages through them, newest first.

They are read live: a call that arrives or changes between two pages moves the rows behind it, so a client
that counts pages meets some twice or misses some, as with any offset (inferred). With the setting
`paging: steady` the first page fixes which calls the later ones count from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.pages import FILTERS, steady_rows
from simulator.vendors.callo.settings import CalloSettings
from simulator.vendors.callo.statuses import own_status_of, status_of

PAGE_SIZE = 1000
"""Documented."""


class Filters(Struct, frozen=True):
    """Dates and a status; bounds are inclusive (inferred), None leaves a side open."""

    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    status: str = ""

    @property
    def changing(self) -> Filters:
        """What of this a call may come to fit, or no longer fit, after it was placed."""
        return replace(self, created_from=None, created_to=None)

    def match(self, call: Call) -> bool:
        """Tell whether a call is wanted; a status may also be one the user defined."""
        return (
            _within(call.created, self.created_from, self.created_to)
            and _within(call.updated, self.updated_from, self.updated_to)
            and (not self.status or self.status in (status_of(call), own_status_of(call)))
        )


EVERYTHING = Filters()


def remark_on_dates(filters: Filters, now: datetime) -> str | None:
    """Return what to say of dates between which no call can be; None where some can."""
    for first, last in (
        (filters.created_from, filters.created_to),
        (filters.updated_from, filters.updated_to),
    ):
        if first and last and first >= last:
            alone = "ends where it begins; a date alone is its midnight"
            return f"dates: the filter {'ends before it begins' if first > last else alone}"
        if first and first > now:
            return f"clock: it is {now.isoformat()} here, before the dates of the filter"
    return None


def _within(instant: datetime, low: datetime | None, high: datetime | None) -> bool:
    return (low is None or low <= instant) and (high is None or instant <= high)


def page_of(account: Account, campaign: Campaign, filters: Filters, number: int) -> list[Call]:
    """Return page `number`, counted from 1, of a campaign's calls that match; empty past the end."""
    part = slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE)
    find = partial(_places, account, campaign, filters)
    if CalloSettings.of(account).paging == "steady":
        places = steady_rows(account, (campaign.ref, filters), part, find)
    else:
        places = find()
    end = max(len(places) - part.start, 0)
    return [campaign.calls[place] for place in places[max(len(places) - part.stop, 0) : end][::-1]]


def _places(account: Account, campaign: Campaign, filters: Filters) -> Sequence[int]:
    """Return where the calls that match stand, oldest first."""
    calls, created = campaign.calls, attrgetter("created")
    low = bisect_left(calls, filters.created_from, key=created) if filters.created_from else 0
    high = bisect_right(calls, filters.created_to, key=created) if filters.created_to else len(calls)
    changing = filters.changing
    if changing == EVERYTHING:
        return range(low, high)
    places = FILTERS.of(account).places(
        ("calls", campaign.ref, changing),
        calls,
        changing.match,
        updates=campaign.updates,
        place_of=campaign.place_of,
    )
    return places[bisect_left(places, low) : bisect_left(places, high)]
