"""Too many requests in too short a time: where they stand closest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from simulator.exchange import Exchange
from simulator.verdicts.evidence import Evidence


def find_crowd(
    exchanges: Sequence[Exchange], most: int, per: timedelta, evidence: Evidence
) -> Sequence[Exchange]:
    """Return the most exchanges in any window that has more than `most`."""
    worst: Sequence[Exchange] = ()
    first = 0
    for last, exchange in enumerate(exchanges):
        while evidence.between(exchanges[first].at, exchange.at) >= per:
            first += 1
        if last - first >= max(most, len(worst)):
            worst = exchanges[first : last + 1]
    return worst
