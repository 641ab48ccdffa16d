"""Who owns which number: numbers for sale, reserved, bought, routed and given back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    NotEnoughNumbers,
    NumberNotOwned,
    ReservationOpen,
    UnknownReservation,
)
from simulator.telephony.network import Network
from simulator.telephony.owned_numbers import HOLD, OwnedNumber, Reservation, Series
from simulator.telephony.owners import Credit, look_up
from simulator.telephony.phone_numbers import E164


class Numbers:
    """Who owns which number in a world, and what is kept for whom."""

    def __init__(self, network: Network, credit: Credit) -> None:
        self._network = network
        self._credit = credit
        self._owned: dict[E164, OwnedNumber] = {}
        self._held: dict[str, Reservation] = {}

    def find(self, number: E164) -> OwnedNumber | None:
        """Return the number as its owner has it, or None."""
        return self._owned.get(number)

    @property
    def owned(self) -> tuple[E164, ...]:
        """All numbers that accounts own, in the order in which they came to them."""
        return tuple(self._owned)

    def own(self, account: Account, number: E164) -> OwnedNumber:
        """Return a number of `account`; raises NumberNotOwned."""
        return look_up(account.numbers, number, NumberNotOwned)

    def give(self, account: Account, number: E164, series: Series) -> OwnedNumber:
        """Give a free number to an account; its contract begins now, and renews while the number is kept."""
        owned = OwnedNumber(
            number=number,
            account=account,
            country=series.country,
            kind=series.kind,
            grade=series.grade,
            assigned=self._network.clock.now,
            terms=series.terms,
        )
        account.numbers[number] = self._owned[number] = owned
        self._network.clock.aside(owned.paid_until, partial(self._renew, owned))
        self._network.tell(account, "number.assigned", owned)
        return owned

    def release(self, owned: OwnedNumber) -> Decimal:
        """Take a number back and bill the months of its contract not yet paid; return what that cost."""
        due = owned.terms.monthly * max(owned.terms.months - owned.months_paid, 0)
        owned.routed_to, owned.released = None, self._network.clock.now
        del self._network.account_of(owned.account).numbers[owned.number], self._owned[owned.number]
        self._credit.charge(owned.account, due)
        self._network.tell(owned.account, "number.released", owned)
        return due

    def _renew(self, owned: OwnedNumber) -> None:
        """Bill the next month of a number that is still owned, whatever is left of the credit."""
        if owned.released is None:
            owned.months_paid += 1
            self._network.clock.aside(owned.paid_until, partial(self._renew, owned))
            self._credit.charge(owned.account, owned.terms.monthly)

    def reserve(self, account: Account, series: list[Series], quantity: int) -> Reservation:
        """Keep `quantity` free numbers of alike series for an account.

        Raises ReservationOpen while it has another reservation, NotEnoughNumbers when so many are not free.
        """
        self._forget_expired()
        for held in self._held.values():
            if held.account is account:
                raise ReservationOpen(held.expires)
        items = self.pick(series, quantity)
        if len(items) < quantity:
            raise NotEnoughNumbers(quantity, len(items))
        nth = self._network.turn(account, "reservation") + 1
        token = self._network.mint(account, "reservation", self._held, nth)
        held = Reservation(str(token), account, self._network.clock.now + HOLD, items)
        self._held[held.token] = held
        return held

    def reservation(self, account: Account, token: str) -> Reservation:
        """Return an open reservation; raises UnknownReservation."""
        self._forget_expired()
        held = self._held.get(token)
        if held is None or held.account is not account:
            raise UnknownReservation(token)
        return held

    def cancel(self, held: Reservation) -> None:
        """Release the numbers of a reservation."""
        del self._held[held.token]

    def buy(self, held: Reservation) -> tuple[list[OwnedNumber], list[E164]]:
        """Buy what is reserved, as far as the money goes; return what was bought and what was not."""
        del self._held[held.token]
        account = self._network.account_of(held.account)
        bought: list[OwnedNumber] = []
        failed: list[E164] = []
        for number, series in held.items:
            price = series.terms.setup + series.terms.monthly
            if account.suspended or not account.affords(price):
                failed.append(number)
                continue
            self._credit.charge(account, price)
            bought.append(self.give(account, number, series))
        return bought, failed

    def pick(self, series: Sequence[Series], quantity: int) -> tuple[tuple[E164, Series], ...]:
        """Return so many free numbers, in the order of their series, or as many as there are."""
        kept = {number for held in self._held.values() for number, _ in held.items}
        picked: list[tuple[E164, Series]] = []
        for one in series:
            for number in one:
                if len(picked) == quantity:
                    return tuple(picked)
                if number not in self._owned and number not in kept:
                    picked.append((number, one))
        return tuple(picked)

    def _forget_expired(self) -> None:
        now = self._network.clock.now
        self._held = {token: held for token, held in self._held.items() if held.expires > now}
