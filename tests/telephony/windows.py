"""Allowed hours as tests write them."""

from __future__ import annotations

from datetime import time

from simulator.telephony.policies import AllowedHours


def daily(opens: time, closes: time, zone: str = "UTC") -> AllowedHours:
    """Return the same window for every day of the week."""
    return AllowedHours(dict.fromkeys(range(7), ((opens, closes),)), zone)
