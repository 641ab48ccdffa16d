"""Audio clips an account owns: uploaded ones with their bytes, synthesised ones by their text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class AudioClip:
    """One clip; `body` is what was uploaded, empty for a synthesised clip."""

    ref: int | str
    name: str
    created: datetime
    length: timedelta
    kind: str = "uploaded"
    text: str = ""
    speaker: str = ""
    body: bytes = b""
