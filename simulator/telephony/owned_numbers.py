"""Numbers that accounts own: for sale in series, held by a reservation, bought, routed and given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.errors import (
    NotEnoughNumbers,
    NumberNotOwned,
    ReservationOpen,
    UnknownReservation,
)
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.world import World

HOLD = timedelta(minutes=5)
MONTH = timedelta(days=30)
"""What a month counts as where days are billed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What owning a number costs, in the account's currency, and for how many months at least."""

    setup: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    months: int = 1


@dataclass(frozen=True, slots=True)
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


@dataclass(slots=True, eq=False)
class OwnedNumber:
    """One number of an account: what calls and messages to it set off, and who stands behind it."""

    number: E164
    account: Account = field(repr=False)
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
    account: Account = field(repr=False)
    expires: datetime
    items: tuple[tuple[E164, Series], ...]

    @property
    def terms(self) -> Terms:
        """The terms of its numbers, which are all alike."""
        return self.items[0][1].terms


class Numbers:
    """Who owns which number in a world, and what is kept for whom."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._owners: dict[E164, Account] = {}
        self._held: dict[str, Reservation] = {}

    def find(self, number: E164) -> OwnedNumber | None:
        """Return the number as its owner has it, or None."""
        owner = self._owners.get(number)
        return owner.numbers[number] if owner else None

    def own(self, account: Account, number: E164) -> OwnedNumber:
        """Return a number of `account`; raises NumberNotOwned."""
        try:
            return account.numbers[number]
        except KeyError:
            raise NumberNotOwned(number) from None

    def give(self, account: Account, number: E164, series: Series) -> OwnedNumber:
        """Give a free number to an account; its contract begins now."""
        now, terms = self._world.clock.now, series.terms
        owned = OwnedNumber(
            number, account, series.country, series.kind, series.grade, now, terms, now + terms.months * MONTH
        )
        account.numbers[number] = owned
        self._owners[number] = account
        self._world.tell(account, "number.assigned", owned)
        return owned

    def release(self, owned: OwnedNumber) -> Decimal:
        """Take a number back and bill the days that its contract still has; return what that cost."""
        now = self._world.clock.now
        left = max((owned.ends or now) - now, timedelta(0))
        due = (owned.terms.monthly * left.days / MONTH.days).quantize(Decimal("0.0001"))
        owned.routed_to, owned.released = None, now
        del owned.account.numbers[owned.number], self._owners[owned.number]
        self._world.credit.charge(owned.account, due)
        self._world.tell(owned.account, "number.released", owned)
        return due

    def reserve(self, account: Account, series: list[Series], quantity: int) -> Reservation:
        """Keep `quantity` free numbers of alike series for an account.

        Raises ReservationOpen while it has another reservation, NotEnoughNumbers when so many are not free.
        """
        self._forget_expired()
        if (held := self.reservation_of(account)) is not None:
            raise ReservationOpen(held.token, held.expires)
        items = self.pick(series, quantity)
        if len(items) < quantity:
            raise NotEnoughNumbers(quantity, len(items))
        account.reservations_made += 1
        token = self._world.mint(account, "reservation", self._held, account.reservations_made)
        held = Reservation(str(token), account, self._world.clock.now + HOLD, items)
        self._held[held.token] = held
        return held

    def reservation_of(self, account: Account) -> Reservation | None:
        """Return the reservation an account has open, or None."""
        now = self._world.clock.now
        return next(
            (held for held in self._held.values() if held.account is account and held.expires > now), None
        )

    def reservation(self, account: Account, token: str) -> Reservation:
        """Return an open reservation; raises UnknownReservation."""
        self._forget_expired()
        held = self._held.get(token)
        if held is None or held.account is not account:
            raise UnknownReservation(token)
        return held

    def cancel(self, held: Reservation) -> None:
        """Let the numbers of a reservation go."""
        del self._held[held.token]

    def buy(self, held: Reservation) -> tuple[list[OwnedNumber], list[E164]]:
        """Buy what is reserved, as far as the money goes; return what was bought and what was not."""
        del self._held[held.token]
        bought: list[OwnedNumber] = []
        failed: list[E164] = []
        for number, series in held.items:
            price = series.terms.setup + series.terms.monthly
            if held.account.suspended or not held.account.affords(price):
                failed.append(number)
                continue
            self._world.credit.charge(held.account, price)
            bought.append(self.give(held.account, number, series))
        return bought, failed

    def pick(self, series: Sequence[Series], quantity: int) -> tuple[tuple[E164, Series], ...]:
        """Return so many free numbers, in the order of their series, or as many as there are."""
        kept = {number for held in self._held.values() for number, _ in held.items}
        picked: list[tuple[E164, Series]] = []
        for one in series:
            for number in one:
                if len(picked) == quantity:
                    return tuple(picked)
                if number not in self._owners and number not in kept:
                    picked.append((number, one))
        return tuple(picked)

    def _forget_expired(self) -> None:
        now = self._world.clock.now
        self._held = {token: held for token, held in self._held.items() if held.expires > now}
