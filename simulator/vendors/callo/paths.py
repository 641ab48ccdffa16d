"""Where Callo's operations live, and other spellings of the same paths."""

from __future__ import annotations

import re

ROOT = "/manager"
API = "/cabapi_external/api/v1"
LEGACY_API = "/lk/cabapi_external/"
"""The older brand's path, still used by old clients (observed)."""

READS = frozenset(
    f"{ROOT}{API}/{name}/"
    for name in (
        "phones/call_by_id",
        "phones/calls_by_phone",
        "phones/all_calls",
        "phones/calls_by_label",
        "phones/camp_stats",
        "phones/cost",
        "audio/info",
        "phonelists/call_ids_by_phonelist",
        "users/balance",
        "campaigns",
    )
)
"""The operations that only read; each answers GET."""


def canonical_path(path: str) -> str:
    """Return the path that is routed: single slashes (the vendor prints `/v1//phones/call/`), new prefix."""
    path = re.sub("/{2,}", "/", path) if "//" in path else path
    return f"{ROOT}/cabapi_external/" + path[len(LEGACY_API) :] if path.startswith(LEGACY_API) else path


def is_read(path: str) -> bool:
    """Tell whether an operation that only reads lives at `path`."""
    return canonical_path(path) in READS
