"""Recordings of calls: who spoke to whom and for how long, whether anybody listened, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.errors import UnknownRecording
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.world import World

PROCESSING = timedelta(seconds=2)
BYTES_A_SECOND = 16_000
"""8 kHz, mono, 16 bits."""


class RecordingState(StrEnum):
    """Whether it can be listened to."""

    PROCESSING = "processing"
    READY = "ready"


@dataclass(slots=True, eq=False)
class Recording:
    """One recording of an account; `kind` is the vendor's word, `language` that of a transcript asked for."""

    ref: Ref
    account: Account = field(repr=False)
    kind: str
    call: Ref
    caller: E164 | None
    callee: E164
    created: datetime
    length: timedelta
    route: Ref | None = None
    caller_name: str = ""
    language: str | None = None
    said: str = ""
    state: RecordingState = RecordingState.PROCESSING
    read_at: datetime | None = None

    @property
    def size(self) -> int:
        """How many bytes it takes; none while it is processed."""
        seconds = self.length.total_seconds()
        return int(seconds * BYTES_A_SECOND) if self.state is RecordingState.READY else 0


class Recordings:
    """The recordings of a world; each change of one is told as `recording.updated`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def keep(self, recording: Recording) -> Recording:
        """Keep a recording under a reference of its own, which it gets here; it is ready a little later."""
        account = recording.account
        recording.ref = self._world.mint(
            account, "recording", account.recordings, recording.call, len(account.recordings)
        )
        account.recordings[recording.ref] = recording
        self._world.tell(account, "recording.updated", recording)
        self._world.clock.after(PROCESSING, partial(self._finish, recording))
        return recording

    def find(self, account: Account, ref: Ref) -> Recording:
        """Return a recording of `account`; raises UnknownRecording."""
        try:
            return account.recordings[ref]
        except KeyError:
            raise UnknownRecording(ref) from None

    def mark(self, recording: Recording, *, read: bool) -> None:
        """Note that somebody listened to it, or take that back."""
        if read and recording.read_at is not None:
            return
        recording.read_at = self._world.clock.now if read else None
        self._world.tell(recording.account, "recording.updated", recording)

    def remove(self, recording: Recording) -> None:
        """Forget a recording, whether or not it is still kept."""
        recording.account.recordings.pop(recording.ref, None)

    def _finish(self, recording: Recording) -> None:
        recording.state = RecordingState.READY
        if recording.ref in recording.account.recordings:
            self._world.tell(recording.account, "recording.updated", recording)
