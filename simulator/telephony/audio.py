"""Audio clips an account owns: uploaded ones with their bytes, synthesised ones by their text."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct


class ClipState(StrEnum):
    """Whether a clip can be played; new content is converted first."""

    EMPTY = "empty"
    WAITING = "waiting"
    PROCESSING = "processing"
    READY = "ready"
    BROKEN = "broken"


class ClipSource(StrEnum):
    """Where a clip's content came from."""

    CLIENT = "client"
    TELEPHONE = "telephone"
    OPERATOR = "operator"


class AudioClip(Struct, kw_only=True):
    """One clip; `body` is what was uploaded, empty for a synthesised clip."""

    ref: int | str
    name: str
    created: datetime
    length: timedelta
    kind: str = "uploaded"
    text: str = ""
    speaker: str = ""
    body: bytes = b""
    state: ClipState = ClipState.READY
    source: ClipSource = ClipSource.CLIENT
    read_only: bool = False
    updated: datetime | None = None
