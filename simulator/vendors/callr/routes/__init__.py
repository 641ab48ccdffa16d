"""Callr's operations, one file a resource: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

from simulator.vendor import VendorBlueprint

blueprint = VendorBlueprint("callr", "/v2.0")
