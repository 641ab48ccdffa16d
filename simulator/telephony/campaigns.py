"""Campaigns: whom to call with what script, how often, on how many lines; and bulk imports."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from simulator.telephony.accounts import Account, Ref, Tariff
from simulator.telephony.errors import UnknownLabel, UnknownPhoneList
from simulator.telephony.hours import AllowedHours
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.telephony.timetables import Timetable

if TYPE_CHECKING:
    from simulator.telephony.calls import Attempt, Call
    from simulator.telephony.live_calls import LiveCall


class CampaignState(StrEnum):
    """Whether a campaign dials; one that is planned waits for its start."""

    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    ARCHIVED = "archived"


class Method(StrEnum):
    """How a campaign reaches people; one that receives connects whoever calls in with an agent."""

    SPEAK = "speak"
    FLASH = "flash"
    AWAIT = "await"
    RECEIVE = "receive"


OPEN_STATES = (CampaignState.PLANNED, CampaignState.ACTIVE, CampaignState.PAUSED)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How many attempts a call gets in all, and how long to wait between them.

    `gives_up_on` are dispositions after which no further attempt is made, besides those final for anybody.
    """

    attempts: int = 3
    after: timedelta = timedelta(minutes=5)
    gives_up_on: frozenset[Disposition] = frozenset()


@dataclass(frozen=True, slots=True)
class RepeatLimit:
    """At most `allow` calls to one number within `per`."""

    allow: int = 5
    per: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Postback:
    """Where a vendor reports an event of a campaign or a call to its client; `url` may hold placeholders.

    With `answers` it also hears of a call when somebody picks up.
    """

    url: str
    method: str = "GET"
    answers: bool = False


@dataclass(frozen=True, slots=True)
class ImportPace:
    """How a bulk import turns into calls: after `lag`, `portion` of them at a time, one portion `every`."""

    lag: timedelta = timedelta(seconds=3)
    portion: int = 1000
    every: timedelta = timedelta(seconds=1)


class Contact(NamedTuple):
    """One accepted row of an import."""

    callee: E164
    opening: Prompt | None = None
    label: str | None = None


class RowVerdict(NamedTuple):
    """Why a row of an import was not accepted; `row` counts from 1."""

    row: int
    text: str
    reason: str


@dataclass(slots=True, eq=False)
class PhoneList:
    """One bulk import: the rows refused at once, and the calls that have appeared so far."""

    ref: Ref
    created: datetime
    accepted: int
    refused: list[RowVerdict] = field(default_factory=list, repr=False)
    calls: list[Call] = field(default_factory=list, repr=False)


@dataclass(slots=True, eq=False)
class Campaign:
    """One campaign of one account; `kind` is the vendor's own word for its type.

    Where campaigns have a credential each, `key` is the one that opens this one. With `customer_time` its
    hours are meant in each callee's own zone, where that is known. `queue` holds the calls that follow the
    campaign in everything, `timetable` those with terms of their own. `open` are the calls that are not over,
    `over` the others in the order of their ends; `attempts` are in the order of their starts,
    `finished_attempts` in that of their ends.
    `log` holds its calls in the order in which each was first dialed. `agents` are whom it connects callers
    with, and `received` are those calls.
    """

    ref: Ref
    name: str
    kind: str
    account: Account = field(repr=False)
    created: datetime
    key: str = field(default="", repr=False)
    method: Method = Method.SPEAK
    script: Script = Script()
    retry: RetryPolicy = RetryPolicy()
    lines: int = 100
    gap: timedelta = timedelta(0)
    hours: AllowedHours = AllowedHours()
    repeat: RepeatLimit | None = RepeatLimit()
    lifetime: timedelta | None = None
    max_length: timedelta | None = None
    tariff: Tariff | None = None
    speaker: str = ""
    postbacks: Mapping[str, Postback] = field(default_factory=dict)
    importing: ImportPace = ImportPace()
    state: CampaignState = CampaignState.ACTIVE
    calls: list[Call] = field(default_factory=list, repr=False)
    labels: dict[str, Call] = field(default_factory=dict, repr=False)
    phone_lists: dict[Ref, PhoneList] = field(default_factory=dict, repr=False)
    queue: deque[Call] = field(default_factory=deque, repr=False)
    log: list[Call] = field(default_factory=list, repr=False)
    agents: tuple[E164, ...] = ()
    received: list[LiveCall] = field(default_factory=list, repr=False)
    timetable: Timetable = field(default_factory=Timetable)
    priority: int = 3
    customer_time: bool = False
    open: dict[Ref, Call] = field(default_factory=dict, repr=False)
    over: list[Call] = field(default_factory=list, repr=False)
    attempts: list[Attempt] = field(default_factory=list, repr=False)
    finished_attempts: list[Attempt] = field(default_factory=list, repr=False)
    talked: timedelta = timedelta(0)
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
