"""Numbers for sale: the series a scenario names, or those the regulators keep free for drama."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from simulator.telephony.accounts import Account
from simulator.telephony.owned_numbers import Series, Terms
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callr.settings import CallrSettings, SeriesEntry

COUNTRY_NAMES: Mapping[str, str] = MappingProxyType(
    {"FR": "France", "GB": "United Kingdom", "US": "United States", "DE": "Germany", "BE": "Belgium"}
)

CLASSIC = Terms(Decimal(0), Decimal("1.00"), 1)
GOLD = Terms(Decimal("10.00"), Decimal("5.00"), 12)
TOLLFREE = Terms(Decimal("5.00"), Decimal("10.00"), 3)

SHIPPED = (
    Series("FR", "geographic", "classic", "+331", "Paris", E164("+33199001000"), 200, CLASSIC),
    Series("FR", "geographic", "gold", "+331", "Paris", E164("+33199000000"), 10, GOLD),
    Series("FR", "geographic", "classic", "+334", "Nice", E164("+33465710000"), 100, CLASSIC),
    Series("FR", "mobile", "classic", "+336", "", E164("+33639980000"), 100, CLASSIC),
    Series("FR", "tollfree", "classic", "+338", "", E164("+33800000000"), 20, TOLLFREE),
    Series("GB", "geographic", "classic", "+4420", "London", E164("+442079460000"), 100, CLASSIC),
    Series("GB", "mobile", "classic", "+447", "", E164("+447700901000"), 20, CLASSIC),
    Series("US", "geographic", "classic", "+1415", "San Francisco", E164("+14155550100"), 100, CLASSIC),
    Series("US", "tollfree", "classic", "+1800", "", E164("+18005550100"), 100, TOLLFREE),
)
"""Prices and terms are inferred; the vendor publishes none with its API."""


def inventory_of(account: Account) -> list[Series]:
    """Return the series on sale for an account: those it has set, or else the shipped ones."""
    return [_read_series(entry) for entry in CallrSettings.of(account).inventory] or list(SHIPPED)


def _read_series(entry: SeriesEntry) -> Series:
    prefix = entry.first[:4] if entry.prefix is None else entry.prefix
    terms = Terms(entry.setup / 100, entry.monthly / 100, entry.months)
    return Series(entry.country, entry.type, entry.grade, prefix, entry.area, entry.first, entry.count, terms)


def series_of(account: Account, number: E164) -> Series:
    """Return the series a number belongs to, or one made for it alone."""
    for series in inventory_of(account):
        if len(series.first) == len(number) and 0 <= int(number) - int(series.first) < series.count:
            return series
    country = next((code for prefix, code in _PREFIXES if number.startswith(prefix)), "FR")
    mobile = number.startswith(("+336", "+337", "+447", "+491"))
    return Series(
        country, "mobile" if mobile else "geographic", "classic", number[:4], "", number, 1, CLASSIC
    )


_PREFIXES = (("+33", "FR"), ("+44", "GB"), ("+1", "US"), ("+49", "DE"), ("+32", "BE"))
