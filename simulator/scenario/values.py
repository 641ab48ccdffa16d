"""What the phrases of a scenario stand for: plain values, one type for each thing that can be said.

Those that stand in a scenario's words are dataclasses, in other rooms too: of a struct, msgspec's JSON Schema
forgets in a union what the annotation says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal

from msgspec import Struct

from simulator.faults import Action
from simulator.telephony.magic_numbers import MagicBlock
from simulator.telephony.outcomes import Span
from simulator.telephony.phone_numbers import E164


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within a length of time."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class CallingIn:
    """After what time somebody calls in where a call of theirs is waited for; None is never."""

    after: Span | None


class Quantity:
    """How many there may be, or what share of all."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Counts(Quantity):
    """A whole number between two bounds, both allowed; `high` None means no bound."""

    low: int
    high: int | None

    def __contains__(self, number: int) -> bool:
        """Return whether `number` lies within the bounds."""
        return self.low <= number and (self.high is None or number <= self.high)


@dataclass(frozen=True, slots=True)
class Band(Quantity):
    """A share between two bounds, both allowed; 1 is all."""

    low: Decimal
    high: Decimal

    def __contains__(self, share: float) -> bool:
        """Return whether a share of 0..1 lies within the bounds."""
        return float(self.low) <= share <= float(self.high)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a clock runs: `frozen`, `virtual`, `idle` or `real`, the last `speed` times as fast."""

    mode: str
    speed: int = 1

    def __str__(self) -> str:
        """Return it as a scenario writes it: `virtual`, `x60`."""
        return self.mode if self.speed == 1 else f"x{self.speed}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time `after` the start of the world, or a `local` date and time."""

    after: timedelta = timedelta(0)
    local: datetime | None = None

    def offset(self, start: datetime, zone: tzinfo) -> timedelta:
        """Return how long after `start` it is, where local times are those of `zone`."""
        if self.local is None:
            return self.after
        return self.local.replace(tzinfo=zone).astimezone(UTC) - start


MOST_TIMES = 10_000
"""More often nothing happens again."""

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """A window of local time by weekday (0 is Monday); one that closes first ends a day later."""

    opens: time
    closes: time
    days: frozenset[int] = EVERY_DAY

    def contains(self, local: datetime) -> bool:
        """Return whether a local time lies within the window, its end excluded."""
        clock, today = local.time(), local.weekday() in self.days
        yesterday = (local.weekday() - 1) % 7 in self.days
        if self.opens <= self.closes:
            return today and self.opens <= clock and (clock < self.closes or self.closes == time.max)
        return (today and clock >= self.opens) or (yesterday and clock < self.closes)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A stem and how many digits follow it."""

    stem: str
    digits: int

    def __str__(self) -> str:
        """Return it as a scenario writes it: `+447700900***`."""
        return self.stem + "*" * self.digits


@dataclass(frozen=True, slots=True)
class Magic:
    """Blocks of numbers whose digits say what happens."""

    blocks: tuple[MagicBlock, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Which operations: a vendor or `*`, and one of its operations or `*`."""

    vendor: str
    operation: str

    def __str__(self) -> str:
        """Return it as a scenario writes it: `*`, `callo.*`, `callo.add_call`."""
        return "*" if self.vendor == "*" else f"{self.vendor}.{self.operation}"


class TimelineAct:
    """What happens outside, at one time."""

    __slots__ = ()


class Outage(TimelineAct, Struct, frozen=True):
    """A vendor, or `*` for all of them, answers nobody."""

    vendor: str


class Incident(TimelineAct, Struct, frozen=True):
    """Something goes wrong with requests, as a fault does it."""

    action: Action


class SetBalance(TimelineAct, Struct, frozen=True):
    """The balance becomes this."""

    amount: Decimal


class TopUp(TimelineAct, Struct, frozen=True):
    """The balance grows by this."""

    amount: Decimal


class SetPrice(TimelineAct, Struct, frozen=True):
    """A minute costs this from now on."""

    amount: Decimal


class StopNumber(TimelineAct, Struct, frozen=True):
    """A number goes on the stop list."""

    number: E164


class SetProfile(TimelineAct, Struct, frozen=True):
    """One vendor-specific setting of the account takes another value."""

    key: str
    value: str | bool


class ExpireKey(TimelineAct, Struct, frozen=True):
    """The account's keys open nothing any more, or do so again."""

    expired: bool


class MoveCampaigns(TimelineAct, Struct, frozen=True):
    """Somebody pauses, resumes or stops the account's campaigns by hand."""

    action: str


class BarSubscriptions(TimelineAct, Struct, frozen=True):
    """The vendor switches off what it tells the account, of one event or all, or lifts that."""

    barred: bool
    event: str | None = None


class CallIn(TimelineAct, Struct, frozen=True):
    """Somebody calls in."""

    number: E164


class CallNumber(TimelineAct, Struct, frozen=True):
    """Somebody calls a number that an account owns."""

    number: E164
    to: E164


class TextNumber(TimelineAct, Struct, frozen=True):
    """Somebody writes to a number that an account owns."""

    number: E164
    to: E164
    text: str


class RunStep:
    """One step of what is done with the clock."""

    __slots__ = ()


class Advance(RunStep, Struct, frozen=True):
    """The clock moves on by this much."""

    by: timedelta


class AdvanceTo(RunStep, Struct, frozen=True):
    """The clock moves on to the next such time of day."""

    at: time


class UntilIdle(RunStep, Struct, frozen=True):
    """The clock moves on until nothing is due."""


class Resend(RunStep, Struct, frozen=True):
    """Every callback that was not taken is sent again."""
