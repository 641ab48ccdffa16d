"""What the contracts say, and what of them was exercised."""

from __future__ import annotations

from msgspec.structs import asdict

from simulator.admin.context import AdminContext, Json
from simulator.admin.rendering import members
from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.examples import example_of
from simulator.conformance.operations import Operation
from simulator.conformance.outline import outline
from simulator.errors import UnknownName


def show_coverage(context: AdminContext) -> Json:
    """Show by vendor which operations, statuses and refusals were seen, and which never were."""
    worlds, recorder = context.worlds, context.sandbox.recorder
    with context.sandbox.lock:
        coverage = recorder.coverage
        vendors = {name: _vendor_coverage(coverage, worlds.setup.contract(name)) for name in worlds.vendors}
        return {"world": context.sandbox.world.name, "vendors": vendors}


def list_operations(context: AdminContext, vendor: str) -> Json:
    """List what a contract says, each thing marked: the vendor's word, seen in use, or our reading."""
    if vendor not in context.worlds.vendors:
        raise UnknownName("vendor", vendor, list(context.worlds.vendors))
    contract = context.worlds.setup.contract(vendor)
    return {
        "vendor": vendor,
        "operations": [_operation(contract, operation) for operation in contract.operations],
    }


def _vendor_coverage(coverage: Coverage, contract: Contract) -> Json:
    counts = coverage.as_json().get(contract.vendor, {})
    known = coverage.operations(contract)
    never = [operation.id for operation in coverage.missing(contract)]
    return {
        "known": len(known),
        "called": len(known) - len(never),
        "never_called": never,
        "never_sent": [event.id for event in coverage.unsent(contract)],
        "operations": [_counted(operation, counts.get(operation.id, {})) for operation in known],
        "events": [
            {"event": event.id, "provenance": event.provenance, "sent": seen.get("calls", 0)}
            for event in contract.events
            for seen in (counts.get(event.id, {}),)
        ],
    }


def _counted(operation: Operation, counts: Json) -> Json:
    errors = counts.get("errors", {})
    return {
        "operation": operation.id,
        "provenance": operation.provenance,
        "calls": counts.get("calls", 0),
        "statuses": counts.get("statuses", {}),
        "errors": [
            members(error, "status", "text", "provenance") | {"seen": errors.get(error.text, 0)}
            for error in operation.errors
        ],
    }


def _operation(contract: Contract, operation: Operation) -> Json:
    variant = operation.variants[0]
    return {
        "operation": operation.id,
        "summary": operation.summary,
        "provenance": operation.provenance,
        "source": variant.source,
        "forms": [f"{form.method} {form.path}" for form in operation.variants],
        "parameters": [asdict(row) for row in outline(contract, variant)],
        "example": example_of(contract, variant),
        "statuses": [members(reply, "status", "provenance") for reply in variant.replies.values()],
        "errors": [members(error, "status", "text", "when", "provenance") for error in operation.errors],
    }
