"""Numbers that accounts own: for sale in series, held by a reservation, bought, routed and given back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from simulator.telephony.owners import Owner, Ref
from simulator.telephony.phone_numbers import E164

HOLD = timedelta(minutes=5)
MONTH = timedelta(days=30)
"""What a month counts as where days are billed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What owning a number costs, in the account's currency, and for how many months at least."""

    setup: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    months: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers for sale that are alike: `count` of them, from `first` on; `kind` and `grade` in any words."""

    country: str
    kind: str
    grade: str
    prefix: str
    area: str
    first: E164
    count: int
    terms: Terms = Terms()

    def __iter__(self) -> Iterator[E164]:
        """Iterate over the numbers, lowest first."""
        start, width = int(self.first[1:]), len(self.first) - 1
        return (E164(f"+{number:0{width}}") for number in range(start, start + self.count))


@dataclass(slots=True, eq=False, kw_only=True)
class OwnedNumber:
    """One number of an account: what calls and messages to it set off, and who stands behind it."""

    number: E164
    account: Owner = field(repr=False)
    country: str
    kind: str
    grade: str
    assigned: datetime
    terms: Terms = Terms()
    ends: datetime | None = None
    routed_to: Ref | None = None
    holder: Ref | None = None
    released: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """Numbers kept for one account until `expires`."""

    token: str
    account: Owner = field(repr=False)
    expires: datetime
    items: tuple[tuple[E164, Series], ...]

    @property
    def terms(self) -> Terms:
        """The terms of its numbers, which are all alike."""
        return self.items[0][1].terms
