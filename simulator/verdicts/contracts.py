"""Verdicts on contracts: how often the client broke them, and how much of them it used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from simulator.conformance.contract import Contract
from simulator.errors import counted
from simulator.scenario.expectations import ExpectedContract
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Judged


def judge_contract(expected: ExpectedContract, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge the breaches for which the client answers."""
    yield {"violations": written.get("violations", 0)}, _breaches(expected.violations, evidence)


def _breaches(allowed: Counts, evidence: Evidence) -> Finding:
    number = len(evidence.breaches)
    if evidence.gap and (number in allowed or number < allowed.low):
        return Finding(None, evidence.gap)
    shown = [f"{exchange.id} {breach.code} at {breach.where}" for exchange, breach in evidence.breaches]
    advice = "each breach says what to change"
    return Finding(
        number in allowed, f"{counted(number, 'violation')} by the client", shown, advice, "violations"
    )


def judge_coverage(
    expected: Mapping[str, Decimal], written: Mapping[str, object], evidence: Evidence
) -> Judged:
    """Judge the shares used: of a vendor's operations, of `errors` and of `callbacks`."""
    for name, least in expected.items():
        yield {name: written[name]}, _covered(name, least, evidence)


def _covered(name: str, least: Decimal, evidence: Evidence) -> Finding:
    used, missing = _USED.get(name, _operations)(name, evidence)
    if not used + len(missing):
        return Finding(None, f"there are no {name} to use in the vendors called")
    if missing and name == "callbacks" and evidence.gap:
        return Finding(None, evidence.gap)
    share = Decimal(used) / (used + len(missing))
    text = f"{share:.1%}: {used} of {used + len(missing)}"
    advice = "write a test for each of these, or ask for a smaller share"
    return Finding(share >= least, text, [f"never: {name}" for name in missing], advice)


def _called(evidence: Evidence) -> list[Contract]:
    contracts = evidence.contracts.values()
    return [
        contract
        for contract in contracts
        if len(evidence.coverage.missing(contract)) < len(evidence.coverage.operations(contract))
    ]


def _operations(vendor: str, evidence: Evidence) -> tuple[int, list[str]]:
    contract = evidence.contracts.get(vendor)
    if contract is None:
        return 0, []
    missing = [operation.id for operation in evidence.coverage.missing(contract)]
    return len(evidence.coverage.operations(contract)) - len(missing), missing


def _errors(_name: str, evidence: Evidence) -> tuple[int, list[str]]:
    """Count the refusals in the vendors' own words: who never meets them has never tried to handle them."""
    coverage = evidence.coverage
    known = [
        (contract.vendor, operation.id, error.text)
        for contract in _called(evidence)
        for operation in coverage.operations(contract)
        for error in operation.errors
        if error.provenance == "documented"
    ]
    missing = [
        f"{vendor}.{name} {text!r}" for vendor, name, text in known if not coverage.seen(vendor, name, text)
    ]
    return len(known) - len(missing), missing


def _events(_name: str, evidence: Evidence) -> tuple[int, list[str]]:
    taken = {
        (exchange.vendor, exchange.operation)
        for exchange in evidence.callbacks
        if 200 <= exchange.answer.status < 300
    }
    events = [(contract.vendor, event.id) for contract in _called(evidence) for event in contract.events]
    missing = [f"{vendor}.{event}" for vendor, event in events if (vendor, event) not in taken]
    return len(events) - len(missing), missing


_USED = {"errors": _errors, "callbacks": _events}


def judge_real_time(most: timedelta, written: str, evidence: Evidence) -> Judged:
    """Judge how long the run took on the wall clock, where somebody measured it."""
    if (took := evidence.real_time) is None:
        yield written, Finding(None, "nobody measured it; `simulator check` does")
        return
    advice = "what does the client wait for? Let a virtual clock move instead"
    yield written, Finding(took <= most, f"it took {took.total_seconds():.1f}s", advice=advice)
