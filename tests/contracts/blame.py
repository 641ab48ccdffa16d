"""Whom the judge blames, as far as a schema could have known."""

from __future__ import annotations

from simulator.exchange import Exchange

BEYOND_SCHEMAS = frozenset({"refused-request", "refused-credential", "silent-loss", "unknown-key"})
"""What a request that fits its schema may be held to: rules that no schema can say."""


def blamed(exchange: Exchange) -> set[str]:
    """Return the sides that broke what a schema can say."""
    return {found.blame for found in exchange.violations if found.code not in BEYOND_SCHEMAS}
