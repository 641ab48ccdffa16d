"""Numbers that accounts own: for sale in series, held by a reservation, bought, routed and given back."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from simulator.telephony.owners import Entity, Owner, Ref
from simulator.telephony.phone_numbers import E164

HOLD = timedelta(minutes=5)


def months_after(since: datetime, months: int) -> datetime:
    """Return the same day and time so many calendar months later, or the last day of a month without it."""
    year, month = divmod(since.month - 1 + months, 12)
    year, month = since.year + year, month + 1
    return since.replace(year=year, month=month, day=min(since.day, monthrange(year, month)[1]))


class Terms(Struct, frozen=True):
    """What owning a number costs, in the account's currency, and for how many months at least."""

    setup: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    months: int = 1


class Series(Struct, frozen=True, kw_only=True):
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


class OwnedNumber(Entity, kw_only=True):
    """One number of an account: what calls and messages to it set off, and who stands behind it.

    It is paid for by calendar months from `assigned` on, each in advance; `months_paid` counts them.
    """

    number: E164
    account: Owner
    country: str
    kind: str
    grade: str
    assigned: datetime
    terms: Terms = Terms()
    months_paid: int = 1
    routed_to: Ref | None = None
    holder: Ref | None = None
    released: datetime | None = None

    @property
    def paid_until(self) -> datetime:
        """When the next month is due."""
        return months_after(self.assigned, self.months_paid)

    @property
    def ends(self) -> datetime:
        """When the contract ends: after its months at least, and then month by month."""
        return months_after(self.assigned, max(self.terms.months, self.months_paid))


class Reservation(Struct, frozen=True):
    """Numbers kept for one account until `expires`."""

    token: str
    account: Owner
    expires: datetime
    items: tuple[tuple[E164, Series], ...]

    @property
    def terms(self) -> Terms:
        """The terms of its numbers, which are all alike."""
        return self.items[0][1].terms
