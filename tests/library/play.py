"""One shipped scenario and the two clients that play it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.library.client import Client


@dataclass(frozen=True)
class Play:
    """`good` keeps all that is expected, `bad` breaks at least what is `broken`, as a verdict writes it."""

    good: Callable[[Client], None]
    bad: Callable[[Client], None]
    broken: str
