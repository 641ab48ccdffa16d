"""The two tables of `camp_stats/`: how calls were dialed, and how they ended."""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.vendors.callo.paging import Filters
from simulator.vendors.callo.statuses import (
    CALL_STATUSES,
    DIAL_STATUSES,
    TOTAL,
    chosen_in,
    dial_status_of,
    name_of,
    own_status_of,
    status_of,
)

Row = dict[str, Any]


def render_camp_stats(campaign: Campaign, filters: Filters) -> dict[str, list[Row]]:
    """Return both tables over the calls that match; one never dialed counts as dial status 0 (inferred)."""
    language = campaign.account.language
    calls = [call for call in campaign.calls if filters.match(call)]
    dialed = Counter(dial_status_of(call) or 0 for call in calls)
    ended = Counter(_status_and_name(call) for call in calls)
    everything = _end("all", TOTAL.to(language), len(calls), len(calls))
    return {
        "dial_statuses": [
            *(
                _dial(dial, DIAL_STATUSES[dial].to(language), dialed[dial], len(calls))
                for dial in sorted(dialed)
            ),
            everything,
        ],
        "call_statuses": [
            *(_end(status, name, ended[status, name], len(calls)) for status, name in sorted(ended)),
            everything,
        ],
    }


def _status_and_name(call: Call) -> tuple[str, str]:
    """Return how a call counts: under the user's own status where a named button was pressed (documented)."""
    chosen, own = chosen_in(call), own_status_of(call)
    if chosen is not None and own is not None:
        return own, name_of(chosen) or own
    status = status_of(call)
    return status, CALL_STATUSES[status].to(call.account.language)


def _dial(status: int, name: str, count: int, total: int) -> Row:
    """Return a row of the first table, in the sample's order of keys."""
    return {"status": status, "name": name, "count": count, "percent": _percent(count, total)}


def _end(status: str, name: str, count: int, total: int) -> Row:
    """Return a row of the second table, or the last of either, in the sample's order of keys."""
    return {"status": status, "count": count, "name": name, "percent": _percent(count, total)}


def _percent(count: int, total: int) -> float:
    """Return a share with two decimals; whole ones stay whole, as in the sample (12.5, 50, 100)."""
    share = round(100 * count / total, 2) if total else 0
    return int(share) if share == int(share) else share
