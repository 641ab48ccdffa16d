"""What a call says first, as clients write it: words, and clips named by `<audio id="5"/>`."""

from __future__ import annotations

import re
from datetime import timedelta

from simulator.telephony.accounts import Account
from simulator.telephony.ivr import Prompt
from simulator.vendors.callo.fields import Fields

_AUDIO = re.compile(r"""<audio\s+id\s*=\s*["']?([0-9]{1,12})["']?\s*/?>""", re.IGNORECASE)


def read_opening(fields: Fields, account: Account, text: str) -> Prompt | None:
    """Return the prompt of a form's `text`, None without one; a clip the account lacks is a mistake."""
    for ref in missing_clips(account, text):
        fields.refuse_as("clip_in_text_unknown", audioclip_id=ref)
    return mix_prompt(account, text) if text else None


def missing_clips(account: Account, text: str) -> list[str]:
    """Return the ids of clips that a text names and the account does not have."""
    return [ref for ref in _AUDIO.findall(text) if int(ref) not in account.clips]


def mix_prompt(account: Account, text: str) -> Prompt:
    """Return a prompt of the words in `text` and the clips it names; those that do not exist are silent."""
    if "<" not in text:
        return Prompt(text)
    clips = [clip for ref in _AUDIO.findall(text) if (clip := account.clips.get(int(ref)))]
    words = _AUDIO.sub("", text).strip()
    if not clips:
        return Prompt(words)
    return Prompt(words, clips[0].ref, sum((clip.length for clip in clips), timedelta(0)))
