"""Recorded exchanges of a contract, as exchanges that the judge takes."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from simulator.conformance.recordings import (
    BOUNDARY,
    multipart,
    recorded_body,
    recorded_exchange,
    recorded_request,
)
from simulator.conformance.recordings import NO_DAY as EPOCH
from tests.source_tree import CONTRACTS

__all__ = [
    "BOUNDARY",
    "EPOCH",
    "multipart",
    "read_recordings",
    "recorded_body",
    "recorded_exchange",
    "recorded_request",
]


@cache
def read_recordings(vendor: str) -> list[dict[str, Any]]:
    """Return every recording of a vendor, files in the order of their names."""
    files = sorted((CONTRACTS / vendor / "recordings").glob("*.yaml"))
    return [item for file in files for item in yaml.load(file.read_bytes(), yaml.CSafeLoader)["exchanges"]]
