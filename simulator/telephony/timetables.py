"""Whom to dial next, where numbers have terms of their own."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from simulator.telephony.hours import AllowedHours
from simulator.telephony.policies import FOLLOWS

if TYPE_CHECKING:
    from simulator.telephony.calls import Call

NEVER = datetime.max.replace(tzinfo=UTC)


class Entry(NamedTuple):
    """A call that waits: since when, and in which hours it may be dialed."""

    call: Call
    hours: AllowedHours
    since: datetime


class Rank(NamedTuple):
    """What decides between two calls that may both be dialed; the smaller one goes first.

    Numbers with terms of their own before others, then by priority, then the window that closes soonest,
    then the longest wait, which a number's own hours begin; the serial number keeps the order of arrival.
    """

    follows: bool
    priority: int
    closes: datetime
    since: datetime
    serial: int


class Timetable:
    """The waiting calls of one campaign: those that may be dialed now by rank, the others by opening."""

    def __init__(self) -> None:
        self._open: list[tuple[Rank, Entry]] = []
        self._later: list[tuple[datetime, int, Entry]] = []
        self._now = NEVER
        self._edges: dict[tuple[object, AllowedHours, datetime], datetime | None] = {}

    def __len__(self) -> int:
        return len(self._open) + len(self._later)

    @property
    def next_opening(self) -> datetime | None:
        """When the first of those that may not be dialed now may be, or None."""
        return self._later[0][0] if self._later else None

    def add(self, entry: Entry, now: datetime) -> None:
        """Queue a call; one whose window never opens in time is not queued, for it only waits for its end."""
        policy = entry.call.order.policy
        begin = max(now, policy.earliest or now)
        opening = self._edge(AllowedHours.next_opening, entry.hours, begin, now)
        if opening is None or opening >= (policy.latest or NEVER):
            return
        if opening > now:
            heapq.heappush(self._later, (opening, entry.call.serial, entry))
        else:
            heapq.heappush(self._open, (self._rank(entry, now), entry))

    def take(self, now: datetime) -> Call | None:
        """Return the call to dial at `now` and let it go, or None."""
        while self._later and self._later[0][0] <= now:
            self.add(heapq.heappop(self._later)[2], now)
        while self._open:
            entry = heapq.heappop(self._open)[1]
            if entry.call.ending is not None:
                continue
            open_now = self._edge(AllowedHours.next_opening, entry.hours, now, now) == now
            if open_now and now < (entry.call.order.policy.latest or NEVER):
                return entry.call
            self.add(entry, now)
        return None

    def _rank(self, entry: Entry, now: datetime) -> Rank:
        policy, campaign = entry.call.order.policy, entry.call.campaign
        closes = self._edge(AllowedHours.next_closing, entry.hours, now, now) or NEVER
        return Rank(
            policy == FOLLOWS,
            policy.priority or campaign.priority,
            min(closes, policy.latest or NEVER),
            _waiting_since(entry, now),
            entry.call.serial,
        )

    def _edge(
        self,
        find: Callable[[AllowedHours, datetime], datetime | None],
        hours: AllowedHours,
        at: datetime,
        now: datetime,
    ) -> datetime | None:
        """Look an opening or a closing up, and remember it for the rest of the instant."""
        if now != self._now:
            self._now = now
            self._edges.clear()
        key = (find, hours, at)
        if key not in self._edges:
            self._edges[key] = find(hours, at)
        return self._edges[key]


def _waiting_since(entry: Entry, now: datetime) -> datetime:
    """Return since when a call waits: before its first attempt, since hours of its own began today."""
    policy = entry.call.order.policy
    own = policy.windows is not None and not entry.call.attempts
    since = entry.hours.opening(now) if own else entry.since
    return max(since, policy.earliest or since)
