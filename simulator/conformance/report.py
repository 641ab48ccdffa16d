"""The verdict of a run, as plain text for a terminal or a CI log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Lock
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.recordings import nearest
from simulator.conformance.violations import explain
from simulator.errors import counted
from simulator.exchange import Exchange, Refusal, Violation

UNREAD = ("guard: ", "hook: ")
"""How the rule begins of a request that was refused before anybody read it."""


class RunReport:
    """Judges a run as it happens: keeps counts and kinds of violation, however long that lasts.

    Violations are those that the exchanges carry. Safe for threads, but not for who reads `coverage` and
    `groups` while others note.
    """

    def __init__(self) -> None:
        self.exchanges = 0
        self.unread = 0
        self.blamed: Counter[str] = Counter()
        self.warnings = 0
        self.refusals = RefusalCounts()
        self.coverage = Coverage()
        self.groups = ViolationGroups()
        self._vendors: set[str] = set()
        self._lock = Lock()

    def note(self, exchange: Exchange, contract: Contract | None = None) -> None:
        """Count an exchange and what is wrong with it; its refusals by name where its contract is given."""
        with self._lock:
            self.exchanges += 1
            self.unread += (exchange.rule or "").startswith(UNREAD)
            self._vendors.add(exchange.vendor)
            self.coverage.note(exchange, contract)
            self.refusals.note(exchange)
            for violation in self.groups.note(exchange):
                if violation.severity == "warning":
                    self.warnings += 1
                else:
                    self.blamed[violation.blame] += 1

    @property
    def judged(self) -> int:
        """How many exchanges were read, and so judged."""
        return self.exchanges - self.unread

    def called(self, vendor: str) -> bool:
        """Return whether a vendor took part in any exchange."""
        return vendor in self._vendors

    def write(self, contracts: Sequence[Contract]) -> str:
        """Return each kind of violation once with its count and first exchange, then what was never called.

        Then comes what was refused, and what never succeeded.

        The last line is the verdict.
        """
        with self._lock:
            blocks = [_write(group) for group in self.groups]
            others = self.groups.beyond
            more = [f"and {others} more, of kinds beyond the first {MOST_KINDS}\n"] if others else []
            silent = [_silence(contract, self.coverage) for contract in contracts]
            return "\n".join([*blocks, *more, *silent, *self.refusals.lines(), self._summary()]) + "\n"

    def _summary(self) -> str:
        total = counted(self.exchanges, "exchange")
        total += f", {self.unread} of them refused unread and not judged" if self.unread else ""
        total += f", {counted(self.warnings, 'warning')}" if self.warnings else ""
        failed = self.refusals.never_succeeded
        stuck = f"{counted(len(failed), 'operation')} never succeeded" if failed else ""
        if not self.blamed:
            return f"broken: {stuck}, no violation in {total}" if stuck else f"kept: no violation in {total}"
        blamed = ", ".join(f"{count:,} by the {side}" for side, count in sorted(self.blamed.items()))
        kinds = sum(group.violation.severity == "error" for group in self.groups)
        stuck = f"; {stuck}" if stuck else ""
        return f"broken: {counted(kinds, 'kind')} of violation in {total} ({blamed}){stuck}"


def _in_short(exchange: Exchange) -> str:
    request = exchange.request
    code = exchange.refusal.code if exchange.refusal else None
    answered = f"{exchange.answer.status}, {code}" if code else exchange.answer.status
    return f"{exchange.id} ({request.method} {request.path} answered {answered})"


def _write(group: ViolationGroup) -> str:
    exchange = group.exchange
    example = nearest(exchange) or group.violation.example
    violation = replace(group.violation, consequences=group.consequences, example=example)
    times = "once" if group.times == 1 else f"{group.times} times"
    return f"{exchange.place}, {times}, first in exchange {_in_short(exchange)}\n{explain(violation)}\n"


def _silence(contract: Contract, coverage: Coverage) -> str:
    """Return what of a contract was never called, and what was never sent."""
    known, missing = coverage.operations(contract), coverage.missing(contract)
    names = ", ".join(operation.id for operation in missing)
    text = f"never called {len(missing)} of {counted(len(known), 'operation')}: {names}"
    if not missing:
        text = f"all {len(known)} operations called"
    if len(missing) == len(known):
        text = "never called"
    unsent = [event.id for event in coverage.unsent(contract)]
    if len(unsent) < len(contract.events):
        few = f"never sent {len(unsent)} of {counted(len(contract.events), 'event')}: {', '.join(unsent)}"
        text += f"; {few if unsent else 'every event was sent'}"
    return f"{contract.vendor}: {text}"


# -- mistakes by what they have in common ---------------------------------------------------------------

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
        if violation.code == "wrong-path" and len(self._moved) < MOST_MOVED:
            place = urlsplit(exchange.answer.header("Location") or "").path
            if place.endswith(violation.asked):
                self._moved[exchange.vendor, violation.asked] = finding


# -- refusals -------------------------------------------------------------------------------------------

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
        self._advice: dict[Operation, str] = {}

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
            self._advice.setdefault(place, refusal.advice)
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
        were = "was" if self.refused == 1 else "were"
        line = (
            f"{self.refused} of {counted(self.requests, 'request')} {were} refused: {_counted(self._names)}"
        )
        if self._expected:
            line += f"; expected: {_counted(self._expected)}"
        return [line, *self.stuck(FORGIVE)]

    def stuck(self, forgive: str) -> list[str]:
        """Return for each operation that never succeeded why, and how to `forgive` it: a text with a gap."""
        return [self._explain(operation, forgive) for operation in self.never_succeeded]

    def _explain(self, operation: str, forgive: str) -> str:
        vendor, _, name = operation.partition(".")
        names = self._by_state[vendor, name]
        first, count = next(iter(names)).partition(" ")[0], self._asked[vendor, name]
        asked = "1 request, which was" if count == 1 else f"{count} requests, each"
        advice = f": {self._advice[vendor, name]}" if self._advice[vendor, name] else ""
        return (
            f"{operation} never succeeded: {asked} refused"
            f" ({_counted(names)}){advice}; if that is meant, {forgive.format(first)}"
        )


def _written(refusal: Refusal) -> str:
    return f"{refusal.name} ({refusal.code})" if refusal.code else refusal.name


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} x{count}" for name, count in names.most_common())
