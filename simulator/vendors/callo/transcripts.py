"""Who said what and when in a call: channel 0 is the campaign, channel 1 the callee (the vendor's sample)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.formats.speech import spoken_reply
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.ivr import Conversation, Prompt
from simulator.telephony.outcomes import Disposition
from simulator.vendors.callo.media import recording_of
from simulator.vendors.callo.statuses import is_button, script_of

CAMPAIGN, CALLEE = 0, 1
NOTHING = timedelta(0)
PAUSE = timedelta(seconds=0.5)
REPLY = timedelta(seconds=2)
WORD = timedelta(seconds=0.6)

Phrase = dict[str, Any]


def render_transcript(call: Call) -> list[Phrase] | None:
    """Return the phrases of a call's recording in the order they began; None while there is none."""
    recording = recording_of(call)
    if recording is None or recording.attempt.conversation is None:
        return None
    phrases = [*_told(call, recording.attempt.conversation), *_answered(call, recording.attempt)]
    length = recording.attempt.talk
    heard = [
        _phrase(text, channel, start, min(end, length))
        for text, channel, start, end in phrases
        if start < length
    ]
    return sorted(heard, key=lambda phrase: phrase["start_time"])


def reply_of(call: Call, attempt: Attempt) -> str:
    """Return what the callee said in an attempt: as their persona does, else something keyed by the call."""
    if attempt.disposition is not Disposition.ANSWERED or attempt.conversation is None:
        return ""
    said = attempt.conversation.says
    return said or spoken_reply(f"{call.ref}.{attempt.number}", call.account.language)


_Spoken = tuple[str, int, timedelta, timedelta]


def _told(call: Call, talk: Conversation) -> list[_Spoken]:
    """Return what the campaign says: its opening, its first menu, and what follows each press."""
    script = script_of(call)
    start = script.opening.length
    phrases = [(script.opening.text, CAMPAIGN, NOTHING, start)]
    if script.menu is not None and script.menu.prompt.text:
        phrases.append(_spoken(script.menu.prompt, start))
    phrases += [
        _spoken(press.choice.follow.prompt, press.after)
        for press in talk.presses
        if press.choice is not None and press.choice.follow is not None
    ]
    return [phrase for phrase in phrases if phrase[0]]


def _spoken(prompt: Prompt, start: timedelta) -> _Spoken:
    return (prompt.text, CAMPAIGN, start, start + prompt.length)


def _answered(call: Call, attempt: Attempt) -> list[_Spoken]:
    """Return what the callee says: a reply to the opening, and the words that chose a branch."""
    presses = attempt.conversation.presses if attempt.conversation else ()
    words = [
        (press.key, CALLEE, max(press.after - WORD, NOTHING), press.after)
        for press in presses
        if not is_button(press.key) and script_of(call).code is None
    ]
    reply = reply_of(call, attempt)
    start = max(min(script_of(call).opening.length + PAUSE, attempt.talk - REPLY), NOTHING)
    if not reply or any(word[0] == reply for word in words):
        return words
    return [(reply, CALLEE, start, start + REPLY), *words]


def _phrase(text: str, channel: int, start: timedelta, end: timedelta) -> Phrase:
    return {
        "normal_text": text,
        "channel": channel,
        "start_time": round(start.total_seconds(), 2),
        "end_time": round(end.total_seconds(), 2),
    }
