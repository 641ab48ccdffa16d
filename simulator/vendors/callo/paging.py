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
from simulator.telephony.walks import steady_rows
from simulator.vendors.callo.filters import EVERYTHING, Filters
from simulator.vendors.callo.settings import CalloSettings

PAGE_SIZE = 1000
"""Documented."""


def page_of(account: Account, campaign: Campaign, filters: Filters, number: int) -> list[Call]:
    """Return page `number`, counted from 1, of a campaign's calls that match; empty past the end."""
    part = slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE)
    if CalloSettings.of(account).paging == "steady":
        key = campaign.ref, filters
        return _slice(steady_rows(account, key, part, lambda: _matching(campaign, filters)), part)
    if filters == EVERYTHING:
        return _slice(campaign.calls, part)
    return list(islice(filter(filters.match, reversed(campaign.calls)), part.start, part.stop))


def _matching(campaign: Campaign, filters: Filters) -> list[Call]:
    if filters == EVERYTHING:
        return campaign.calls
    return [call for call in campaign.calls if filters.match(call)]


def _slice(calls: Sequence[Call], part: slice) -> list[Call]:
    """Return a part, counted from the newest, of calls that stand oldest first."""
    end = max(len(calls) - part.start, 0)
    return list(calls[max(len(calls) - part.stop, 0) : end][::-1])
