"""Rows that pages are cut from: those of a growing list that fit a filter, and those of a steady walk.

Pages are cut from the rows there are when each is asked for. What a filter found is remembered, so that for
the next page only rows are looked at that were added or have changed since. An offset then doubles or loses
rows that come or go meanwhile, as it does at the vendors; accounts that have `paging: steady` set walk
through rows as they were at the first page.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, field

from simulator.telephony.owners import Owner, Slot

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MOST_FILTERS = 8
"""How many filters of an owner are remembered at once; the one that was used longest ago goes first."""

MOST_WALKS = 8
"""How many walks of an owner are kept at once, for each may hold a long list; the oldest goes first."""


class Picked(Generic[T]):
    """Rows at certain places: the first `length` of them, for more may be added meanwhile."""

    def __init__(self, rows: Sequence[T], places: Sequence[int]) -> None:
        self._rows, self._places, self._length = rows, places, len(places)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._length

    def __getitem__(self, part: slice) -> list[T]:
        """Return some of them."""
        first, last, _ = part.indices(self._length)
        return [self._rows[place] for place in self._places[first:last]]


class _Kept(Struct):
    """The places that a filter found among the first `read` rows, after `noted` changes."""

    places: array[int] = field(default_factory=lambda: array("I"))
    read: int = 0
    noted: int = 0

    def correct(self, place: int, *, fits: bool) -> None:
        """Note whether a row that was read before fits now."""
        at = bisect_left(self.places, place)
        if fits == (at < len(self.places) and self.places[at] == place):
            return
        if fits:
            self.places.insert(at, place)
        else:
            del self.places[at]


class Filters:
    """What the latest filters found."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    def places(
        self,
        key: Hashable,
        rows: Sequence[T],
        fits: Callable[[T], bool],
        *,
        updates: Sequence[T] = (),
        place_of: Callable[[T], int] | None = None,
    ) -> Sequence[int]:
        """Return the places of the rows that fit, in their order; they are good until the next request.

        `key` tells the filters apart. `rows` only ever grow. Where one may fit at one time and not at
        another, `updates` name each that changed, once more for every change, and `place_of` tells where it
        is.
        """
        kept = self._kept[key] = self._kept.pop(key, _Kept())
        if place_of is not None:
            for row in dict.fromkeys(updates[kept.noted :] if kept.read else ()):
                if (place := place_of(row)) < kept.read:
                    kept.correct(place, fits=fits(row))
        kept.places.extend(place for place in range(kept.read, len(rows)) if fits(rows[place]))
        kept.read, kept.noted = len(rows), len(updates)
        while len(self._kept) > MOST_FILTERS:
            del self._kept[next(iter(self._kept))]
        return kept.places


FILTERS: Slot[Filters] = Slot("filters", Filters)
"""Those of an owner."""


class Rows(Protocol[T_co]):
    """Rows of which a part can be had."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __getitem__(self, part: slice, /) -> Sequence[T_co]:
        """Return a part."""


def steady_rows(
    owner: Owner, key: Hashable, part: slice, find: Callable[[], Rows[T]], *, shows_end: bool = False
) -> Sequence[T]:
    """Return all rows of a walk as they were when its first page was asked for.

    `key` tells the walks of an owner apart: everything that a request asks for but its page. `part` are the
    places of the page, counted from the end where the walk begins, so that one from 0 begins the walk anew;
    `find` finds its rows then. A walk is forgotten with the page behind its last row, or where answers show
    which page is the last (`shows_end`) with that page.
    """
    walks = WALKS.of(owner)
    rows = walks.pop(key, None)
    if rows is None or part.start == 0:
        rows = find()[:]
    if (part.stop if shows_end else part.start) < len(rows):
        walks[key] = rows
    while len(walks) > MOST_WALKS:
        del walks[next(iter(walks))]
    return rows


WALKS: Slot[dict[Hashable, Sequence[Any]]] = Slot("walks", dict)
"""The rows of the walks that are under way, by key."""
