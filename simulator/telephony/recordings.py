"""Recordings of calls: who spoke to whom and for how long, whether anybody listened, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from simulator.telephony.errors import UnknownRecording
from simulator.telephony.network import Network
from simulator.telephony.owners import Entity, Owner, Ref, look_up
from simulator.telephony.phone_numbers import E164

PROCESSING = timedelta(seconds=2)
BYTES_A_SECOND = 16_000
"""8 kHz, mono, 16 bits."""


class RecordingState(StrEnum):
    """Whether it can be listened to."""

    PROCESSING = "processing"
    READY = "ready"


class Recording(Entity, kw_only=True):
    """One recording of an account; `kind` is the vendor's word, `language` that of a transcript asked for."""

    ref: Ref
    account: Owner
    kind: str
    call: Ref
    caller: E164 | None
    callee: E164
    created: datetime
    length: timedelta
    route: Ref | None = None
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


class Recordings:
    """The recordings of a world; each change of one is told as `recording.updated`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: dict[Owner, dict[Ref, Recording]] = {}

    def of(self, account: Owner) -> Mapping[Ref, Recording]:
        """Return the recordings of an account, oldest first."""
        return self._kept.get(account, {})

    def keep(self, recording: Recording) -> Recording:
        """Keep a recording under a reference of its own, which it gets here; it is ready a little later."""
        own = self._kept.setdefault(recording.account, {})
        nth = self._network.turn(recording.account, "recording")
        recording.ref = self._network.mint(recording.account, "recording", own, recording.call, nth)
        own[recording.ref] = recording
        self._network.tell(recording.account, "recording.updated", recording)
        self._network.clock.after(PROCESSING, partial(self._finish, recording))
        return recording

    def find(self, account: Owner, ref: Ref) -> Recording:
        """Return a recording of `account`; raises UnknownRecording."""
        return look_up(self.of(account), ref, UnknownRecording)

    def mark(self, recording: Recording, *, read: bool) -> None:
        """Note that somebody listened to it, or take that back."""
        if read and recording.read_at is not None:
            return
        recording.read_at = self._network.clock.now if read else None
        self._network.tell(recording.account, "recording.updated", recording)

    def remove(self, recording: Recording) -> None:
        """Forget a recording, whether or not it is still kept."""
        recording.removed = True
        self._kept[recording.account].pop(recording.ref, None)

    def _finish(self, recording: Recording) -> None:
        recording.state = RecordingState.READY
        if not recording.removed:
            self._network.tell(recording.account, "recording.updated", recording)
