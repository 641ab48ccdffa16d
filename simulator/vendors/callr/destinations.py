"""Destinations that are billed, by the labels of call records such as `FR-GEOGRAPHIC-CLASSIC` (observed)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from simulator.telephony.owners import Tariff
from simulator.vendors.callr.answers import render_cents


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


def label_of(number: str) -> str | None:
    """Return the label of a number's destination, or None for one that is not listed."""
    known = destination_of(number)
    return known.label if known else None


def render_destinations(tariff: Tariff) -> list[dict[str, Any]]:
    """Return every destination once, with its prices in cents."""
    labelled = {destination.label: destination for destination in DESTINATIONS}
    return [
        {
            "label": destination.label,
            "country": destination.country,
            "type": destination.kind,
            "class": "classic",
            "pricing": {
                "minute": render_cents(tariff.per_minute * destination.factor),
                "increment": tariff.step.seconds,
                "minDuration": 0,
            },
        }
        for destination in labelled.values()
    ]
