"""Campaigns as they go on: their calls, which of them is dialed next, how far each has come."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from msgspec import field

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaign_settings import CampaignSettings, CampaignState, RowVerdict
from simulator.telephony.errors import UnknownLabel, UnknownPhoneList
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.owners import Entity, Ref, look_up
from simulator.telephony.people import People
from simulator.telephony.policies import CALLEES, FOLLOWS, NEVER, AllowedHours, Openings

PRIORITY = 3
"""That of a number whose terms name none."""


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
        policy = entry.call.order.policy
        closes = self._edge(AllowedHours.next_closing, entry.hours, now, now) or NEVER
        return Rank(
            policy == FOLLOWS,
            policy.priority or PRIORITY,
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


class PhoneList(Entity):
    """One bulk import: the rows refused at once, and the calls that have appeared so far."""

    ref: Ref
    created: datetime
    accepted: int
    refused: list[RowVerdict] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


class Campaign(CampaignSettings, kw_only=True):
    """A campaign with its calls.

    `queue` holds those that follow the campaign in everything, `timetable` those with terms of their own.
    `open` are the calls that are not over, `over` the others in the order of their ends; `attempts` are in
    the order of their starts, `finished_attempts` in that of their ends. `log` holds the calls in the order
    in which each was first dialed, `received` those that came in, and `updates` names each once for every
    change. `retried` counts those dialed again.
    """

    calls: list[Call] = field(default_factory=list)
    labels: dict[str, Call] = field(default_factory=dict)
    phone_lists: dict[Ref, PhoneList] = field(default_factory=dict)
    queue: deque[Call] = field(default_factory=deque)
    log: list[Call] = field(default_factory=list)
    received: list[LiveCall] = field(default_factory=list)
    timetable: Timetable = field(default_factory=Timetable)
    updates: list[Call] = field(default_factory=list)
    open: dict[Ref, Call] = field(default_factory=dict)
    over: list[Call] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    finished_attempts: list[Attempt] = field(default_factory=list)
    retried: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    busy_lines: int = 0
    next_start: datetime | None = None
    wake_at: datetime | None = None
    spent: dict[date, Decimal] = field(default_factory=dict)
    openings: Openings = field(default_factory=Openings)

    def call_labelled(self, label: str) -> Call:
        """Return the call that carries `label`; raises UnknownLabel."""
        return look_up(self.labels, label, UnknownLabel)

    def note_update(self, call: Call, at: datetime) -> None:
        """Note that one of its calls has changed."""
        call.updated = at
        self.updates.append(call)

    def place_of(self, call: Call) -> int:
        """Return where a call stands among those of the campaign."""
        return bisect_left(self.calls, call.serial, key=attrgetter("serial"))

    def phone_list(self, ref: Ref) -> PhoneList:
        """Return the import called `ref`; raises UnknownPhoneList."""
        return look_up(self.phone_lists, ref, UnknownPhoneList)

    def book(self, day: date, amount: Decimal) -> None:
        """Add `amount` to what was spent on `day`."""
        self.spent[day] = self.spent.get(day, Decimal(0)) + amount

    def enqueue(self, call: Call, people: People, now: datetime, *, first: bool = False) -> None:
        """Queue a call for a line, as the `first` of those that follow the campaign if so wished."""
        call.hold = None
        if self.customer_time or not (call.order.policy is FOLLOWS or call.order.policy == FOLLOWS):
            self.timetable.add(Entry(call, hours_of(call, people), now), now)
        elif first:
            self.queue.appendleft(call)
        else:
            self.queue.append(call)

    def next_call(self, now: datetime) -> Call | datetime | None:
        """Return the call to dial now and let it go, else when to ask again, or None where nobody knows."""
        begin, later = max(now, self.next_start or now), None
        if self.timetable:
            if begin > now:
                later = begin
            elif (call := self.timetable.take(now)) is not None:
                return call
            else:
                later = self.timetable.next_opening
        while self.queue:
            opening = self.openings.next(self.hours, begin)
            if opening is None or opening > now:
                return min((at for at in (opening, later) if at is not None), default=None)
            call = self.queue.popleft()
            if call.ending is None:
                return call
        return later

    @property
    def has_free_line(self) -> bool:
        """Whether the campaign dials and could start one more call now."""
        return self.state is CampaignState.ACTIVE and self.busy_lines < self.lines

    @property
    def cost(self) -> Decimal:
        """What the campaign has cost so far."""
        return sum(self.spent.values(), Decimal(0))


def hours_of(call: Call, people: People) -> AllowedHours:
    """Return when a call may be dialed: its own windows and zone, else its campaign's."""
    hours, policy = call.campaign.hours, call.order.policy
    zone = policy.zone or (CALLEES if call.campaign.customer_time else hours.zone)
    if zone == CALLEES:
        zone = people.find(call.callee).zone or hours.zone
    return AllowedHours(hours.windows if policy.windows is None else policy.windows, zone)
