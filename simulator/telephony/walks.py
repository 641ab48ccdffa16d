"""Walks through pages whose rows stand still, for accounts that have `paging: steady` set.

Where nothing is set, a vendor cuts each page from the rows there are now: then an offset doubles or loses
rows that come or go meanwhile, as it does at the vendors.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from simulator.telephony.owners import Owner, Slot

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MOST_WALKS = 8
"""How many walks of an owner are kept at once, for each may hold a long list; the oldest goes first."""


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
