"""What Callr knows of numbers: destinations that are billed, countries, and series for sale."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from simulator.telephony.accounts import Account
from simulator.telephony.owned_numbers import Series, Terms
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callr.settings import CallrSettings, SeriesEntry


class Destination(NamedTuple):
    """Numbers that begin alike and cost the same."""

    prefix: str
    country: str
    kind: str
    factor: Decimal = Decimal(1)

    @property
    def label(self) -> str:
        """The name in call records."""
        return f"{self.country}-{self.kind.upper()}-CLASSIC"


DESTINATIONS = (
    Destination("+336", "FR", "mobile", Decimal(2)),
    Destination("+337", "FR", "mobile", Decimal(2)),
    Destination("+338", "FR", "tollfree", Decimal(0)),
    Destination("+33", "FR", "geographic"),
    Destination("+447", "GB", "mobile", Decimal(2)),
    Destination("+44", "GB", "geographic"),
    Destination("+1", "US", "geographic"),
    Destination("+49", "DE", "geographic"),
    Destination("+32", "BE", "geographic"),
)
"""The first that a number begins with holds; which there are, and their prices, is inferred."""


def destination_of(number: str) -> Destination | None:
    """Return a number's destination, or None for one that is not listed."""
    return next((known for known in DESTINATIONS if number.startswith(known.prefix)), None)


COUNTRY_NAMES: Mapping[str, str] = {
    "FR": "France",
    "GB": "United Kingdom",
    "US": "United States",
    "DE": "Germany",
    "BE": "Belgium",
}

CLASSIC = Terms(Decimal(0), Decimal("1.00"), 1)
GOLD = Terms(Decimal("10.00"), Decimal("5.00"), 12)
TOLLFREE = Terms(Decimal("5.00"), Decimal("10.00"), 3)

_TABLE = """
FR geographic classic +331  +33199001000  200 Paris
FR geographic gold    +331  +33199000000   10 Paris
FR geographic classic +334  +33465710000  100 Nice
FR mobile     classic +336  +33639980000  100
FR tollfree   classic +338  +33800000000   20
GB geographic classic +4420 +442079460000 100 London
GB mobile     classic +447  +447700901000  20
US geographic classic +1415 +14155550100  100 San Francisco
US tollfree   classic +1800 +18005550100  100
"""


def _shipped(line: str) -> Series:
    country, kind, grade, prefix, first, count, *area = line.split(maxsplit=6)
    return Series(
        country=country,
        kind=kind,
        grade=grade,
        prefix=prefix,
        area=" ".join(area),
        first=E164(first),
        count=int(count),
        terms=GOLD if grade == "gold" else TOLLFREE if kind == "tollfree" else CLASSIC,
    )


SHIPPED = tuple(_shipped(line) for line in _TABLE.strip().splitlines())
"""Prices and terms are inferred; the vendor publishes none with its API."""


def inventory_of(account: Account) -> list[Series]:
    """Return the series on sale for an account: those it has set, or else the shipped ones."""
    return [_read_series(entry) for entry in CallrSettings.of(account).inventory] or list(SHIPPED)


def _read_series(entry: SeriesEntry) -> Series:
    return Series(
        country=entry.country,
        kind=entry.type,
        grade=entry.grade,
        prefix=entry.first[:4] if entry.prefix is None else entry.prefix,
        area=entry.area,
        first=entry.first,
        count=entry.count,
        terms=Terms(entry.setup / 100, entry.monthly / 100, entry.months),
    )


def series_of(account: Account, number: E164) -> Series:
    """Return the series a number belongs to, or one made for it alone."""
    for series in inventory_of(account):
        if len(series.first) == len(number) and 0 <= int(number) - int(series.first) < series.count:
            return series
    mobile = number.startswith(("+336", "+337", "+447", "+491"))
    return Series(
        country=known.country if (known := destination_of(number)) else "FR",
        kind="mobile" if mobile else "geographic",
        grade="classic",
        prefix=number[:4],
        area="",
        first=number,
        count=1,
        terms=CLASSIC,
    )
