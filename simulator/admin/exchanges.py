"""What was asked and answered, and what was wrong about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from simulator.admin.problems import Problem
from simulator.admin.rendering import render_exchange
from simulator.admin.visits import Json, Visit
from simulator.conformance.grouping import Findings
from simulator.errors import SimulatorError
from simulator.exchange import Exchange, Violation
from simulator.web.journal import EvictedExchanges, Journal
from simulator.web.masking import Shown


def list_exchanges(visit: Visit) -> Json:
    """List exchanges oldest first; `next` goes into `after` to read on.

    A list that would be empty only because exchanges were dropped is refused: nobody shall read it as
    "never called".
    """
    asked, limit, journal = visit.query, visit.limit, visit.sandbox.record.journal
    with visit.sandbox.lock:
        try:
            found = journal.find(
                asked.get("vendor"), asked.get("operation"), asked.get("violation"), asked.get("after"), limit
            )
        except EvictedExchanges:
            raise
        except SimulatorError as error:
            raise _no_such_exchange(error) from error
        if not found and "after" not in asked:
            journal.require_complete("an empty list")
        masker = visit.sandbox.record.masker
        listed = [render_exchange(exchange, masker) for exchange in found]
        return {"exchanges": listed, "next": found[-1].id if found else None} | _counters(journal)


def show_exchange(visit: Visit, exchange: str) -> Json:
    """Show one exchange, or one attempt to deliver a callback."""
    with visit.sandbox.lock:
        try:
            sandbox = visit.sandbox
            journal = (
                sandbox.record.callbacks if exchange in sandbox.record.callbacks else sandbox.record.journal
            )
            return render_exchange(journal.get(exchange), sandbox.record.masker)
        except EvictedExchanges:
            raise
        except SimulatorError as error:
            raise _no_such_exchange(error) from error


def list_violations(visit: Visit) -> Json:
    """List every breach of a contract with the exchange that shows it; never a false none.

    `findings` are the same by operation, place and rule: each mistake once, with how often it was made.
    """
    record = visit.sandbox.record
    journal = record.journal
    with visit.sandbox.lock:
        kept = [each for each in (*journal, *record.callbacks) if each.violations]
        broken = [record.masker.exchange(each) for each in kept]
        shown = {(each.id, one): _violation(each, one) for each in broken for one in each.violations}
        if not shown:
            journal.require_complete("an empty list")
        findings = [
            shown[finding.exchange.id, finding.violation]
            | {"times": finding.times, "consequences": finding.consequences}
            for finding in _findings(broken)
        ]
        return {"violations": list(shown.values()), "findings": findings} | _counters(journal)


def _findings(exchanges: Iterable[Exchange]) -> Findings:
    findings = Findings()
    for exchange in exchanges:
        findings.note(exchange)
    return findings


def _violation(exchange: Exchange, violation: Violation) -> Json:
    """Return a violation of an exchange that is masked."""
    place = {"exchange": exchange.id, "vendor": exchange.vendor, "operation": exchange.operation}
    return Shown(place | asdict(violation))


def _counters(journal: Journal) -> dict[str, Json]:
    return {"recorded": journal.recorded, "dropped": journal.dropped}


def _no_such_exchange(error: SimulatorError) -> Problem:
    return Problem(404, "unknown name", error.message, error.remedy)
