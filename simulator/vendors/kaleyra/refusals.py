"""How Kaleyra refuses: what stands in refusals.toml, or what a scenario says instead."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.telephony.accounts import Account
from simulator.vendors.kaleyra.settings import KaleyraSettings

OF_A_SCENARIO = "scenario"
"""The mark of words that are nobody's guess: a scenario chose them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KaleyraWording(Wording):
    """How one fact is worded, with HTTP 200 where nothing else is said."""

    http_status: int = 200


CATALOGUE = RefusalCatalogue.load(__package__, KaleyraWording)
"""Every refusal by its name."""


def wording(fact: str, account: Account | None) -> Wording:
    """Return how a fact is told to an account, for which a scenario may have other words."""
    usual = CATALOGUE[fact]
    own = KaleyraSettings.of(account).errors.get(fact) if account else None
    words = msgspec.to_builtins(own) if own else {}
    return replace(usual, **words, provenance=OF_A_SCENARIO) if words else usual
