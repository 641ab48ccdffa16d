"""Where all operations are collected; each file of this package adds its own."""

from __future__ import annotations

from simulator.vendor import VendorBlueprint

blueprint = VendorBlueprint("callr", "/v2.0")
