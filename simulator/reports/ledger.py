"""What happened in a run, exchange by exchange: a case an operation, and what of contracts was met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.coverage import ParametersMet
from simulator.conformance.recordings import nearest
from simulator.conformance.report import RunReport, ViolationGroup
from simulator.exchange import Exchange
from simulator.reports.evidence import CaseEvidence, Finding, Met, Outcome, Requirement, VendorCoverage, seen
from simulator.verdicts.conduct import CONDUCT, SUBJECTS
from simulator.verdicts.findings import MOST_SHOWN, Verdict

ELSEWHERE = "elsewhere"
"""What stands for an operation where a request met none."""

MOST_KEPT = 3
"""Exchanges of an operation that are shown beside those with a finding."""

Place = tuple[str, str]


def finding_of(group: ViolationGroup) -> Finding:
    """Return one mistake in requests, with the nearest example that keeps the contract."""
    one, operation = group.violation, group.exchange.operation or group.exchange.vendor
    times = f" ({group.times} times)" if group.times > 1 else ""
    return Finding(
        about="contract" if one.blame == "client" else "simulator",
        subject=f"{operation}: {one.code} at {one.where}",
        asked=one.asked,
        arrived=one.arrived + times,
        fix=one.fix,
        source=one.source,
        mark=one.provenance,
        example=nearest(group.exchange) or one.example,
        exchanges=(group.exchange.id,),
    )


def finding_on(verdict: Verdict, mask: Callable[[str], str]) -> Finding:
    """Return a promise that was not kept: one that any client makes, or one that a scenario expects."""
    subject = SUBJECTS.get(verdict.expected) if verdict.place == CONDUCT else None
    return Finding(
        about="conduct" if subject else "wire",
        subject=mask(verdict.expected),
        asked=subject.rule if subject else mask(verdict.expected),
        arrived=mask(verdict.found),
        fix=mask(verdict.advice),
        source=verdict.place,
        exchanges=tuple(map(mask, verdict.shown[:MOST_SHOWN])),
    )


class Ledger:
    """Notes the masked exchanges of a run, of any length; its `report` counts them. Safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.report = RunReport()
        self._parameters = ParametersMet()
        self._kept: dict[Place, list[Exchange]] = {}

    def note(self, exchange: Exchange) -> None:
        """Note an exchange, or a callback."""
        contract = load_contract(exchange.vendor)
        with self._lock:
            self.report.note(exchange, contract)
            self._parameters.note(exchange)
            kept = self._kept.setdefault((exchange.vendor, exchange.operation or ELSEWHERE), [])
            if len(kept) < MOST_KEPT:
                kept.append(exchange)

    def cases(self) -> list[CaseEvidence]:
        """Return a case for each operation that was asked for, of each vendor those asked for first."""
        with self._lock:
            groups: dict[Place, list[ViolationGroup]] = {}
            for group in self.report.groups:
                place = (group.exchange.vendor, group.exchange.operation or ELSEWHERE)
                groups.setdefault(place, []).append(group)
            stuck = self.report.refusals.never_succeeded
            return [
                _case(place, groups.get(place, []), self._kept[place], f"{place[0]}.{place[1]}" in stuck)
                for vendor in self._vendors
                for place in self._kept
                if place[0] == vendor
            ]

    def coverage(self) -> dict[str, VendorCoverage]:
        """Return what was met of each vendor's contract that was asked for anything."""
        with self._lock:
            return {vendor: self._of_vendor(load_contract(vendor)) for vendor in self._vendors}

    @property
    def _vendors(self) -> Iterable[str]:
        return dict.fromkeys(vendor for vendor, _ in self._kept)

    def _of_vendor(self, contract: Contract) -> VendorCoverage:
        coverage, vendor = self.report.coverage, contract.vendor
        operations = coverage.operations(contract)
        answers: dict[str, bool] = {}
        parameters: dict[str, bool] = {}
        for operation in operations:
            sent = self._parameters.met(contract, operation.id)
            parameters |= {f"{operation.id}: {name}": met for name, met in sent.items()}
            for reply in operation.variants[0].replies.values():
                if reply.status.isdecimal():
                    is_seen = coverage.seen(vendor, operation.id, int(reply.status))
                    answers[f"{operation.id}: {reply.status}"] = is_seen
            for error in operation.errors:
                name = f"{operation.id}: {error.status} {error.name or error.code or error.text}"
                answers[name] = coverage.seen(vendor, operation.id, error.text)
        return VendorCoverage(
            operations=_met({one.id: coverage.called(vendor, one.id) > 0 for one in operations}),
            parameters=_met(parameters),
            answers=_met(answers),
            callbacks=_met({one.id: coverage.called(vendor, one.id) > 0 for one in contract.events}),
        )


def _met(names: Mapping[str, bool]) -> Met:
    met = tuple(name for name, is_met in names.items() if is_met)
    return Met(met=met, missed=tuple(name for name, is_met in names.items() if not is_met))


def _case(place: Place, groups: list[ViolationGroup], kept: list[Exchange], is_stuck: bool) -> CaseEvidence:
    vendor, operation = place
    known = load_contract(vendor).by_id.get(operation)
    is_elsewhere = operation == ELSEWHERE
    beside = "no operation of the vendor" if is_elsewhere else "what comes with it, or a callback"
    shown = {exchange.id: exchange for exchange in (*(group.exchange for group in groups), *kept)}
    exchanges, left_out = seen(shown.values())
    findings = [*map(finding_of, groups), *([_never_succeeded(operation, kept)] if is_stuck else [])]
    return CaseEvidence(
        id=f"{vendor}.{operation}",
        title=known.summary if known else beside,
        group=f"{vendor}: the contract",
        outcome=_outcome(groups, is_stuck),
        requirement=Requirement(
            rule=f"what is sent to {operation} keeps the contract, and is taken at least once",
            at=known.variants[0].source if known else f"contracts/{vendor}",
            mark=(known.provenance if known else "") or "inferred",
        ),
        findings=tuple(findings),
        exchanges=exchanges,
        left_out=left_out,
    )


def _outcome(groups: list[ViolationGroup], is_stuck: bool) -> Outcome:
    errors = [group.violation for group in groups if group.violation.severity == "error"]
    if is_stuck or any(one.blame == "client" for one in errors):
        return "FAIL"
    if errors:
        return "BROKEN-US"
    return "NON-STRICT" if groups else "PASS"


def _never_succeeded(operation: str, kept: list[Exchange]) -> Finding:
    refusal = next((one.refusal for one in kept if one.refusal is not None), None)
    return Finding(
        about="contract",
        subject=f"{operation}: never succeeded",
        asked="one request at least that the vendor takes",
        arrived=f"each was refused: {refusal.name or refusal.code}" if refusal else "each was refused",
        fix="mend what the refusal names, or allow it if the test is about it",
        exchanges=tuple(exchange.id for exchange in kept),
    )
