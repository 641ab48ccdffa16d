"""Pages of jobs and attempts between two dates: found by bisection, so each costs the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Owner, Ref
from simulator.telephony.pages import fitting_places, steady_rows
from simulator.vendors.jaicp.fields import parse_instant, parse_object, parse_whole
from simulator.vendors.jaicp.settings import JaicpSettings

T = TypeVar("T")
Json = dict[str, Any]

PAGES, PAGE_SIZES, PAGE_SIZE = range(200), range(1, 201), 20

EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


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


class Dates(NamedTuple):
    """A filter: when things began (were created, or started), and when they were finished."""

    begun: Span | None
    finished: Span | None


@dataclass(frozen=True, slots=True)
class Ordered(Generic[T]):
    """Rows in the order of a time that each has."""

    rows: Sequence[T]
    time: Callable[[T], Any]

    def between(self, span: Span) -> range:
        """Return the places of the rows whose time is in a span."""
        low = bisect_left(self.rows, span.begin, key=self.time)
        return range(low, bisect_right(self.rows, span.end, key=self.time))


def parse_page(value: object) -> Page:
    """Return the page that a pagination object asks for, or the first twenty rows; raises InvalidField."""
    fields = parse_object(value, "pagination")
    return Page(
        parse_whole(fields, "page", PAGES) or 0, parse_whole(fields, "pageSize", PAGE_SIZES) or PAGE_SIZE
    )


def parse_dates(body: object, begun: str) -> tuple[Dates, Page]:
    """Read `{filter, pagination}`; `begun` is what the filter calls the beginning, as in `createdAtFrom`."""
    fields = parse_object(body, "body")
    dates = parse_object(fields.get("filter"), "filter")
    return Dates(_span(dates, begun), _span(dates, "finishedAt")), parse_page(fields.get("pagination"))


@dataclass(frozen=True, slots=True)
class Selection(Generic[T]):
    """Rows that a report is about, as there are now: those at `places`, in their order."""

    rows: Sequence[T]
    places: Sequence[int]


def page_of(account: Owner, key: Hashable, page: Page, selection: Selection[T]) -> list[T]:
    """Return the rows on a page: of those there are now, or where the account says so of the first page's.

    `key` tells apart the reports that are walked through.
    """
    rows, places = selection.rows, selection.places
    if JaicpSettings.of(account).paging == "steady":
        walk = steady_rows(account, key, page.part, lambda: [rows[place] for place in places])
        return list(walk[page.part])
    return [rows[place] for place in places[page.part]]


def unfinished(account: Owner, campaign: Campaign) -> Selection[Call]:
    """Return the jobs that are not over, in the order of their adding."""
    places = fitting_places(
        account,
        ("unfinished", campaign.ref),
        campaign.calls,
        lambda call: call.over is None,
        updates=campaign.updates,
        place_of=campaign.place_of,
    )
    return Selection(campaign.calls, places)


def jobs_between(account: Owner, campaign: Campaign, dates: Dates) -> Selection[Call]:
    """Return the jobs of some dates, in the order of their adding, or of their ends where those are asked."""
    begun = Ordered(campaign.calls, attrgetter("created"))
    finished = Ordered(campaign.over, attrgetter("over"))
    return _between(account, ("jobs", campaign.ref), begun, finished, dates)


def attempts_between(account: Owner, campaign: Campaign, dates: Dates) -> Selection[Attempt]:
    """Return the attempts of some dates, in the order of their starts, or of their ends."""
    begun = Ordered(campaign.attempts, attrgetter("started"))
    finished = Ordered(campaign.finished_attempts, attrgetter("ended"))
    return _between(account, ("attempts", campaign.ref), begun, finished, dates)


def _between(
    account: Owner, rows: tuple[str, Ref], begun: Ordered[T], finished: Ordered[T], dates: Dates
) -> Selection[T]:
    if dates.finished is None:
        return Selection(begun.rows, begun.between(dates.begun or Span(*EVER)))
    ended, span = finished.between(dates.finished), dates.begun
    if span is None:
        return Selection(finished.rows, ended)
    places = fitting_places(account, (*rows, span), finished.rows, lambda row: begun.time(row) in span)
    first, last = bisect_left(places, ended.start), bisect_left(places, ended.stop)
    return Selection(finished.rows, places[first:last])


def _span(fields: Json, name: str) -> Span | None:
    begin = parse_instant(fields, f"{name}From", "filter.")
    end = parse_instant(fields, f"{name}To", "filter.")
    if begin is None and end is None:
        return None
    return Span(begin or EVER[0], end or EVER[1])
