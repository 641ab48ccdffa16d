"""What phrases of a scenario are made of: patterns, and what reads a length, a share or two bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

A_LENGTH = r"(?=[0-9])(?:[0-9]{1,4}d)?(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,7}s)?(?:[0-9]{1,9}ms)?"
A_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,3})?%"
A_COUNT = r"[0-9]{1,9}"
AN_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
AN_APOSTROPHE = r"'(?=[^ ;'\n])"  # one that a letter follows, so that it does not close the text
A_NUMBER = r"\+[1-9][0-9]{6,14}"
A_TIME = r"[0-9]{2}:[0-9]{2}"
A_WORD = r"[a-z][a-z0-9_]*"
AN_EVENT = r"[A-Za-z0-9_.:-]{1,64}"
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def read_length(text: str) -> timedelta:
    """Return the length of time that matches `A_LENGTH`."""
    parts = re.findall(r"([0-9]+)(ms|[dhms])", text)
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})


def read_range(kind: Callable[[Any, Any], T], bound: Callable[[str], Any]) -> Callable[..., T]:
    """Return what reads two bounds, or one that stands for both."""

    def read(low: str, high: str | None = None) -> T:
        bounds = bound(low), bound(high or low)
        if bounds[1] < bounds[0]:
            raise ValueError("the smaller bound comes first")
        return kind(*bounds)

    return read


def read_share(text: str) -> Decimal:
    """Return the share, 1 being all, that matches `A_PERCENT`; raises ValueError."""
    share = Decimal(text.removesuffix("%")) / 100
    if share > 1:
        raise ValueError("all is 100%")
    return share
