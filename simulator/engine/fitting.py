"""Do a vendor and its contract tell of the same operations and refusals? For whoever writes either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from simulator.conformance.contract import Contract
from simulator.engine.mistaken_ids import KINDS
from simulator.vendor import Vendor

_DETAIL = re.compile(r"\{(\w+)\}")


def misfits(vendor: Vendor, contract: Contract) -> Iterator[str]:
    """Yield what one of them has and the other lacks, each with its place in the document or its name."""
    documented = {operation.id for operation in contract.operations}
    served = {route.operation for route in vendor.operations()}
    asked_for = {route.operation for route in vendor.operations() if not route.public}
    for operation in sorted(documented - served):
        yield f"#/paths: the operation {operation!r} is served by no handler of that name"
    for operation in sorted(asked_for - documented):
        yield f"#/paths: there is no operation {operation!r}, which a handler serves"
    for limit in vendor.limits:
        if not any(fnmatchcase(f"{vendor.name}.{operation}", limit.where) for operation in served):
            yield f": the limit {limit.name!r} holds at {limit.where!r}, which is no operation"
    if vendor.vocabulary.events and not contract.events:
        events = ", ".join(vendor.vocabulary.events)
        yield f": there are no `webhooks`, so no callback is judged, and the vendor tells of {events}"
    for name, error in contract.errors.items():
        if error.asks and error.asks not in KINDS:
            yield f"#/components/x-errors/{name}: x-asks {error.asks!r} is none of {', '.join(KINDS)}"
    yield from _misfits_of_refusals(vendor, contract)


def _misfits_of_refusals(vendor: Vendor, contract: Contract) -> Iterator[str]:
    """Yield the same of refusals; a vendor that words them all by hand has none by name."""
    errors, wordings = contract.document.get("components", {}).get("x-errors", {}), vendor.refusals
    if not wordings:
        return
    at = "#/components/x-errors"
    for fact in (fact for fact in errors if fact not in wordings):
        yield f"{at}/{fact}: refusals.toml has no words for it"
    for fact, wording in wordings.items():
        if fact not in errors:
            yield f"{at}: there is no {fact!r}, for which refusals.toml has words"
        elif errors[fact].get("x-provenance") != wording.provenance:
            mark = errors[fact].get("x-provenance")
            yield f"{at}/{fact}: it is {mark} here, and {wording.provenance} in refusals.toml"
        gaps = {*_DETAIL.findall(wording.message)} - wordings.examples(fact, {}).keys()
        for gap in sorted(gaps) if fact not in vendor.on_demand else ():
            yield f"{at}/{fact}: its words name {{{gap}}}: refusals.toml has neither detail nor example of it"
