"""Answers as this vendor gives them: JSON without spaces, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from simulator.exchange import Answer, Headers
from simulator.formats.json_text import write_compact_json

JSON: Headers = (("Content-Type", "application/json"),)
CENTS = Decimal(100)


def answer_json(value: object, status: int = 200, extra: Headers = ()) -> Answer:
    """Return `value` as JSON."""
    return Answer(status, write_compact_json(value), JSON + extra)


def answer_nothing() -> Answer:
    """Return 204: what was asked is done, and there is nothing to show."""
    return Answer(204)


def render_instant(at: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC, with milliseconds where there are any (both are documented)."""
    if at is None:
        return None
    at = at.astimezone(UTC)
    milliseconds = f".{at.microsecond // 1000:03}" if at.microsecond else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{milliseconds}Z"


def render_cents(amount: Decimal, places: str = "0.01") -> str:
    """Return money, kept in whole currency units, as the documented decimal string of cents."""
    return str((amount * CENTS).quantize(Decimal(places)))
