"""Every refusal of a contract has its words in the vendor's refusals.toml, and no other is there."""

from __future__ import annotations
