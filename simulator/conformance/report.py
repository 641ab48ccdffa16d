"""The verdict of a run, as plain text for a terminal or a CI log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.violations import explain
from simulator.exchange import Exchange, Violation


def write_report(contracts: Sequence[Contract], exchanges: Iterable[Exchange]) -> str:
    """Return each distinct violation once with its count and first exchange, then what was never called.

    The last line is the verdict. Violations are those that the exchanges carry.
    """
    coverage = Coverage()
    found: dict[tuple[str, str, Violation], list[Exchange]] = {}
    total = 0
    for exchange in exchanges:
        total += 1
        coverage.note(exchange)
        for violation in exchange.violations:
            found.setdefault((exchange.vendor, exchange.operation or "?", violation), []).append(exchange)
    blocks = [_tell(*key, seen) for key, seen in found.items()]
    silent = [_never_called(contract, coverage) for contract in contracts]
    return "\n".join([*blocks, *silent, _verdict(found, total)]) + "\n"


def _tell(vendor: str, operation: str, violation: Violation, seen: list[Exchange]) -> str:
    first = seen[0]
    times = "once" if len(seen) == 1 else f"{len(seen)} times"
    request = f"{first.request.method} {first.request.path} answered {first.answer.status}"
    return f"{vendor}.{operation}, {times}, first in exchange {first.id} ({request})\n{explain(violation)}\n"


def _never_called(contract: Contract, coverage: Coverage) -> str:
    return _silent_operations(contract, coverage) + _silent_events(contract, coverage)


def _silent_events(contract: Contract, coverage: Coverage) -> str:
    unsent = [event.id for event in coverage.unsent(contract)]
    if not contract.events or len(unsent) == len(contract.events):
        return ""
    if not unsent:
        return f"; all {len(contract.events)} events sent"
    return f"; never sent {len(unsent)} of {len(contract.events)} events: {', '.join(unsent)}"


def _silent_operations(contract: Contract, coverage: Coverage) -> str:
    missing = [operation.id for operation in coverage.missing(contract)]
    known = len(contract.operations)
    if len(missing) == known:
        return f"{contract.vendor}: never called"
    if not missing:
        return f"{contract.vendor}: all {known} operations called"
    return f"{contract.vendor}: never called {len(missing)} of {known} operations: {', '.join(missing)}"


def _verdict(found: dict[tuple[str, str, Violation], list[Exchange]], total: int) -> str:
    heard = f"{total} exchange{'' if total == 1 else 's'}"
    if not found:
        return f"kept: no violation in {heard}"
    sides: dict[str, int] = {}
    for (_, _, violation), seen in found.items():
        sides[violation.blame] = sides.get(violation.blame, 0) + len(seen)
    blamed = ", ".join(f"{count} by the {side}" for side, count in sorted(sides.items()))
    return f"broken: {len(found)} kinds of violation in {heard} ({blamed})"
