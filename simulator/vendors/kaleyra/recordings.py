"""Recordings: an address without a scheme, as Kaleyra gives it, that downloads from here."""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import urlsplit

from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.formats.sound import tone
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.world import World
from simulator.vendors.kaleyra.paths import PLAY

HOME = "//play.solutionsinfini.com/"
"""Where recordings are while no client has reached the vendor yet (the samples)."""

LONGEST_TONE = 3600.0


def recording_url(call: Call) -> str:
    """Return the address of what was recorded, protocol-relative (documented); empty while nothing was."""
    if call.ending is None or call.settled is None or not call.settled.talk:
        return ""
    base = urlsplit(call.account.reached_at)
    home = f"//{base.netloc}{base.path}{PLAY}" if base.netloc else HOME
    return f"{home}?id={call.ref}{_secret(call)}"


def find_recording(world: World, name: str) -> Call:
    """Return the call whose recording is called so; raises NotFound, also for a wrong secret."""
    ref = name[:16]
    for account in _accounts(world):
        if (call := account.calls.get(ref)) and recording_url(call).endswith(f"?id={name}"):
            return call
    raise NotFound


def answer_recording(call: Call) -> Answer:
    """Return a WAV as long as the talk was."""
    talk = call.settled.talk.total_seconds() if call.settled else 0.0
    sound = tone(min(talk, LONGEST_TONE), int(str(call.ref)[:8], 16))
    return Answer(200, sound, (("Content-Type", "audio/x-wav"),))


def _secret(call: Call) -> str:
    """Return what nobody can guess, 12 hexadecimal digits."""
    key = call.account.credential.encode()[:64]
    return blake2b(str(call.ref).encode(), key=key, digest_size=6).hexdigest()


def _accounts(world: World) -> list[Account]:
    return [account for account in world.accounts.values() if account.vendor == "kaleyra"]
