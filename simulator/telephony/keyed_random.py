"""Chance that is keyed by seed and subject, never drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import TypeVar

from simulator.telephony.outcomes import Span

T = TypeVar("T")

MILLISECOND = timedelta(milliseconds=1)


class KeyedRandom:
    """Answers every question of chance from the seed and the question itself.

    The same seed and subject give the same answer in any order, process and Python, so that one test's
    traffic never changes another's outcome.
    """

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._keyed_hash = blake2b(digest_size=8, key=key).copy  # half the cost of keying one anew

    def number(self, *subject: object) -> int:
        """Return 64 keyed bits for `subject`, whose parts are told apart by position."""
        asked = self._keyed_hash()
        asked.update("\x1f".join(map(str, subject)).encode())
        return int.from_bytes(asked.digest(), "big")

    def share(self, *subject: object) -> float:
        """Return a number in [0, 1) for `subject`."""
        return (self.number(*subject) >> 11) / (1 << 53)

    def happens(self, share: float, *subject: object) -> bool:
        """Return whether what happens in a `share` of all cases, from 0 to 1, does to `subject`."""
        return share > 0 and (share >= 1 or self.share(*subject) < share)

    def below(self, bound: int, *subject: object) -> int:
        """Return a whole number in [0, bound) for `subject`."""
        return self.number(*subject) % bound

    def within(self, span: Span, *subject: object) -> timedelta:
        """Return a length of time inside `span`, in whole milliseconds."""
        if span.low == span.high:
            return span.low
        width = (span.high - span.low) // MILLISECOND
        return span.low + self.number(*subject) % (width + 1) * MILLISECOND

    def choose(self, shares: Mapping[T, float], *subject: object) -> T:
        """Pick one of what has shares; `shares` need not add up to one, their ratio counts."""
        point = self.share(*subject) * sum(shares.values())
        for choice, weight in shares.items():
            point -= weight
            if point < 0:
                return choice
        return list(shares)[-1]
