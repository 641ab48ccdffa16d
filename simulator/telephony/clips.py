"""The clips of a world and their conversion, step by step on the clock."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import ClassVar

from simulator.telephony.accounts import Account, AudioClip, ClipState
from simulator.telephony.ivr import Prompt
from simulator.telephony.network import Network


class Clips:
    """The clips of a world and their conversion, on the clock; each step is told as `clip.updated`."""

    MOST_BYTES: ClassVar[int] = 100_000_000
    """How much of uploads a world keeps; beyond that there is no room for one more."""

    SILENCE: ClassVar[timedelta] = timedelta(seconds=1)
    STEP: ClassVar[timedelta] = timedelta(seconds=1)

    def __init__(self, network: Network) -> None:
        self._network = network

    @property
    def size(self) -> int:
        """How many bytes were uploaded and are still kept."""
        accounts = self._network.accounts.values()
        return sum(len(clip.body) for account in accounts for clip in account.clips.values())

    def add(self, account: Account, clip: AudioClip) -> AudioClip:
        """Keep a clip of the account under a reference of its own, which it gets here."""
        nth = self._network.turn(account, "clip")
        clip.ref = self._network.mint(account, "clip", account.clips, nth, clip.name)
        account.clips[clip.ref] = clip
        return clip

    def synthesise(self, account: Account, prompt: Prompt, speaker: str) -> AudioClip:
        """Turn a prompt into a clip of the account."""
        clip = AudioClip(
            ref=0,
            name=prompt.text[:40],
            created=self._network.clock.now,
            length=prompt.length,
            kind="synth",
            text=prompt.text,
            speaker=speaker,
        )
        return self.add(account, clip)

    def convert(self, account: Account, clip: AudioClip, length: timedelta | None) -> None:
        """Begin to convert new content, `length` long; content that cannot be played has None."""
        self._enter(account, clip, ClipState.WAITING)
        end = ClipState.READY if length else ClipState.BROKEN
        steps = ((ClipState.PROCESSING, clip.length), (end, length or timedelta(0)))
        for nth, step in enumerate(steps, 1):
            self._network.clock.after(nth * self.STEP, partial(self._go_on, account, clip, clip.body, *step))

    def _go_on(
        self, account: Account, clip: AudioClip, body: bytes, state: ClipState, length: timedelta
    ) -> None:
        if clip.body is body:  # else newer content has replaced this one
            clip.length = length
            self._enter(account, clip, state)

    def _enter(self, account: Account, clip: AudioClip, state: ClipState) -> None:
        clip.state, clip.updated = state, self._network.clock.now
        if clip.ref in account.clips:
            self._network.tell(account, "clip.updated", clip)
