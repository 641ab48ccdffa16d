"""Searches: pages cut from the rows as they are when a page is asked for, or as the first page found them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from simulator.exchange import Answer
from simulator.telephony.pages import FILTERS, Picked, Rows, steady_rows
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json
from simulator.vendors.callr.fields import Query
from simulator.vendors.callr.settings import CallrSettings

T = TypeVar("T")

DEFAULT_LIMIT, MOST = 10, 100
ORDERS = ("asc", "desc")

OF_NAMED: Mapping[str, Callable[[Any], Any]] = {
    "updated": lambda row: row.updated or row.created,
    "name": lambda row: row.name,
    "created": lambda row: row.created,
}
"""The sorts of what has a name."""


def name_contains(part: str | None) -> Callable[[Any], bool]:
    """Return what tells whether a name has a part in it, whatever the case; for None all have."""
    return lambda row: part is None or part.casefold() in row.name.casefold()


class Page(Struct, frozen=True):
    """Which rows are asked for, in what order."""

    offset: int
    limit: int
    sort: str
    descending: bool

    def cut(self, rows: Rows[T]) -> Sequence[T]:
        """Return the rows of this page."""
        if not self.descending:
            return rows[self.offset : self.offset + self.limit]
        end = max(len(rows) - self.offset, 0)
        return rows[max(end - self.limit, 0) : end][::-1]


class Search(Struct, Generic[T], frozen=True):
    """One kind of search: `sorts` are the orders there are, the first by default.

    `grows` tells that rows are only ever added, in the order of the one sort there is, and never change.
    """

    kind: str
    sorts: Mapping[str, Callable[[T], Any]]
    render: Callable[[T], object]
    grows: bool = False

    def answer(
        self, context: RequestContext, rows: Sequence[T], matches: Callable[[T], bool] | None = None
    ) -> Answer:
        """Answer one page; `matches` is None where the query filters nothing."""
        return self.show(context, lambda page: self._find(context, rows, page, matches))

    def show(self, context: RequestContext, find: Callable[[Page], Rows[T]]) -> Answer:
        """Answer one page of what `find` returns, which is all rows that fit the query.

        An offset counts from the rows as they are now (inferred: the document says no more than "zero-based
        offset"), so what comes and goes between two pages shifts them. `paging: steady` freezes the rows.
        """
        page = read_page(Query(context.form), tuple(self.sorts))
        live = CallrSettings.of(context.account).paging == "live"
        rows = find(page) if live else self._steady(context, page, find)
        total, hits = len(rows), [self.render(row) for row in page.cut(rows)]
        more = page.offset + page.limit < total
        return answer_json({"offset": page.offset, "total": total, "hasMore": more, "hits": hits})

    def _find(
        self, context: RequestContext, rows: Sequence[T], page: Page, matches: Callable[[T], bool] | None
    ) -> Rows[T]:
        if not self.grows:
            fitting = rows if matches is None else [row for row in rows if matches(row)]
            return sorted(fitting, key=self.sorts[page.sort])
        if matches is None:
            return rows
        return Picked(rows, FILTERS.of(context.account).places(self._key(context, "order"), rows, matches))

    def _steady(self, context: RequestContext, page: Page, find: Callable[[Page], Rows[T]]) -> Rows[T]:
        part = slice(page.offset, page.offset + page.limit)
        return steady_rows(context.account, self._key(context), part, lambda: find(page), shows_end=True)

    def _key(self, context: RequestContext, *unread: str) -> Hashable:
        """Return what tells the searches of an account apart: all that is asked for but the page."""
        asked = sorted((field.name, field.value) for field in context.form.fields)
        return (self.kind, *(pair for pair in asked if pair[0] not in ("offset", "limit", *unread)))


def read_page(query: Query, sorts: Sequence[str]) -> Page:
    """Read `offset`, `limit`, `sort` and `order` (documented, with their defaults); raises Refused."""
    offset = query.integer("offset", 0) or 0
    limit = query.integer("limit", 1, MOST) or DEFAULT_LIMIT
    sort = query.choice("sort", sorts) or sorts[0]
    return Page(offset, limit, sort, descending=query.choice("order", ORDERS) != "asc")
