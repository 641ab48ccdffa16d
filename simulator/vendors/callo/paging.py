"""Pages through a campaign's calls, newest first.

They are read live: a call that arrives or changes between two pages moves the rows behind it, so a client
that counts pages meets some twice or misses some, as with any offset (inferred). With the setting
`paging: steady` the first page fixes which calls the later ones count from.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Ref, Slot
from simulator.vendors.callo.filters import EVERYTHING, Filters
from simulator.vendors.callo.settings import CalloSettings

PAGE_SIZE = 1000
"""Documented."""

KEPT_WALKS = 8
"""How many walks an account's steady paging remembers, for each may hold a list of its own."""

Walks = dict[tuple[Ref, Filters], tuple[Sequence[Call], int]]
"""By campaign and filters: the calls, oldest first, and how many of them there were at the first page."""

WALKS: Slot[Walks] = Slot("walks", dict)
"""The walks of an account whose paging is steady."""


def page_of(account: Account, campaign: Campaign, filters: Filters, number: int) -> list[Call]:
    """Return page `number`, counted from 1, of a campaign's calls that match; empty past the end."""
    if CalloSettings.of(account).paging == "steady":
        calls, length = _walk(WALKS.of(account), campaign, filters, number)
        return _slice(calls, length, number)
    if filters == EVERYTHING:
        return _slice(campaign.calls, len(campaign.calls), number)
    matching = filter(filters.match, reversed(campaign.calls))
    return list(islice(matching, (number - 1) * PAGE_SIZE, number * PAGE_SIZE))


def _slice(calls: Sequence[Call], length: int, number: int) -> list[Call]:
    end = max(length - (number - 1) * PAGE_SIZE, 0)
    return list(calls[max(end - PAGE_SIZE, 0) : end][::-1])


def _walk(walks: Walks, campaign: Campaign, filters: Filters, number: int) -> tuple[Sequence[Call], int]:
    """Return the walk under way; page 1 begins it anew, and the oldest of too many is forgotten."""
    key = campaign.ref, filters
    if number == 1 or key not in walks:
        walks.pop(key, None)
        calls = campaign.calls
        if filters != EVERYTHING:
            calls = [call for call in calls if filters.match(call)]
        walks[key] = calls, len(calls)
        if len(walks) > KEPT_WALKS:
            del walks[next(iter(walks))]
    return walks[key]
