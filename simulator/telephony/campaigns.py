"""Campaigns as they go on: their calls, how far each has come, and what they cost."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaign_settings import CampaignSettings, CampaignState, RowVerdict
from simulator.telephony.errors import UnknownLabel, UnknownPhoneList
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.owners import Ref
from simulator.telephony.timetables import Timetable


@dataclass(slots=True, eq=False)
class PhoneList:
    """One bulk import: the rows refused at once, and the calls that have appeared so far."""

    ref: Ref
    created: datetime
    accepted: int
    refused: list[RowVerdict] = field(default_factory=list, repr=False)
    calls: list[Call] = field(default_factory=list, repr=False)


@dataclass(slots=True, eq=False, kw_only=True)
class Campaign(CampaignSettings):
    """A campaign with its calls.

    `queue` holds those that follow the campaign in everything, `timetable` those with terms of their own.
    `open` are the calls that are not over, `over` the others in the order of their ends; `attempts` are in
    the order of their starts, `finished_attempts` in that of their ends. `log` holds the calls in the order
    in which each was first dialed, `received` those that came in, and `updates` names each once for every
    change. `retried` counts those dialed again.
    """

    calls: list[Call] = field(default_factory=list, repr=False)
    labels: dict[str, Call] = field(default_factory=dict, repr=False)
    phone_lists: dict[Ref, PhoneList] = field(default_factory=dict, repr=False)
    queue: deque[Call] = field(default_factory=deque, repr=False)
    log: list[Call] = field(default_factory=list, repr=False)
    received: list[LiveCall] = field(default_factory=list, repr=False)
    timetable: Timetable = field(default_factory=Timetable)
    updates: list[Call] = field(default_factory=list, repr=False)
    open: dict[Ref, Call] = field(default_factory=dict, repr=False)
    over: list[Call] = field(default_factory=list, repr=False)
    attempts: list[Attempt] = field(default_factory=list, repr=False)
    finished_attempts: list[Attempt] = field(default_factory=list, repr=False)
    talked: timedelta = timedelta(0)
    retried: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    busy_lines: int = 0
    next_start: datetime | None = None
    wake_at: datetime | None = None
    spent: dict[date, Decimal] = field(default_factory=dict)

    def call_labelled(self, label: str) -> Call:
        """Return the call that carries `label`; raises UnknownLabel."""
        try:
            return self.labels[label]
        except KeyError:
            raise UnknownLabel(label) from None

    def note_update(self, call: Call, at: datetime) -> None:
        """Note that one of its calls has changed."""
        call.updated = at
        self.updates.append(call)

    def place_of(self, call: Call) -> int:
        """Return where a call stands among those of the campaign."""
        return bisect_left(self.calls, call.serial, key=attrgetter("serial"))

    def phone_list(self, ref: Ref) -> PhoneList:
        """Return the import called `ref`; raises UnknownPhoneList."""
        try:
            return self.phone_lists[ref]
        except KeyError:
            raise UnknownPhoneList(ref) from None

    def book(self, day: date, amount: Decimal) -> None:
        """Add `amount` to what was spent on `day`."""
        self.spent[day] = self.spent.get(day, Decimal(0)) + amount

    @property
    def has_free_line(self) -> bool:
        """Whether the campaign dials and could start one more call now."""
        return self.state is CampaignState.ACTIVE and self.busy_lines < self.lines

    @property
    def cost(self) -> Decimal:
        """What the campaign has cost so far."""
        return sum(self.spent.values(), Decimal(0))
