"""Evidence of parts of a run, such as those of workers, as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from simulator.reports.evidence import Evidence, Met, VendorCoverage


def merge_evidence(parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence of a whole run: the cases of all parts, by group, and what any of them met."""
    first = parts[0]
    if len(parts) == 1:
        return first
    cases = [case for part in parts for case in part.cases]
    vendors = dict.fromkeys(vendor for part in parts for vendor in part.coverage)
    return replace(
        first,
        seconds=max(part.seconds for part in parts),
        contracts={vendor: digest for part in parts for vendor, digest in part.contracts.items()},
        cases=tuple(sorted(cases, key=lambda case: (case.group, case.id))),
        coverage={
            vendor: _together([part.coverage[vendor] for part in parts if vendor in part.coverage])
            for vendor in vendors
        },
    )


def _together(parts: Sequence[VendorCoverage]) -> VendorCoverage:
    return VendorCoverage(
        operations=_any(part.operations for part in parts),
        parameters=_any(part.parameters for part in parts),
        answers=_any(part.answers for part in parts),
        callbacks=_any(part.callbacks for part in parts),
    )


def _any(parts: Iterable[Met]) -> Met:
    parts = [*parts]
    met = dict.fromkeys(name for part in parts for name in part.met)
    missed = dict.fromkeys(name for part in parts for name in part.missed if name not in met)
    return Met(met=(*met,), missed=(*missed,))
