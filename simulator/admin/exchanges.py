"""What was asked and answered, and what was wrong about it."""

from __future__ import annotations

from msgspec.structs import asdict

from simulator.admin.context import AdminContext, Json, check_known
from simulator.admin.rendering import render_exchange
from simulator.conformance.report import ViolationGroups
from simulator.conformance.violations import CODES
from simulator.exchange import Exchange, Violation
from simulator.vendors import vendor_names
from simulator.web.journal import Journal
from simulator.web.masking import Shown


def list_exchanges(context: AdminContext) -> Json:
    """List exchanges oldest first; `next` goes into `after` to read on.

    A list that would be empty only because exchanges were dropped is refused: nobody shall read it as
    "never called".
    """
    query, limit, journal = context.query, context.limit, context.sandbox.recorder.journal
    filters = {name: query.get(name) for name in ("vendor", "operation", "violation", "after")}
    _check_filters(context)
    with context.sandbox.lock:
        exchanges = journal.find(**filters, limit=limit)
        if not exchanges and "after" not in query:
            journal.require_complete("an empty list")
        masker = context.sandbox.recorder.masker
        listed = [render_exchange(exchange, masker) for exchange in exchanges]
        return {"exchanges": listed, "next": exchanges[-1].id if exchanges else None} | _counters(journal)


def _check_filters(context: AdminContext) -> None:
    """Refuse names that no exchange has: nobody shall read the list as "never called"."""
    query, contract = context.query, context.worlds.setup.contract
    if (vendor := query.get("vendor")) is not None:
        check_known("?vendor", vendor, vendor_names())
    if (name := query.get("operation")) is not None:
        vendors = [vendor] if vendor is not None else vendor_names()
        check_known("?operation", name, [known.id for one in vendors for known in contract(one).operations])
    if (code := query.get("violation")) is not None:
        check_known("?violation", code, CODES)


def show_exchange(context: AdminContext, exchange: str) -> Json:
    """Show one exchange, or one attempt to deliver a callback."""
    recorder = context.sandbox.recorder
    with context.sandbox.lock:
        journal = recorder.callbacks if exchange in recorder.callbacks else recorder.journal
        return render_exchange(journal.get(exchange), recorder.masker)


def list_violations(context: AdminContext) -> Json:
    """List every breach of a contract with the exchange that shows it; never a false none.

    `findings` are the same by operation, place and rule: each mistake once, with how often it was made.
    """
    recorder = context.sandbox.recorder
    journal = recorder.journal
    with context.sandbox.lock:
        kept = [exchange for exchange in (*journal, *recorder.callbacks) if exchange.violations]
        broken = [recorder.masker.exchange(exchange) for exchange in kept]
        shown = {
            (exchange.id, violation): _violation(exchange, violation)
            for exchange in broken
            for violation in exchange.violations
        }
        if not shown:
            journal.require_complete("an empty list")
        findings = ViolationGroups()
        for exchange in broken:
            findings.note(exchange)
        groups = [
            Shown(
                shown[group.exchange.id, group.violation]
                | {"times": group.times, "consequences": group.consequences}
            )
            for group in findings
        ]
        return {"violations": list(shown.values()), "findings": groups} | _counters(journal)


def _violation(exchange: Exchange, violation: Violation) -> Json:
    """Return a violation of an exchange that is masked."""
    place = {"exchange": exchange.id, "vendor": exchange.vendor, "operation": exchange.operation}
    return Shown(place | asdict(violation))


def _counters(journal: Journal) -> dict[str, Json]:
    return {"recorded": journal.recorded, "dropped": journal.dropped}
