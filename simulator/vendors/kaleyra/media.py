"""Recordings: an address without a scheme, as Kaleyra gives it, that downloads from here."""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import urlsplit

from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.formats.sound import tone
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.world import World
from simulator.vendor import Refused
from simulator.vendors.kaleyra.endpoint import PLAY_PATH
from simulator.vendors.kaleyra.statuses import is_connected

HOME = "//play.solutionsinfini.com/"
"""Where recordings are while no client has reached the vendor yet (the samples)."""

LONGEST_TONE = 3600.0


def recording_url(call: AnyCall) -> str:
    """Return the address of what was recorded, protocol-relative (documented); empty while nothing was."""
    over = call.ended if isinstance(call, LiveCall) else call.ending
    if over is None or not is_connected(call):
        return ""
    base = urlsplit(call.account.reached_at)
    home = f"//{base.netloc}{base.path}{PLAY_PATH}" if base.netloc else HOME
    return f"{home}?id={call.ref}{_secret(call)}"


def find_recording(world: World, name: str) -> AnyCall:
    """Return the call whose recording is called so; raises Refused, also for a wrong secret.

    Raises NotFound where none is named.
    """
    if not name:
        raise NotFound
    ref = name[:16]
    for account in [account for account in world.accounts.values() if account.vendor == "kaleyra"]:
        call = account.calls.get(ref) or account.line_calls.get(ref)
        if call and recording_url(call).endswith(f"?id={name}"):
            return call
    raise Refused("recording_unknown", id=name)


def answer_recording(call: AnyCall) -> Answer:
    """Return a WAV as long as the talk was."""
    sound = tone(min(call.talk.total_seconds(), LONGEST_TONE), int(str(call.ref)[:8], 16))
    return Answer(200, sound, (("Content-Type", "audio/x-wav"),))


def _secret(call: AnyCall) -> str:
    """Return what nobody can guess, 12 hexadecimal digits."""
    key = call.account.credential.encode()[:64]
    return blake2b(str(call.ref).encode(), key=key, digest_size=6).hexdigest()
