"""Verdicts on how many there were of something, or what share of all."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.scenario.values import Band, Counts, Quantity
from simulator.verdicts.findings import Finding


def judge_quantity(
    quantity: Quantity, amount: tuple[int, int], of: str, *, shown: Sequence[str] = (), advice: str = ""
) -> Finding:
    """Judge an `amount`, how many of how many there are, by the count or the share that may be."""
    count, total = amount
    if isinstance(quantity, Counts):
        return Finding(count in quantity, f"{count:,} of {total:,} {of}", shown, advice)
    if not total:
        return Finding(None, f"there are no {of} to take a share of")
    held = isinstance(quantity, Band) and count / total in quantity
    return Finding(held, f"{count / total:.1%}: {count:,} of {total:,} {of}", shown, advice)
