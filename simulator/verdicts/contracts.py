"""Verdicts on contracts: how often the client broke them, and how much of them it used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from simulator.conformance.contract import Contract
from simulator.scenario import microsyntax as phrases
from simulator.scenario.expectations import ExpectedContract
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, counted

Json = Any


def judge_contract(expected: ExpectedContract, evidence: Evidence) -> Iterator[Finding]:
    """Judge the breaches for which the client answers."""
    counts = phrases.COUNTS.read(expected.violations)
    number, words = len(evidence.breaches), {"violations": expected.violations}
    held: bool | None = counts.low <= number and (counts.high is None or number <= counts.high)
    if evidence.gap and (held or number < counts.low):
        yield Finding(words, None, evidence.gap)
        return
    shown = [f"{exchange.id} {found.code} at {found.where}" for exchange, found in evidence.breaches]
    advice = "/v1/violations of the control API explains each and says what to change"
    yield Finding(words, held, f"{counted(number, 'violation')} by the client", shown, advice)


def judge_coverage(expected: Mapping[str, str], evidence: Evidence) -> Iterator[Finding]:
    """Judge the shares used: of a vendor's operations, of `errors` and of `callbacks`."""
    for name, wanted in expected.items():
        used, missing = _USED.get(name, _operations)(name, evidence)
        words = {name: wanted}
        if not used + len(missing):
            yield Finding(words, None, f"there are no {name} to use in the vendors called")
            continue
        if missing and name == "callbacks" and evidence.gap:
            yield Finding(words, None, evidence.gap)
            continue
        share = Decimal(used) / (used + len(missing))
        found = f"{share:.1%}: {used} of {used + len(missing)}"
        advice = "write a test for each of these, or ask for a smaller share"
        yield Finding(
            words, share >= phrases.SHARE.read(wanted), found, [f"never: {each}" for each in missing], advice
        )


def _called(evidence: Evidence) -> list[Contract]:
    contracts = evidence.contracts.values()
    return [each for each in contracts if len(evidence.coverage.missing(each)) < len(each.operations)]


def _operations(vendor: str, evidence: Evidence) -> tuple[int, list[str]]:
    contract = evidence.contracts.get(vendor)
    if contract is None:
        return 0, []
    missing = [operation.id for operation in evidence.coverage.missing(contract)]
    return len(contract.operations) - len(missing), missing


def _errors(_name: str, evidence: Evidence) -> tuple[int, list[str]]:
    """Count the refusals in the vendors' own words: who never meets them has never tried to handle them."""
    used, missing = 0, []
    counts = evidence.coverage.as_json()
    for contract in _called(evidence):
        for operation in contract.operations:
            seen = counts.get(contract.vendor, {}).get(operation.id, {}).get("errors", {})
            texts = [error.text for error in operation.errors if error.provenance == "documented"]
            used += len([text for text in texts if text in seen])
            missing += [f"{contract.vendor}.{operation.id} {text!r}" for text in texts if text not in seen]
    return used, missing


def _events(_name: str, evidence: Evidence) -> tuple[int, list[str]]:
    taken = {(each.vendor, each.operation) for each in evidence.callbacks if 200 <= each.answer.status < 300}
    events = [(contract.vendor, event.id) for contract in _called(evidence) for event in contract.events]
    missing = [f"{vendor}.{event}" for vendor, event in events if (vendor, event) not in taken]
    return len(events) - len(missing), missing


_USED = {"errors": _errors, "callbacks": _events}


def judge_real_time(expected: str, evidence: Evidence) -> Iterator[Finding]:
    """Judge how long the run took on the wall clock, where somebody measured it."""
    took, most = evidence.real_time, phrases.AT_MOST.read(expected)
    if took is None:
        yield Finding({}, None, "nobody measured it; `simulator check` does")
        return
    found = f"it took {_tenths(took)}"
    yield Finding(
        {}, took <= most, found, advice="what does the client wait for? Let a virtual clock move instead"
    )


def _tenths(length: timedelta) -> str:
    return f"{length.total_seconds():.1f}s"
