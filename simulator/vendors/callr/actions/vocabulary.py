"""What scripts may say: actions, their versions, events and parameters, and which of these mean something.

The API takes other parameters with a remark, as nobody documents them; in a file that is ours they are
misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from simulator.errors import guess

INBOUND_CALL, INBOUND_SMS, API_INITIATED, HANGUP = "inbound-call", "inbound-sms", "api-initiated", "hangup"
SPEECH = ("language", "voice")


class ActionWords(Struct, frozen=True, kw_only=True):
    """What the vendor's guides show of an action.

    `parameters` are those that guides show or runs read, None where nobody shows any, nor what comes out: a
    run tells that it passed such an action over. Of `needed` one has to be there (observed but for `text`,
    which is inferred for older versions). `versions` are those that are printed (observed), and `events` what
    it tells of later: `ready` is observed, the others are inferred.
    """

    parameters: tuple[str, ...] | None = None
    needed: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    events: tuple[str, ...] = ()


_DIAL = ActionWords(
    parameters=("targets", "to", "number", "timeout", "from", "callerId", "answerOnBranch"),
    versions=(1,),
    events=("answered", "ended"),
)

ACTIONS: Mapping[str, ActionWords] = {
    "log": ActionWords(parameters=("message",), needed=("message",), versions=(1,)),
    "say": ActionWords(parameters=("what", "text", *SPEECH), needed=("what", "text"), versions=(2,)),
    "play": ActionWords(parameters=("sid", "audio", "file", "url", "what")),
    "ringing": ActionWords(parameters=("duration",), versions=(1,)),
    "answer": ActionWords(parameters=(), versions=(1,)),
    "hangup": ActionWords(parameters=(), versions=(1,)),
    "dial": _DIAL,
    "bridge": _DIAL,
    "gather": ActionWords(parameters=("prompt", "maxDigits", "timeout", *SPEECH), versions=(2,)),
    "record": ActionWords(parameters=("maxDuration", "transcription"), events=("ready",)),
    "startRecording": ActionWords(parameters=("transcription",), versions=(1,), events=("ready",)),
    "sms": ActionWords(parameters=("to", "from", "body", "encoding", "trafficType"), needed=("to",)),
    "fetch": ActionWords(
        parameters=("url", "method", "headers", "body", "timeout"), needed=("url",), versions=(1, 2)
    ),
    "javascript": ActionWords(parameters=("code",), needed=("code",), versions=(1,)),
    "memcache": ActionWords(),
    "voicebot": ActionWords(),
}
"""The actions that the vendor's guides show; any other name is refused."""

INSIDE: Mapping[str, tuple[str, ...]] = {
    "targets": ("number", "timeout"),
    "transcription": ("language",),
    "prompt": ("what", "text", *SPEECH),
}
"""The words in a parameter that is a map, or a list of maps."""

DEFAULTS = ("autoAnswer", *SPEECH)
"""What holds for a whole script."""

_PARTIES = tuple(
    f"{side}{what}" for side in ("from", "to") for what in ("Number", "Type", "Country", "Location")
)
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "run": ("id", "type"),
    "scenario": ("sid", "name"),
    "call": ("id", *_PARTIES, "cdr"),
    "sms": (
        *("sid", "direction", *_PARTIES, "status", "encoding", "bodyText", "parts", "billingDebit"),
        *("billingPaymentType", "network", "deliveredAt", "createdAt", "updatedAt", "sentAt"),
    ),
}
"""What the vendor's own variables have (observed)."""

_MEMBER = re.compile(rf"(?<![\w.$'\"])({'|'.join(MEMBERS)})\??\.([A-Za-z]\w*)", re.ASCII)
_USED = re.compile(r"\$([a-zA-Z][a-zA-Z0-9_]*)", re.ASCII)


def words_of(action: str) -> ActionWords:
    """Return what is known of an action, which is nothing of one that no guide shows."""
    return ACTIONS.get(action, ActionWords())


def unknown_parameters(action: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each name that means nothing: the way to its map (`.targets[0]`), itself, and what is known."""
    if (known := words_of(action).parameters) is None:
        return
    yield from (("", name, known) for name in params if name not in known)
    for outer, inner in INSIDE.items():
        value = params.get(outer)
        entries = enumerate(value) if isinstance(value, list) else [(None, value)]
        for nth, entry in entries:
            if isinstance(entry, dict):
                way = f".{outer}" if nth is None else f".{outer}[{nth}]"
                yield from ((way, name, inner) for name in entry if name not in inner)


def variables_in(source: str) -> list[str]:
    """Return the `$variables` that an expression names."""
    return [f"${name}" for name in _USED.findall(source)]


def unknown_members(source: str) -> Iterator[str]:
    """Yield what an expression asks of the vendor's own variables that they do not have, and what they do."""
    for name, member in dict.fromkeys(_MEMBER.findall(source)):
        if member not in MEMBERS[name] and not re.search(rf"\b{name}\s*=", source):
            yield f"{name} has no {member!r}; {guess(member, MEMBERS[name])}"
