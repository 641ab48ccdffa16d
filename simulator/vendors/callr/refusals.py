"""How Callr words its refusals: what stands in refusals.toml."""

from __future__ import annotations

from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.vendor import Refused

CATALOGUE = RefusalCatalogue.load(__package__, Wording)
"""Every refusal by its name."""


def message_of(refused: Refused) -> str:
    """Return what is said of a fact."""
    return CATALOGUE.fill(CATALOGUE[refused.fact].message, refused.details)
