"""Audio clips an account owns: uploaded ones with their bytes, synthesised ones by their text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from simulator.telephony.accounts import Account
    from simulator.telephony.world import World


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
    state: ClipState = ClipState.READY
    source: ClipSource = ClipSource.CLIENT
    read_only: bool = False
    updated: datetime | None = None


class Clips:
    """The clips of a world and their conversion, on the clock; each step is told as `clip.updated`."""

    MOST_BYTES: ClassVar[int] = 100_000_000
    """How much of uploads a world keeps; beyond that there is no room for one more."""

    SILENCE: ClassVar[timedelta] = timedelta(seconds=1)
    STEP: ClassVar[timedelta] = timedelta(seconds=1)

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def size(self) -> int:
        """How many bytes were uploaded and are still kept."""
        accounts = self._world.accounts.values()
        return sum(len(clip.body) for account in accounts for clip in account.clips.values())

    def convert(self, account: Account, clip: AudioClip, length: timedelta | None) -> None:
        """Begin to convert new content, `length` long; content that cannot be played has None."""
        self._enter(account, clip, ClipState.WAITING)
        end = ClipState.READY if length else ClipState.BROKEN
        body = clip.body
        self._world.clock.after(self.STEP, partial(self._go_on, account, clip, body, ClipState.PROCESSING))
        self._world.clock.after(2 * self.STEP, partial(self._finish, account, clip, body, end, length))

    def _go_on(self, account: Account, clip: AudioClip, body: bytes, state: ClipState) -> None:
        if clip.body is body:  # else newer content has replaced this one
            self._enter(account, clip, state)

    def _finish(
        self, account: Account, clip: AudioClip, body: bytes, state: ClipState, length: timedelta | None
    ) -> None:
        if clip.body is body:
            clip.length = length or timedelta(0)
            self._enter(account, clip, state)

    def _enter(self, account: Account, clip: AudioClip, state: ClipState) -> None:
        clip.state, clip.updated = state, self._world.clock.now
        if clip.ref in account.clips:
            self._world.tell(account, "clip.updated", clip)
