"""Who said what and when in a call: channel 0 is the campaign, channel 1 the callee (the vendor's sample)."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

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


class Line(NamedTuple):
    """What one side says, from when to when."""

    text: str
    channel: int
    start: timedelta
    end: timedelta


def render_transcript(recording: Recording) -> list[Phrase] | None:
    """Return the phrases of a recording in the order they began; None where nobody spoke to anybody."""
    call, attempt = recording.call, recording.attempt
    if attempt.conversation is None:
        return None
    script, length = script_of(call), attempt.talk
    lines = _campaign_lines(script, attempt.conversation) + _callee_lines(call, attempt, attempt.conversation)
    phrases = [_phrase(line, length) for line in lines if line.text and line.start < length]
    phrases.sort(key=itemgetter("start_time"))
    return phrases


def reply_of(call: Call, attempt: Attempt) -> str:
    """Return what the callee said in an attempt: as their persona does, else something keyed by the call."""
    if attempt.disposition is not Disposition.ANSWERED or attempt.conversation is None:
        return ""
    return attempt.conversation.says or spoken_reply(f"{call.ref}.{attempt.number}", call.account.language)


def _campaign_lines(script: Script, talk: Conversation) -> list[Line]:
    """Return what the campaign says: its opening, its first menu, and what follows each press."""
    lines = [_spoken(script.opening, NOTHING)]
    if script.menu is not None and script.menu.prompt.text:
        lines.append(_spoken(script.menu.prompt, script.opening.length))
    lines += [
        _spoken(press.choice.follow.prompt, press.after)
        for press in talk.presses
        if press.choice is not None and press.choice.follow is not None
    ]
    return lines


def _spoken(prompt: Prompt, start: timedelta) -> Line:
    return Line(prompt.text, CAMPAIGN, start, start + prompt.length)


def _callee_lines(call: Call, attempt: Attempt, talk: Conversation) -> list[Line]:
    """Return what the callee says: a reply to the opening, and the words that chose a branch."""
    opening = script_of(call).opening.length
    words = [
        Line(press.key, CALLEE, max(press.after - WORD, NOTHING), press.after)
        for press in talk.presses
        if not is_button(press.key) and script_of(call).code is None
    ]
    reply = reply_of(call, attempt)
    if reply in [word.text for word in words]:
        return words
    start = max(min(opening + PAUSE, talk.length - REPLY), NOTHING)
    return [Line(reply, CALLEE, start, start + REPLY), *words]


def _phrase(line: Line, length: timedelta) -> Phrase:
    return {
        "normal_text": line.text,
        "channel": line.channel,
        "start_time": _seconds(line.start),
        "end_time": _seconds(min(line.end, length)),
    }


@lru_cache(maxsize=1_000)  # the same openings and replies come again and again
def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 2)
