"""The catalogue of refusals: what stands in refusals.toml, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from types import MappingProxyType

import msgspec

from simulator.telephony.accounts import Account
from simulator.vendor import Rejection
from simulator.vendors.kaleyra.settings import KaleyraSettings

OF_A_SCENARIO = "scenario"
"""The mark of words that are nobody's guess: a scenario chose them."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one fact is said: the code in `status`, a message with {details}, how sure we are of both."""

    code: str
    message: str
    provenance: str = "inferred"
    http_status: int = 200


class Refused(Rejection):
    """A request that is turned down for the fact that refusals.toml knows by this name."""

    def __init__(self, fact: str, **details: object) -> None:
        super().__init__(f"{fact} {details}" if details else fact)
        self.fact = fact
        self.details = details


def _read_catalogue() -> Mapping[str, Refusal]:
    text = (files("simulator.vendors.kaleyra") / "refusals.toml").read_text("utf-8")
    return MappingProxyType({name: Refusal(**entry) for name, entry in tomllib.loads(text).items()})


CATALOGUE = _read_catalogue()
"""Every refusal by its name."""


def refusal_for(fact: str, account: Account | None) -> Refusal:
    """Return how a fact is said to an account, for which a scenario may have other words."""
    usual = CATALOGUE[fact]
    own = KaleyraSettings.of(account).errors.get(fact) if account else None
    words = msgspec.to_builtins(own) if own else {}
    return replace(usual, **words, provenance=OF_A_SCENARIO) if words else usual
