"""Breaches of a run by what they have in common: one mistake is one finding, however often it was made."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from simulator.exchange import Exchange, Violation

MOST_KINDS = 1_000
"""Kinds of violation told apart; a client that breaks its contract in more ways is told how many."""

MOST_MOVED = 100
"""Redirects after a wrong path that are remembered, to know what follows from one."""


class ViolationGroup(Struct):
    """One mistake: its first violation and exchange, how often it was made, how many others follow."""

    violation: Violation
    exchange: Exchange
    times: int = 0
    consequences: int = 0


class ViolationGroups:
    """Gathers violations by vendor, operation, side and key, in the order in which they first appear.

    What is wrong with a request that only follows the redirect after a wrong path is no finding of its own,
    for its client never wrote that request.
    """

    def __init__(self) -> None:
        self.beyond = 0
        self._kinds: dict[object, ViolationGroup] = {}
        self._moved: dict[tuple[str, str], ViolationGroup] = {}

    def __iter__(self) -> Iterator[ViolationGroup]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)

    def note(self, exchange: Exchange) -> list[Violation]:
        """Take in the violations of an exchange; return those that count, for they follow from no other."""
        if not exchange.violations:
            return []
        cause = self._moved.pop((exchange.vendor, exchange.request.path), None)
        if cause and exchange.request.method in ("GET", "HEAD") and not exchange.request.body:
            cause.consequences += len(exchange.violations)
            return []
        for violation in exchange.violations:
            self._note(exchange, violation)
        return list(exchange.violations)

    def _note(self, exchange: Exchange, violation: Violation) -> None:
        kind = (exchange.vendor, exchange.operation, violation.blame, violation.key)
        finding = self._kinds.get(kind)
        if finding is None and len(self._kinds) < MOST_KINDS:
            finding = self._kinds[kind] = ViolationGroup(violation, exchange)
        if finding is None:
            self.beyond += 1
            return
        finding.times += 1
        finding.consequences += violation.consequences
        place = urlsplit(exchange.answer.header("Location") or "").path
        if (
            violation.code == "wrong-path"
            and place.endswith(violation.asked)
            and len(self._moved) < MOST_MOVED
        ):
            self._moved[exchange.vendor, violation.asked] = finding
