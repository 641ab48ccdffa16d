"""Who said what and when in a call: channel 0 is the campaign, channel 1 the callee (the vendor's sample)."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from simulator.formats.speech import spoken_reply
from simulator.telephony.attempt_planner import script_of
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.ivr import Conversation, Prompt, Script
from simulator.telephony.outcomes import Disposition
from simulator.vendors.callo.media import Recording
from simulator.vendors.callo.statuses import is_button

CAMPAIGN, CALLEE = 0, 1
NOTHING = timedelta(0)
PAUSE = timedelta(seconds=0.5)
REPLY = timedelta(seconds=2)
WORD = timedelta(seconds=0.6)

Phrase = dict[str, Any]


def render_transcript(recording: Recording) -> list[Phrase] | None:
    """Return the phrases of a recording in the order they began; None where nobody spoke to anybody."""
    call, attempt = recording.call, recording.attempt
    if attempt.conversation is None:
        return None
    script, length = script_of(call), attempt.talk
    lines = _campaign_lines(script, attempt.conversation) + _callee_lines(call, attempt, attempt.conversation)
    phrases = [
        _phrase(text, channel, start, min(end, length))
        for text, channel, start, end in lines
        if text and start < length
    ]
    phrases.sort(key=itemgetter("start_time"))
    return phrases


def reply_of(call: Call, attempt: Attempt) -> str:
    """Return what the callee said in an attempt: as their persona does, else something keyed by the call."""
    if attempt.disposition is not Disposition.ANSWERED or attempt.conversation is None:
        return ""
    return attempt.conversation.says or spoken_reply(f"{call.ref}.{attempt.number}", call.account.language)


_Spoken = tuple[str, int, timedelta, timedelta]


def _campaign_lines(script: Script, talk: Conversation) -> list[_Spoken]:
    """Return what the campaign says: its opening, its first menu, and what follows each press."""
    opening = script.opening.length
    phrases = [(script.opening.text, CAMPAIGN, NOTHING, opening)]
    if script.menu is not None and script.menu.prompt.text:
        phrases.append(_spoken(script.menu.prompt, opening))
    phrases += [
        _spoken(press.choice.follow.prompt, press.after)
        for press in talk.presses
        if press.choice is not None and press.choice.follow is not None
    ]
    return phrases


def _spoken(prompt: Prompt, start: timedelta) -> _Spoken:
    return (prompt.text, CAMPAIGN, start, start + prompt.length)


def _callee_lines(call: Call, attempt: Attempt, talk: Conversation) -> list[_Spoken]:
    """Return what the callee says: a reply to the opening, and the words that chose a branch."""
    opening = script_of(call).opening.length
    words = [
        (press.key, CALLEE, max(press.after - WORD, NOTHING), press.after)
        for press in talk.presses
        if not is_button(press.key) and script_of(call).code is None
    ]
    reply = reply_of(call, attempt)
    if reply in [word[0] for word in words]:
        return words
    start = max(min(opening + PAUSE, talk.length - REPLY), NOTHING)
    return [(reply, CALLEE, start, start + REPLY), *words]


def _phrase(text: str, channel: int, start: timedelta, end: timedelta) -> Phrase:
    return {
        "normal_text": text,
        "channel": channel,
        "start_time": _seconds(start),
        "end_time": _seconds(end),
    }


@lru_cache(maxsize=1_000)  # the same openings and replies come again and again
def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 2)
