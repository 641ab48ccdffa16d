"""The verdict of a run, as plain text for a terminal or a CI log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Lock

from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.grouping import MOST_KINDS, ViolationGroup, ViolationGroups
from simulator.conformance.recordings import nearest
from simulator.conformance.refusal_counts import RefusalCounts
from simulator.conformance.violations import explain
from simulator.exchange import Exchange

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
        total = _count(self.exchanges, "exchange")
        total += f", {self.unread} of them refused unread and not judged" if self.unread else ""
        total += f", {_count(self.warnings, 'warning')}" if self.warnings else ""
        failed = self.refusals.never_succeeded
        stuck = f"{_count(len(failed), 'operation')} never succeeded" if failed else ""
        if not self.blamed:
            return f"broken: {stuck}, no violation in {total}" if stuck else f"kept: no violation in {total}"
        blamed = ", ".join(f"{count} by the {side}" for side, count in sorted(self.blamed.items()))
        kinds = sum(group.violation.severity == "error" for group in self.groups)
        stuck = f"; {stuck}" if stuck else ""
        return f"broken: {_count(kinds, 'kind')} of violation in {total} ({blamed}){stuck}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


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
    place = f"{exchange.vendor}.{exchange.operation or '?'}"
    return f"{place}, {times}, first in exchange {_in_short(exchange)}\n{explain(violation)}\n"


def _silence(contract: Contract, coverage: Coverage) -> str:
    """Return what of a contract was never called, and what was never sent."""
    known, missing = coverage.operations(contract), coverage.missing(contract)
    names = ", ".join(operation.id for operation in missing)
    text = f"never called {len(missing)} of {len(known)} operations: {names}"
    if not missing:
        text = f"all {len(known)} operations called"
    if len(missing) == len(known):
        text = "never called"
    unsent = [event.id for event in coverage.unsent(contract)]
    if len(unsent) < len(contract.events):
        few = f"never sent {len(unsent)} of {len(contract.events)} events: {', '.join(unsent)}"
        text += f"; {few if unsent else 'every event was sent'}"
    return f"{contract.vendor}: {text}"
