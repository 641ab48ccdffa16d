"""Owners, and whatever has an identity: who may call and be called for, on what terms, with what money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.telephony.errors import UnknownReference
from simulator.telephony.phone_numbers import E164

K = TypeVar("K")
T = TypeVar("T")


class Entity(Struct, eq=False):
    """One thing with an identity; its first field says what it is called, or which of its kind it is."""

    def __repr__(self) -> str:
        """Return its kind with its first field: the others lead to all of its account."""
        first = self.__struct_fields__[0]
        return f"{type(self).__name__}({first}={getattr(self, first)!r})"


Ref = int | str
"""How a vendor calls a thing in its own answers."""


def look_up(kept: Mapping[K, T], ref: K, unknown: type[UnknownReference]) -> T:
    """Return what is kept under a reference; raises `unknown` where nothing is."""
    try:
        return kept[ref]
    except KeyError:
        raise unknown(ref) from None


class Tariff(Struct, frozen=True):
    """What talk costs: `per_minute`, billed in whole `step`s."""

    per_minute: Decimal = Decimal("0.17")
    step: timedelta = timedelta(minutes=1)

    def cost(self, talk: timedelta) -> Decimal:
        """Return the price of `talk`; no talk costs nothing."""
        steps = ceil(talk / self.step)
        return self.per_minute * steps * (self.step // timedelta(seconds=1)) / 60


class Owner(Entity, kw_only=True):
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
    settings: tuple[Mapping[str, Any], Any] | None = None
    stop_list: dict[E164, datetime] = field(default_factory=dict)
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    warning_level: Decimal | None = None
    shutdown_level: Decimal | None = None
    suspended: bool = False
    postpaid: bool = False
    uninvited: bool = False
    expired: bool = False
    state: dict[str, object] = field(default_factory=dict)

    def tariff_to(self, number: E164) -> Tariff:
        """Return what talk with a number costs, where `factors` tell how many times the usual by its prefix.

        The first prefix that fits counts.
        """
        factors = (times for prefix, times in self.factors.items() if number.startswith(prefix))
        return replace(self.tariff, per_minute=self.tariff.per_minute * next(factors, 1))

    def day_of(self, instant: datetime) -> date:
        """Return on which day of its zone an instant is."""
        return instant.date() if self.zone == "UTC" else instant.astimezone(ZoneInfo(self.zone)).date()

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


LEAST = Decimal("0.0001")
"""What an account must be able to pay to come back to life."""


class Credit:
    """The money of a world's accounts; each level that is passed is told."""

    def __init__(self, tell: Callable[[Owner, str, object], None]) -> None:
        self._tell = tell

    def top_up(self, account: Owner, amount: Decimal) -> None:
        """Add money to an account, which may bring it back to life; a negative amount takes it away."""
        if amount < 0:
            self.charge(account, -amount)
            return
        if not amount:
            return
        self.refund(account, amount)
        self._tell(account, "credit.topped_up", amount)

    def set_levels(self, account: Owner, warning: Decimal | None, shutdown: Decimal | None) -> None:
        """Set the levels of credit at which an account is warned and stopped; None means never.

        One that finds itself at or below its new level is told at once, and one above it lives again.
        """
        warned = account.warning_level is not None and account.balance <= account.warning_level
        stopped = account.suspended
        account.warning_level, account.shutdown_level = warning, shutdown
        account.suspended = shutdown is not None and account.balance <= shutdown
        if warning is not None and account.balance <= warning and not warned:
            self._tell(account, "credit.low", Decimal(0))
        if account.suspended and not stopped:
            self._tell(account, "credit.exhausted", Decimal(0))

    def refund(self, account: Owner, amount: Decimal) -> None:
        """Give back what was charged for nothing, which may bring an account back to life; nobody is told."""
        account.balance += amount
        account.suspended = account.suspended and not account.affords(LEAST)

    def charge(self, account: Owner, amount: Decimal) -> None:
        """Take money from an account; one that falls to its levels is warned, and then suspended."""
        before = account.balance
        account.pay(amount)
        for level, name in (
            (account.warning_level, "credit.low"),
            (account.shutdown_level, "credit.exhausted"),
        ):
            if level is not None and account.balance <= level < before:
                account.suspended = account.suspended or name == "credit.exhausted"
                self._tell(account, name, amount)


class Slot(Struct, Generic[T], frozen=True):
    """A place in which a vendor keeps a value of its own for each owner; `make` makes the first one."""

    name: str
    make: Callable[[], T]

    def of(self, owner: Owner) -> T:
        """Return what is kept for an owner."""
        if self.name not in owner.state:
            owner.state[self.name] = self.make()
        return cast(T, owner.state[self.name])
