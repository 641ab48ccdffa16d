"""How attempts end, in the network's words, and spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Disposition(StrEnum):
    """How an attempt ended, in the network's words."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    TOO_SHORT = "too_short"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CONGESTION = "congestion"
    INVALID = "invalid"
    FAILED = "failed"
    STOP_LISTED = "stop_listed"
    GLOBAL_STOP_LISTED = "global_stop_listed"
    BLOCKED_DESTINATION = "blocked_destination"
    NO_ROUTE = "no_route"
    NO_PROVIDER = "no_provider"
    NO_CALLER_ID = "no_caller_id"
    SAME_AS_CALLER_ID = "same_as_caller_id"
    NO_FUNDS = "no_funds"
    SYNTHESIS_FAILED = "synthesis_failed"
    CLIP_TOO_SHORT = "clip_too_short"
    MENU_FAILED = "menu_failed"
    EXPIRED = "expired"
    REMOVED = "removed"
    DUPLICATE = "duplicate"


PICKED_UP = frozenset({Disposition.ANSWERED, Disposition.VOICEMAIL, Disposition.TOO_SHORT})
"""The line was opened, so talk is billed."""

RINGS = PICKED_UP | {Disposition.NO_ANSWER, Disposition.REJECTED, Disposition.CANCELLED}
"""The phone rang; everything else is refused before that."""

FINAL = frozenset(
    {
        Disposition.ANSWERED,
        Disposition.STOP_LISTED,
        Disposition.GLOBAL_STOP_LISTED,
        Disposition.BLOCKED_DESTINATION,
        Disposition.NO_PROVIDER,
        Disposition.SAME_AS_CALLER_ID,
        Disposition.SYNTHESIS_FAILED,
        Disposition.CLIP_TOO_SHORT,
        Disposition.EXPIRED,
        Disposition.REMOVED,
        Disposition.DUPLICATE,
    }
)
"""No further attempt would end otherwise, so none is made."""

NORMAL_UNSPECIFIED = 31

HANGUP_CAUSES: Mapping[Disposition, int] = {
    Disposition.ANSWERED: 16,
    Disposition.VOICEMAIL: 16,
    Disposition.TOO_SHORT: 16,
    Disposition.NO_ANSWER: 19,
    Disposition.BUSY: 17,
    Disposition.REJECTED: 21,
    Disposition.CANCELLED: 16,
    Disposition.CONGESTION: 34,
    Disposition.INVALID: 1,
    Disposition.FAILED: 41,
    Disposition.STOP_LISTED: 21,
    Disposition.GLOBAL_STOP_LISTED: 21,
    Disposition.BLOCKED_DESTINATION: 55,
    Disposition.NO_ROUTE: 3,
    Disposition.NO_PROVIDER: 3,
}
"""Q.850 hangup causes; what is not listed ends with 31, normal and unspecified."""


@dataclass(frozen=True, slots=True)
class Span:  # no struct, as scenario.values says
    """A length of time between two bounds, both reachable."""

    low: timedelta
    high: timedelta


def seconds(low: float, high: float | None = None) -> Span:
    """Return a span given in seconds; one bound means exactly that long."""
    return Span(timedelta(seconds=low), timedelta(seconds=low if high is None else high))
