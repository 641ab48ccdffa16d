"""Recordings and clips: the addresses Callo gives them, and the sound that waits there."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from msgspec import Struct
from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.formats.sound import Kind, measure, tone
from simulator.telephony.accounts import Account, AudioClip
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.owners import Owner
from simulator.telephony.world import World
from simulator.vendors.callo.answers import answer
from simulator.vendors.callo.endpoint import ROOT

HOME = "https://callo.com"
"""Where recordings are when no client has reached the vendor yet."""

LONGEST_TONE = 3600.0
"""Seconds; a longer recording is cut, for it would fill the memory with one note."""

WAV = "audio/x-wav"
CONTENT_TYPES: dict[Kind, str] = {
    "wav": WAV,
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
}


class Recording(Struct, frozen=True):
    """What was recorded in one attempt of a call."""

    call: Call
    attempt: Attempt

    @property
    def key(self) -> str:
        """The secret in its addresses, 32 hexadecimal digits."""
        return _secret(self.call.account, f"{self.call.ref}.{self.attempt.number}", 16)

    @property
    def name(self) -> str:
        """The name in its address: seconds since 1970, a dot, a number (the sample): the call's."""
        return f"{self.attempt.started.timestamp():.0f}.{self.call.ref}"

    @property
    def url(self) -> str:
        """The address in the result of a call."""
        call = self.call
        return f"{_cabinet(call.account)}/cdr/record/{call.campaign.ref}/{self.name}/?key={self.key}"

    @property
    def direct_url(self) -> str:
        """The address in the list of attempts."""
        call = self.call
        file = f"{call.ref}.{self.attempt.number}.mp3"
        return f"{_cabinet(call.account)}/directcdr/{self.key}/{call.campaign.ref}/{call.ref}/{file}"


def recording_of_attempt(call: Call, attempt: Attempt) -> Recording | None:
    """Return what was recorded of one attempt, or None where nobody spoke."""
    return Recording(call, attempt) if attempt.closed and attempt.talk else None


def recordings_of(call: Call) -> list[Recording]:
    """Return what was recorded of a call, one recording an attempt in which somebody spoke."""
    recordings = (recording_of_attempt(call, attempt) for attempt in call.attempts)
    return [recording for recording in recordings if recording is not None]


def recording_of(call: Call) -> Recording | None:
    """Return what was recorded of a call last, or None while nothing was."""
    recordings = (recording_of_attempt(call, attempt) for attempt in reversed(call.attempts))
    return next(filter(None, recordings), None)


def find_recording(world: World, ref: int, key: str | None) -> Recording:
    """Return the recording of the call `ref` with this key; raises NotFound, also for a wrong key."""
    for account in _accounts(world):
        for recording in recordings_of(account.calls[ref]) if ref in account.calls else ():
            if recording.key == key:
                return recording
    raise NotFound


def answer_recording(recording: Recording) -> Answer:
    """Return a WAV as long as the talk was, whatever the address ends with."""
    return _answer_tone(recording.attempt.talk, int(recording.call.ref))


def clip_url(clip: AudioClip, account: Account) -> str:
    """Return the address of a clip, converted to WAV."""
    file = f"{_clip_path(clip, account)}.wav"
    return f"{_cabinet(account)}/media/converted/{file}?{clip.created.timestamp():.6f}"


def original_url(clip: AudioClip, account: Account) -> str:
    """Return the address of a clip as it was uploaded; a synthesised one has no other than its WAV."""
    if not clip.body:
        return clip_url(clip, account)
    kind = measure(clip.body).kind
    return f"{_cabinet(account)}/media/original/{_clip_path(clip, account)}.{kind}"


def find_clip(world: World, number: int) -> AudioClip:
    """Return the clip behind the long number in its address; raises NotFound."""
    ref = number // 100_000
    for account in _accounts(world):
        if (clip := account.clips.get(ref)) and _clip_number(clip, account) == number:
            return clip
    raise NotFound


def answer_converted(clip: AudioClip) -> Answer:
    """Return a clip as WAV: itself if it is one, else a tone of its length."""
    if clip.body and measure(clip.body).kind == "wav":
        return answer(clip.body, WAV)
    return _answer_tone(clip.length, int(clip.ref))


def answer_original(clip: AudioClip) -> Answer:
    """Return a clip as it was uploaded; raises NotFound for a synthesised one."""
    if not clip.body:
        raise NotFound
    return answer(clip.body, CONTENT_TYPES[measure(clip.body).kind])


def _answer_tone(length: timedelta, key: int) -> Answer:
    return answer(tone(min(length.total_seconds(), LONGEST_TONE), key), WAV)


def _clip_path(clip: AudioClip, account: Account) -> str:
    number = _clip_number(clip, account)
    return f"{number % 1000}/{number // 1000 % 1000}/{number}"


def _clip_number(clip: AudioClip, account: Account) -> int:
    """Return the clip's id and five digits nobody can guess."""
    return int(clip.ref) * 100_000 + int(_secret(account, str(clip.ref), 4), 16) % 100_000


def _secret(account: Owner, subject: str, size: int) -> str:
    return blake2b(subject.encode(), key=account.credential.encode()[:64], digest_size=size).hexdigest()


def _cabinet(account: Owner) -> str:
    return (account.reached_at or HOME) + ROOT


def _accounts(world: World) -> list[Account]:
    return [account for account in world.accounts.values() if account.vendor == "callo"]
