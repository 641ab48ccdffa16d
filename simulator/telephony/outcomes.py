"""How attempts end, in the network's words, and spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

NORMAL_UNSPECIFIED = 31


class Disposition(StrEnum):
    """How an attempt ended, in the network's words."""

    meaning: str
    """What that is, in a sentence."""

    cause: int
    """Its hangup cause (Q.850); what is not listed ends with 31, normal and unspecified."""

    def __new__(cls, word: str, meaning: str = "", cause: int = NORMAL_UNSPECIFIED) -> Self:
        """Return the word, with what is known of it."""
        member = str.__new__(cls, word)
        member._value_, member.meaning, member.cause = word, meaning, cause
        return member

    ANSWERED = "answered", "Somebody picked up.", 16
    VOICEMAIL = "voicemail", "A machine picked up.", 16
    TOO_SHORT = "too_short", "Somebody picked up and hung up at once.", 16
    NO_ANSWER = "no_answer", "It rang, and nobody picked up.", 19
    BUSY = "busy", "The line was engaged.", 17
    REJECTED = "rejected", "The callee pressed the call away.", 21
    CANCELLED = "cancelled", "The caller gave up while it rang.", 16
    CONGESTION = "congestion", "The network had no line free; a message expires.", 34
    INVALID = "invalid", "There is no such number; a message fails.", 1
    FAILED = "failed", "The network failed.", 41
    STOP_LISTED = "stop_listed", "The number is on the account's stop list.", 21
    GLOBAL_STOP_LISTED = "global_stop_listed", "The number is on a list that holds for every caller.", 21
    BLOCKED_DESTINATION = "blocked_destination", "The account may not call there.", 55
    NO_ROUTE = "no_route", "No way leads to the number.", 3
    NO_PROVIDER = "no_provider", "No carrier takes calls to there.", 3
    NO_CALLER_ID = "no_caller_id", "The account has no number to call from."
    SAME_AS_CALLER_ID = "same_as_caller_id", "The number is the one that is called from."
    NO_FUNDS = "no_funds", "There was no money for the call."
    SYNTHESIS_FAILED = "synthesis_failed", "The text could not be turned into speech."
    CLIP_TOO_SHORT = "clip_too_short", "The recording to be played was too short."
    MENU_FAILED = "menu_failed", "The menu could not be played."
    EXPIRED = "expired", "The call waited too long for its end."
    REMOVED = "removed", "The client took the call back."
    DUPLICATE = "duplicate", "The same call had been asked for already."


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


@dataclass(frozen=True, slots=True)
class Span:  # no struct, as scenario.values says
    """A length of time between two bounds, both reachable."""

    low: timedelta
    high: timedelta


def seconds(low: float, high: float | None = None) -> Span:
    """Return a span given in seconds; one bound means exactly that long."""
    return Span(timedelta(seconds=low), timedelta(seconds=low if high is None else high))
