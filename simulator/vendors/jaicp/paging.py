"""Pages of jobs and attempts between two dates: found by bisection, so each costs the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.pages import FILTERS, steady_rows
from simulator.vendor import RequestContext
from simulator.vendors.jaicp.fields import parse_instant, parse_object, parse_whole
from simulator.vendors.jaicp.settings import JaicpSettings

T = TypeVar("T")
Json = dict[str, Any]

PAGES, PAGE_SIZES, PAGE_SIZE = range(200), range(1, 201), 20


class Page(NamedTuple):
    """Which part of a list is asked for; pages count from 0."""

    number: int
    size: int

    @property
    def part(self) -> slice:
        """The places of its rows."""
        return slice(self.number * self.size, (self.number + 1) * self.size)

    def render(self, items: list[Json]) -> Json:
        """Return the answer of a paged report; it tells no total (observed)."""
        return {"items": items, "pagination": {"page": self.number, "pageSize": self.size}}


class Span(NamedTuple):
    """From when to when, both included (inferred)."""

    begin: datetime
    end: datetime

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.begin <= instant <= self.end


EVER = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Dates(NamedTuple):
    """A filter: when things began (were created, or started), and when they were finished."""

    begun: Span | None
    finished: Span | None


class Ordered(Struct, Generic[T], frozen=True):
    """Rows in the order of a time that each has."""

    rows: Sequence[T]
    time: Callable[[T], Any]

    def between(self, span: Span) -> range:
        """Return the places of the rows whose time is in a span."""
        low = bisect_left(self.rows, span.begin, key=self.time)
        return range(low, bisect_right(self.rows, span.end, key=self.time))


def parse_page(value: object, place: str = "") -> Page:
    """Return the page that a pagination object asks for, or the first twenty rows; raises InvalidField.

    `place` is what stands before its fields in the refusal.
    """
    fields = parse_object(value, "pagination")
    number = parse_whole(fields, "page", PAGES, place) or 0
    return Page(number, parse_whole(fields, "pageSize", PAGE_SIZES, place) or PAGE_SIZE)


def parse_dates(context: RequestContext, body: object, begun: str) -> tuple[Dates, Page]:
    """Read `{filter, pagination}`; `begun` is what the filter calls the beginning, as in `createdAtFrom`.

    A filter that ends before it begins finds nothing (inferred).
    """
    fields = parse_object(body, "body")
    dates = parse_object(fields.get("filter"), "filter")
    page = parse_page(fields.get("pagination"), "pagination.")
    for name in (begun, "finishedAt"):
        if (span := _span(dates, name)) is not None:
            context.note_range(*span, f"/filter/{name}To")
    return Dates(_span(dates, begun), _span(dates, "finishedAt")), page


def unfinished(campaign: Campaign, page: Page) -> list[Call]:
    """Return the jobs on a page of those that are not over, in the order of their adding."""
    places = FILTERS.of(campaign.account).places(
        ("unfinished", campaign.ref),
        campaign.calls,
        lambda call: call.over is None,
        updates=campaign.updates,
        place_of=campaign.place_of,
    )
    return _rows_on(page, campaign, "unfinished", campaign.calls, places)


def jobs_between(campaign: Campaign, dates: Dates, page: Page) -> list[Call]:
    """Return the jobs on a page of some dates, in the order of their adding, or of ends asked for."""
    begun = Ordered(campaign.calls, attrgetter("created"))
    finished = Ordered(campaign.over, attrgetter("over"))
    return _between(page, campaign, "jobs", (begun, finished), dates)


def attempts_between(campaign: Campaign, dates: Dates, page: Page) -> list[Attempt]:
    """Return the attempts on a page of some dates, in the order of their starts, or of their ends."""
    begun = Ordered(campaign.attempts, attrgetter("started"))
    finished = Ordered(campaign.finished_attempts, attrgetter("ended"))
    return _between(page, campaign, "attempts", (begun, finished), dates)


def _between(
    page: Page, campaign: Campaign, kind: str, orders: tuple[Ordered[T], Ordered[T]], dates: Dates
) -> list[T]:
    begun, finished = orders
    if dates.finished is None:
        return _rows_on(page, campaign, (kind, dates), begun.rows, begun.between(dates.begun or EVER))
    ended, span = finished.between(dates.finished), dates.begun
    places: Sequence[int] = ended
    if span is not None:
        key = (kind, campaign.ref, span)
        places = FILTERS.of(campaign.account).places(key, finished.rows, lambda row: begun.time(row) in span)
        places = places[bisect_left(places, ended.start) : bisect_left(places, ended.stop)]
    return _rows_on(page, campaign, (kind, dates), finished.rows, places)


def _rows_on(
    page: Page, campaign: Campaign, key: Hashable, rows: Sequence[T], places: Sequence[int]
) -> list[T]:
    """Return the rows on a page: of those at `places`, or as the account has it of the first page's.

    `key` tells apart the reports on a campaign that are walked through.
    """
    if JaicpSettings.of(campaign.account).paging == "steady":
        places = steady_rows(campaign.account, (campaign.ref, key), page.part, lambda: places)
    return [rows[place] for place in places[page.part]]


def _span(fields: Json, name: str) -> Span | None:
    begin = parse_instant(fields, f"{name}From", "filter.")
    end = parse_instant(fields, f"{name}To", "filter.")
    if begin is None and end is None:
        return None
    return Span(begin or EVER.begin, end or EVER.end)
