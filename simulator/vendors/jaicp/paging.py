"""Pages of jobs and attempts between two dates: found by bisection, so each costs the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaigns import Campaign
from simulator.vendors.jaicp.errors import InvalidField
from simulator.vendors.jaicp.jobs import parse_instant, parse_whole

T = TypeVar("T")
Json = dict[str, Any]

PAGES, PAGE_SIZES, PAGE_SIZE = range(200), range(1, 201), 20
EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Page(NamedTuple):
    """Which part of a list is wanted; pages count from 0."""

    number: int
    size: int

    def of(self, items: Iterable[T]) -> list[T]:
        """Return the part of `items` on this page."""
        return list(islice(items, self.number * self.size, (self.number + 1) * self.size))

    def of_slice(self, items: Sequence[T], low: int, high: int) -> list[T]:
        """Return the part on this page of the items from `low` to `high`, without walking there."""
        begin = min(low + self.number * self.size, high)
        return list(items[begin : min(begin + self.size, high)])

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


def parse_page(value: object) -> Page:
    """Read a pagination object, or its absence."""
    fields = _object(value, "pagination")
    return Page(_whole(fields, "page", PAGES, 0), _whole(fields, "pageSize", PAGE_SIZES, PAGE_SIZE))


def parse_dates(body: object, begun: str) -> tuple[Dates, Page]:
    """Read `{filter, pagination}`; `begun` is what the filter calls the beginning, as in `createdAtFrom`."""
    fields = _object(body, "body")
    wanted = _object(fields.get("filter"), "filter")
    return Dates(_span(wanted, begun), _span(wanted, "finishedAt")), parse_page(fields.get("pagination"))


def jobs_between(campaign: Campaign, dates: Dates, page: Page) -> list[Call]:
    """Return a page of jobs: in the order of their adding, or of their ends where those are asked for."""
    return _between(campaign.calls, _created, campaign.over, _over, dates, page)


def attempts_between(campaign: Campaign, dates: Dates, page: Page) -> list[Attempt]:
    """Return a page of attempts, in the order of their starts, or of their ends."""
    return _between(campaign.attempts, _started, campaign.finished_attempts, _ended, dates, page)


def _between(
    begun: Sequence[T],
    when_begun: Callable[[T], datetime],
    finished: Sequence[T],
    when_finished: Callable[[T], datetime | None],
    dates: Dates,
    page: Page,
) -> list[T]:
    if dates.finished is None:
        return page.of_slice(begun, *_bounds(begun, when_begun, dates.begun or Span(*EVER)))
    low, high = _bounds(finished, lambda item: when_finished(item) or EVER[1], dates.finished)
    if dates.begun is None:
        return page.of_slice(finished, low, high)
    span = dates.begun
    return page.of(item for item in finished[low:high] if when_begun(item) in span)


def _bounds(items: Sequence[T], when: Callable[[T], datetime], span: Span) -> tuple[int, int]:
    return bisect_left(items, span.begin, key=when), bisect_right(items, span.end, key=when)


def _created(call: Call) -> datetime:
    return call.created


def _over(call: Call) -> datetime | None:
    return call.over


def _started(attempt: Attempt) -> datetime:
    return attempt.started


def _ended(attempt: Attempt) -> datetime | None:
    return attempt.ended


def _object(value: object, field: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidField(field, "an object is expected")
    return value


def _span(fields: Json, name: str) -> Span | None:
    begin, end = fields.get(f"{name}From"), fields.get(f"{name}To")
    if begin is None and end is None:
        return None
    return Span(
        EVER[0] if begin is None else parse_instant(begin, f"filter.{name}From"),
        EVER[1] if end is None else parse_instant(end, f"filter.{name}To"),
    )


def _whole(fields: Json, name: str, allowed: range, default: int) -> int:
    value = fields.get(name)
    return default if value is None else parse_whole(value, name, allowed)
