"""Searches: pages that lose and double no row while rows arrive."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from simulator.exchange import Answer
from simulator.telephony.owners import Owner, Slot
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json
from simulator.vendors.callr.fields import Query

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DEFAULT_LIMIT, MOST = 10, 100
KEPT_WALKS = 16
ORDERS = ("asc", "desc")


class Sliced(Protocol[T_co]):
    """Rows of which a part can be had."""

    def __getitem__(self, wanted: slice, /) -> Sequence[T_co]:
        """Return a part."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are wanted, in what order."""

    offset: int
    limit: int
    sort: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Rows that a search found when its first page was asked for, oldest first: `length` of `rows`.

    Rows may be added to `rows` meanwhile: they come after `length` and are left out.
    """

    rows: Sliced[T]
    length: int

    def cut(self, page: Page) -> list[T]:
        """Return the rows of one page."""
        if not page.descending:
            return list(self.rows[page.offset : min(page.offset + page.limit, self.length)])
        end = max(self.length - page.offset, 0)
        return list(self.rows[max(end - page.limit, 0) : end])[::-1]


@dataclass(frozen=True)
class Search(Generic[T]):
    """One kind of search: `sorts` are the orders there are, the first by default.

    `grows` tells that rows are only ever added, in the order of the first sort, so that an unfiltered search
    copies nothing; otherwise `alive` tells rows that are still there.
    """

    kind: str
    sorts: Mapping[str, Callable[[T], Any]]
    render: Callable[[T], object]
    grows: bool = False
    alive: Callable[[T], bool] = lambda _row: True

    def answer(
        self, context: RequestContext, rows: Sequence[T], matches: Callable[[T], bool] | None = None
    ) -> Answer:
        """Answer one page; `matches` is None where the query filters nothing."""
        return self.show(context, lambda page: self._find(rows, page, matches))

    def show(self, context: RequestContext, find: Callable[[Page], Found[T]]) -> Answer:
        """Answer one page of what `find` finds; it is asked once for all pages of a search."""
        query = Query(context.form)
        page = read_page(query, tuple(self.sorts))
        said = sorted((field.name, field.value) for field in context.form.fields)
        key = (self.kind, *(pair for pair in said if pair[0] not in ("offset", "limit")))
        found = _walk(context.account, key, page, lambda: find(page))
        hits = [self.render(row) for row in found.cut(page) if self.alive(row)]
        more = page.offset + page.limit < found.length
        return answer_json({"offset": page.offset, "total": found.length, "hasMore": more, "hits": hits})

    def _find(self, rows: Sequence[T], page: Page, matches: Callable[[T], bool] | None) -> Found[T]:
        natural = page.sort == next(iter(self.sorts))
        if self.grows and natural and matches is None:
            return Found(rows, len(rows))
        fitting = list(rows) if matches is None else [row for row in rows if matches(row)]
        if not (self.grows and natural):
            fitting.sort(key=self.sorts[page.sort])
        return Found(fitting, len(fitting))


def read_page(query: Query, sorts: Sequence[str]) -> Page:
    """Read `offset`, `limit`, `sort` and `order` (documented, with their defaults)."""
    offset = query.integer("offset", 0)
    limit = query.integer("limit", 1, MOST)
    sort = query.choice("sort", sorts)
    order = query.choice("order", ORDERS)
    return Page(offset or 0, limit or DEFAULT_LIMIT, sort or sorts[0], order != "asc")


_WALKS: Slot[dict[Hashable, Found[Any]]] = Slot("walks", dict)


def _walk(account: Owner, key: Hashable, page: Page, find: Callable[[], Found[Any]]) -> Found[Any]:
    """Return what the first page of a search found, or search anew; the last 16 searches are kept."""
    walks = _WALKS.of(account)
    found = walks.pop(key, None)
    if found is None or page.offset == 0:
        found = find()
    walks[key] = found
    while len(walks) > KEPT_WALKS:
        del walks[next(iter(walks))]
    return found
