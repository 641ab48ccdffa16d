"""Pages through a campaign's calls, newest first, that lose and double none while calls arrive."""

from __future__ import annotations

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.vendors.callo.filters import EVERYTHING, Filters

PAGE_SIZE = 1000
"""Documented."""

KEPT_WALKS = 8


class Walks:
    """The walks of one account: page 1 fixes what the later pages of the same walk count from.

    Without filters a walk is only the number of calls there were, as a campaign's calls are never reordered;
    with filters it is the list that matched, of which the last eight are kept.
    """

    def __init__(self) -> None:
        self._lengths: dict[Ref, int] = {}
        self._matches: dict[tuple[Ref, Filters], list[Call]] = {}

    def page(self, campaign: Campaign, filters: Filters, number: int) -> list[Call]:
        """Return page `number`, counted from 1; empty past the end."""
        if filters == EVERYTHING:
            if number == 1 or campaign.ref not in self._lengths:
                self._lengths[campaign.ref] = len(campaign.calls)
            return _slice(campaign.calls, self._lengths[campaign.ref], number)
        matches = self._match(campaign, filters, afresh=number == 1)
        return _slice(matches, len(matches), number)

    def _match(self, campaign: Campaign, filters: Filters, afresh: bool) -> list[Call]:
        key = (campaign.ref, filters)
        kept = self._matches.pop(key, None)
        if kept is None or afresh:
            kept = [call for call in campaign.calls if filters.match(call)]
        self._matches[key] = kept
        while len(self._matches) > KEPT_WALKS:
            del self._matches[next(iter(self._matches))]
        return kept


def _slice(calls: list[Call], length: int, number: int) -> list[Call]:
    end = max(length - (number - 1) * PAGE_SIZE, 0)
    return calls[max(end - PAGE_SIZE, 0) : end][::-1]


def walks_of(account: Account) -> Walks:
    """Return the walks an account is on."""
    walks: Walks = account.memory.setdefault("walks", Walks())
    return walks
