"""What scripts may say: actions, their versions, events and parameters, and which of these mean something.

The API takes other parameters without a word, as nobody documents them; in a file that is ours they are
misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

INBOUND_CALL, INBOUND_SMS, API_INITIATED, HANGUP = "inbound-call", "inbound-sms", "api-initiated", "hangup"
ACTIONS = (
    "log", "say", "play", "ringing", "answer", "hangup", "dial", "bridge", "gather", "record",
    "startRecording", "sms", "fetch", "javascript", "memcache", "voicebot",
)  # fmt: skip
"""The actions that the vendor's guides show; any other name is refused."""

UNSIMULATED = ("memcache", "voicebot")
"""Those of which nobody shows what they take and return; a run tells that it passed them over."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "startRecording": ("ready",),
    "record": ("ready",),
    "dial": ("answered", "ended"),
    "bridge": ("answered", "ended"),
}
"""What actions tell of later: `ready` is observed, the others are inferred."""

VERSIONS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(
        ("log", "ringing", "answer", "hangup", "dial", "bridge", "startRecording", "javascript"), (1,)
    ),
    **dict.fromkeys(("say", "gather"), (2,)),
    "fetch": (1, 2),
}
"""Versions of actions in the vendor's guides (observed); of the others none is printed."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "log": ("message",),
    "say": ("what", "text"),
    "fetch": ("url",),
    "javascript": ("code",),
    "sms": ("to",),
}
"""Of these parameters one has to be there; observed but for `text`, which is inferred for older versions."""

SPEECH = ("language", "voice")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "log": ("message",),
    "say": ("what", "text", *SPEECH),
    "play": ("sid", "audio", "file", "url", "what"),
    "ringing": ("duration",),
    "answer": (),
    "hangup": (),
    "dial": ("targets", "to", "number", "timeout", "from", "callerId", "answerOnBranch"),
    "bridge": ("targets", "to", "number", "timeout", "from", "callerId", "answerOnBranch"),
    "gather": ("prompt", "maxDigits", "timeout", *SPEECH),
    "record": ("maxDuration", "transcription"),
    "startRecording": ("transcription",),
    "sms": ("to", "from", "body", "encoding", "trafficType"),
    "fetch": ("url", "method", "headers", "body", "timeout"),
    "javascript": ("code",),
}
"""Those that guides show or runs read; of other actions nobody knows any."""

INSIDE: Mapping[str, tuple[str, ...]] = {
    "targets": ("number", "timeout"),
    "transcription": ("language",),
    "prompt": ("what", "text", *SPEECH),
}
"""The words in a parameter that is a map, or a list of maps."""

DEFAULTS = ("autoAnswer", *SPEECH)
"""What holds for a whole script."""

_USED = re.compile(r"\$([a-zA-Z][a-zA-Z0-9_]*)", re.ASCII)


def unknown_parameters(action: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each name that means nothing: the way to its map (`.targets[0]`), itself, and what is known."""
    known = PARAMETERS.get(action)
    if known is None:
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
