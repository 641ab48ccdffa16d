"""Owners: who may call and be called for, with what money, on what terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Generic, TypeVar, cast

from simulator.telephony.phone_numbers import E164

Ref = int | str
"""How a vendor calls a thing in its own answers."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What talk costs: `per_minute`, billed in whole `step`s."""

    per_minute: Decimal = Decimal("0.17")
    step: timedelta = timedelta(minutes=1)

    def cost(self, talk: timedelta) -> Decimal:
        """Return the price of `talk`; no talk costs nothing."""
        steps = ceil(talk / self.step)
        return self.per_minute * steps * (self.step // timedelta(seconds=1)) / 60


@dataclass(slots=True, eq=False, kw_only=True)
class Owner:
    """Who owns calls, messages and numbers: one customer of one vendor, with identity, money and settings.

    `reached_at` is the URL under which its client last reached the vendor; `profile` holds the vendor's own
    settings, `settings` a profile with what the vendor reads in it, and `state` what it remembers, all opaque
    to the core. At `warning_level` it is warned and at `shutdown_level` suspended, where it has such levels.
    One that is `uninvited` was opened for a key that nobody had handed out; nobody gets in by the keys of one
    that is `expired`.
    """

    name: str
    vendor: str
    credential: str
    opened: datetime
    balance: Decimal = Decimal(1000)
    reached_at: str = ""
    currency: str = "EUR"
    language: str = "en"
    zone: str = "UTC"
    tariff: Tariff = Tariff()
    refuses_on_credit: bool = False
    caller_ids: tuple[E164, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)
    settings: tuple[Mapping[str, Any], Any] | None = field(default=None, repr=False)
    stop_list: dict[E164, datetime] = field(default_factory=dict, repr=False)
    factors: Mapping[str, Decimal] = field(default_factory=dict, repr=False)
    warning_level: Decimal | None = None
    shutdown_level: Decimal | None = None
    suspended: bool = False
    postpaid: bool = False
    uninvited: bool = False
    expired: bool = False
    reservations_made: int = 0
    state: dict[str, object] = field(default_factory=dict, repr=False)

    def tariff_to(self, number: E164) -> Tariff:
        """Return what talk with a number costs, where `factors` tell how many times the usual by its prefix.

        The first prefix that fits counts.
        """
        factor = next((times for prefix, times in self.factors.items() if number.startswith(prefix)), None)
        return (
            self.tariff
            if factor is None
            else replace(self.tariff, per_minute=self.tariff.per_minute * factor)
        )

    def pay(self, amount: Decimal) -> None:
        """Take `amount` from the balance, which may fall below zero."""
        self.balance -= amount

    def affords(self, amount: Decimal) -> bool:
        """Return whether `amount` can be paid without reaching below the level at which the account stops."""
        return self.shutdown_level is None or self.balance - amount >= self.shutdown_level

    @property
    def overdrawn(self) -> bool:
        """Whether the money is used up, by its levels or else below zero, so that no attempt is made."""
        if self.postpaid:
            return False
        return self.balance < 0 if self.shutdown_level is None else self.suspended


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot(Generic[T]):
    """A place in which a vendor keeps a value of its own for each owner; `make` makes the first one."""

    name: str
    make: Callable[[], T]

    def of(self, owner: Owner) -> T:
        """Return what is kept for an owner."""
        if self.name not in owner.state:
            owner.state[self.name] = self.make()
        return cast(T, owner.state[self.name])
