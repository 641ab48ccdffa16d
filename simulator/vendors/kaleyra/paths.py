"""Where Kaleyra answers, and other spellings of the same addresses."""

from __future__ import annotations

import re

VOICE = "/v1/"
OBD = "/api/v1/"
PLAY = "/play/"

_SPELLINGS = {
    "/v1": VOICE,
    "/api/v1": OBD,
    "/api/v1/index.php": OBD,
    "/v1/index.php": VOICE,
}
"""Live clients leave the last slash out; the oldest name the script."""

_DOUBLED = re.compile("//+")


def canonical_path(path: str) -> str:
    """Return the path that is routed; several slashes are one, as web servers have it (inferred)."""
    single = _DOUBLED.sub("/", path)
    return _SPELLINGS.get(single, single)
