"""How often a run was refused, why, and what never succeeded in it."""

from __future__ import annotations

from collections import Counter

from simulator.exchange import Exchange, Refusal

Operation = tuple[str, str]

NOBODYS = ("limit", "server")
"""Causes that tell nothing about a client: it was too fast, or the vendor failed."""

FORGIVE = "`--allow-refused {}` says so, or `expect_refusals` in the scenario"

MOST_NAMES = 1_000
"""Names of refusals told apart; there are fewer than 100 in any contract."""


class RefusalCounts:
    """Counts refusals by name; limits, faults and words of a scenario do not count. Not safe for threads."""

    def __init__(self) -> None:
        self.requests = 0
        self.refused = 0
        self._names: Counter[str] = Counter()
        self._expected: Counter[str] = Counter()
        self._asked: Counter[Operation] = Counter()
        self._turned_down: Counter[Operation] = Counter()
        self._by_state: dict[Operation, Counter[str]] = {}

    def note(self, exchange: Exchange) -> None:
        """Count a client's request, whether or not it was refused."""
        if exchange.callback:
            return
        self.requests += 1
        refusal = exchange.refusal
        if exchange.staged or (refusal is not None and refusal.cause in NOBODYS):
            return
        place = (exchange.vendor, exchange.operation or "?")
        self._asked[place] += 1
        if refusal is not None:
            self._note(place, refusal)

    def _note(self, place: Operation, refusal: Refusal) -> None:
        self.refused += 1
        name = _written(refusal)
        if len(self._names) < MOST_NAMES or name in self._names:
            self._names[name] += 1
        if refusal.expected:
            self._expected[name] += 1
            return
        self._turned_down[place] += 1
        if refusal.cause == "state":
            self._by_state.setdefault(place, Counter())[name] += 1

    @property
    def never_succeeded(self) -> list[str]:
        """The operations of which every request was refused, by how things stand at least in part."""
        return [
            f"{vendor}.{operation}"
            for vendor, operation in self._by_state
            if self._turned_down[vendor, operation] == self._asked[vendor, operation]
        ]

    def lines(self) -> list[str]:
        """Return what there is to tell, in words for a terminal; nothing when nothing was refused."""
        if not self.refused:
            return []
        line = f"{self.refused} of {self.requests} requests were refused: {_counted(self._names)}"
        if self._expected:
            line += f"; expected: {_counted(self._expected)}"
        return [line, *self.stuck(FORGIVE)]

    def stuck(self, forgive: str) -> list[str]:
        """Return for each operation that never succeeded why, and how to `forgive` it: a text with a gap."""
        return [self._explain(operation, forgive) for operation in self.never_succeeded]

    def _explain(self, operation: str, forgive: str) -> str:
        vendor, _, name = operation.partition(".")
        names = self._by_state[vendor, name]
        first = next(iter(names)).partition(" ")[0]
        return (
            f"{operation} never succeeded: {self._asked[vendor, name]} requests, each refused"
            f" ({_counted(names)}); if that is meant, {forgive.format(first)}"
        )


def _written(refusal: Refusal) -> str:
    return f"{refusal.name} ({refusal.code})" if refusal.code else refusal.name


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} x{count}" for name, count in names.most_common())
