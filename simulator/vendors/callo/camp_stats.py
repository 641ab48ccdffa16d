"""The two tables of `camp_stats/`: how calls were dialed, and how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.vendors.callo.filters import Filters
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
    """Return both tables over the calls wanted; a call never dialed counts as dial status 0 (inferred)."""
    language = campaign.account.language
    calls = [call for call in campaign.calls if filters.match(call)]
    dialed = Counter(dial_status_of(call) or 0 for call in calls)
    ended = Counter(_status_and_name(call) for call in calls)
    return {
        "dial_statuses": _table(
            ((dial, DIAL_STATUSES[dial].to(language), dialed[dial]) for dial in sorted(dialed)),
            len(calls),
            language,
        ),
        "call_statuses": _table(
            ((status, name, ended[status, name]) for status, name in sorted(ended)), len(calls), language
        ),
    }


def _status_and_name(call: Call) -> tuple[str, str]:
    """Return how a call counts: under the user's own status where a named button was pressed (documented)."""
    chosen, own = chosen_in(call), own_status_of(call)
    if chosen is not None and own is not None:
        return own, name_of(chosen) or own
    status = status_of(call)
    return status, CALL_STATUSES[status].to(call.account.language)


def _table(rows: Iterable[tuple[int | str, str, int]], total: int, language: str) -> list[Row]:
    counted = [*rows, ("all", TOTAL.to(language), total)]
    return [
        {"status": status, "name": name, "count": count, "percent": _percent(count, total)}
        for status, name, count in counted
    ]


def _percent(count: int, total: int) -> float:
    """Return a share with two decimals; whole ones stay whole, as in the sample (12.5, 50, 100)."""
    share = round(100 * count / total, 2) if total else 0
    return int(share) if share == int(share) else share
