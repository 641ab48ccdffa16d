"""What the phrases of a scenario stand for: plain values, one type for each thing that can be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal

from simulator.telephony.phone_numbers import E164


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within a length of time."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Counts:
    """A whole number between two bounds, both allowed; `high` None means no bound."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """A share between two bounds, both allowed; 1 is all."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Pace:
    """How a clock runs: `frozen`, `virtual`, `idle` or `real`, the last `speed` times as fast."""

    mode: str
    speed: int = 1


@dataclass(frozen=True, slots=True)
class Hours:
    """A window of local time; one that closes before it opens runs over midnight."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A stem and how many digits follow it."""

    stem: str
    digits: int


@dataclass(frozen=True, slots=True)
class Where:
    """Which operations: a vendor or `*`, and one of its operations or `*`."""

    vendor: str
    operation: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A vendor answers nobody."""

    vendor: str


@dataclass(frozen=True, slots=True)
class SetBalance:
    """The balance becomes this."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class TopUp:
    """The balance grows by this."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class SetPrice:
    """A minute costs this from now on."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class StopNumber:
    """A number goes on the stop list."""

    number: E164


@dataclass(frozen=True, slots=True)
class SetProfile:
    """One vendor-specific setting of the account takes another value."""

    key: str
    value: str | bool


@dataclass(frozen=True, slots=True)
class MoveCampaigns:
    """Somebody pauses, resumes or stops the account's campaigns by hand."""

    action: str


@dataclass(frozen=True, slots=True)
class BarSubscriptions:
    """The vendor switches off what it tells the account, of one event or all, or lifts that."""

    barred: bool
    event: str | None = None


@dataclass(frozen=True, slots=True)
class CallIn:
    """Somebody calls in."""

    number: E164


@dataclass(frozen=True, slots=True)
class CallNumber:
    """Somebody calls a number that an account owns."""

    number: E164
    to: E164


@dataclass(frozen=True, slots=True)
class TextNumber:
    """Somebody writes to a number that an account owns."""

    number: E164
    to: E164
    text: str


TimelineAct = (
    Outage
    | SetBalance
    | TopUp
    | SetPrice
    | StopNumber
    | SetProfile
    | MoveCampaigns
    | BarSubscriptions
    | CallIn
    | CallNumber
    | TextNumber
)


@dataclass(frozen=True, slots=True)
class Advance:
    """The clock moves on by this much."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class AdvanceTo:
    """The clock moves on to the next such time of day."""

    at: time


@dataclass(frozen=True, slots=True)
class UntilIdle:
    """The clock moves on until nothing is due."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Every callback that was not taken is sent again."""


RunStep = Advance | AdvanceTo | UntilIdle | Resend
