"""Recordings of calls: who spoke to whom and for how long, whether anybody listened, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from simulator.telephony.owners import Owner, Ref
from simulator.telephony.phone_numbers import E164

PROCESSING = timedelta(seconds=2)
BYTES_A_SECOND = 16_000
"""8 kHz, mono, 16 bits."""


class RecordingState(StrEnum):
    """Whether it can be listened to."""

    PROCESSING = "processing"
    READY = "ready"


@dataclass(slots=True, eq=False, kw_only=True)
class Recording:
    """One recording of an account; `kind` is the vendor's word, `language` that of a transcript asked for."""

    ref: Ref
    account: Owner = field(repr=False)
    kind: str
    call: Ref
    caller: E164 | None
    callee: E164
    created: datetime
    length: timedelta
    route: Ref | None = None
    caller_name: str = ""
    language: str | None = None
    transcript: str = ""
    state: RecordingState = RecordingState.PROCESSING
    read_at: datetime | None = None
    removed: bool = False

    @property
    def size(self) -> int:
        """How many bytes it takes; none while it is processed."""
        seconds = self.length.total_seconds()
        return int(seconds * BYTES_A_SECOND) if self.state is RecordingState.READY else 0
