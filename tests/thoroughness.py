"""How many cases of a long list everybody waits for, and how many `make thorough` alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

THOROUGH = pytest.mark.thorough


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """Return the cases of one parameter; but for the first of every so many, they are thorough."""
    return [pytest.param(case, marks=THOROUGH) if place % every else case for place, case in enumerate(cases)]
