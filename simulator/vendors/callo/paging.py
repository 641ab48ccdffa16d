"""Pages through a campaign's calls, newest first, that lose and double none while calls arrive.

A request names no walk, only a page. So walks side by side, of one account with the same campaign and
filters, are told apart by how far each has come: a page is counted from the newest first page whose walk
could be there by now. A walk that is ahead of all later ones loses and doubles nothing. One that a later walk
catches up with goes on by the later one's count: it may meet calls again, but none is ever lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Slot
from simulator.vendors.callo.filters import EVERYTHING, Filters

PAGE_SIZE = 1000
"""Documented."""

KEPT_WALKS = 8
"""How many walks with filters are remembered, for each holds a list of its own."""


@dataclass(slots=True, eq=False)
class _Walk:
    """One way through the first `length` of `calls`, and the furthest page told of it."""

    campaign: Campaign
    filters: Filters
    calls: list[Call]
    length: int
    reached: int = 1

    def is_of(self, campaign: Campaign, filters: Filters) -> bool:
        return self.campaign is campaign and self.filters == filters

    def page(self, number: int) -> list[Call]:
        end = max(self.length - (number - 1) * PAGE_SIZE, 0)
        return self.calls[max(end - PAGE_SIZE, 0) : end][::-1]


class Walks:
    """The walks of one account: page 1 fixes what the later pages of the same walk count from.

    Without filters a walk is only the number of calls there were, as a campaign's calls are never reordered;
    with filters it is the list that matched.
    """

    def __init__(self) -> None:
        self._walks: list[_Walk] = []

    def page(self, campaign: Campaign, filters: Filters, number: int) -> list[Call]:
        """Return page `number`, counted from 1; empty past the end."""
        walk = self._under_way(campaign, filters, number) if number > 1 else None
        walk = walk or self._begin(campaign, filters)
        rows = walk.page(number)
        walk.reached = max(walk.reached, number) if rows else 1  # past the end it is over
        self._forget_those_overtaken_by(walk)
        return rows

    def _under_way(self, campaign: Campaign, filters: Filters, number: int) -> _Walk | None:
        """Return the newest walk that has told the page before, else the newest, if there is one."""
        known = [walk for walk in self._walks if walk.is_of(campaign, filters)]
        there = [walk for walk in known if walk.reached >= number - 1]
        return next(reversed(there or known), None)

    def _begin(self, campaign: Campaign, filters: Filters) -> _Walk:
        calls = campaign.calls
        if filters != EVERYTHING:
            calls = [call for call in calls if filters.match(call)]
        walk = _Walk(campaign, filters, calls, len(calls))
        self._walks.append(walk)
        filtered = [walk for walk in self._walks if walk.filters != EVERYTHING]
        if len(filtered) > KEPT_WALKS:
            self._walks.remove(filtered[0])
        return walk

    def _forget_those_overtaken_by(self, walk: _Walk) -> None:
        """Forget older walks that have come no further: no page will be counted by them again."""
        place = self._walks.index(walk)
        self._walks[:place] = [
            older
            for older in self._walks[:place]
            if older.reached > walk.reached or not older.is_of(walk.campaign, walk.filters)
        ]


WALKS: Slot[Walks] = Slot("walks", Walks)
"""The walks an account is on."""
