"""How Kaleyra names what happened to each leg and to a call as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.telephony.calls import Attempt, Call, Leg
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.outcomes import Disposition

ANSWER, CANCEL, FAILED, IVR_ANSWER = "ANSWER", "CANCEL", "FAILED", "IVR-ANSWER"
SENT, COMPLETED = "SENT", "COMPLETED"
OFF_HOUR, MAX_USE = "OFF-HOUR", "MAX-USE"
"""Words for a whole call that nobody was dialed for (the first observed, both in the vendor's article)."""

TURNED_AWAY = "turned_away"
"""The tag of such a call, with the word."""

IVR_TAG = "ivr"
"""The tag of a call whose second leg is an IVR of the account."""

LEG_STATUSES: Mapping[Disposition, str] = {
    Disposition.ANSWERED: ANSWER,
    Disposition.VOICEMAIL: ANSWER,
    Disposition.TOO_SHORT: ANSWER,
    Disposition.NO_ANSWER: "NOANSWER",
    Disposition.BUSY: "BUSY",
    Disposition.REJECTED: "BUSY",
    Disposition.CANCELLED: CANCEL,
    Disposition.CONGESTION: "CONGESTION",
    Disposition.STOP_LISTED: "BLOCKED",
    Disposition.GLOBAL_STOP_LISTED: "DND",
}
"""The words are documented, which outcome gets which is inferred; any other outcome is FAILED."""

BY_LEG = frozenset({"NOANSWER_LEG1", "FAILED_LEG1", "NOANSWER_LEG2", "FAILED_LEG2", "BUSY_LEG2"})
"""The consolidated words that name a leg (documented; BUSY_LEG2 observed, nobody has seen BUSY_LEG1)."""

PLAIN = frozenset({ANSWER, "BUSY", CANCEL, FAILED, "CONGESTION", "NOANSWER"})
"""The six words of the table of dial.c2cstatus."""

OBD_STATUSES: Mapping[str, str] = {ANSWER: COMPLETED, "DND": "DNDNUMB", CANCEL: "NOANSWER"}
"""Where an OBD call says otherwise than a leg does (SENT and COMPLETED documented, the rest observed)."""


def status_of_leg(leg: Leg | LiveCall) -> str:
    """Return the word for one leg that is over."""
    return LEG_STATUSES.get(leg.disposition or Disposition.FAILED, FAILED)


def statuses_of(call: AnyCall) -> tuple[str, str] | None:
    """Return the words for both legs, or None before the end.

    A second leg that was never dialed is CANCEL, for the table has no other word for it (inferred).
    """
    if isinstance(call, LiveCall):
        return (status_of_leg(call), status_of_leg(call.joined or call)) if call.ended else None
    if call.ending is None:
        return None
    if call.settled is None:
        return FAILED, CANCEL
    first, *others = call.settled.legs
    if IVR_TAG in call.order.tags and status_of_leg(first) == ANSWER:
        return ANSWER, ANSWER
    return status_of_leg(first), status_of_leg(others[0]) if others else CANCEL


def consolidated(call: AnyCall) -> str:
    """Return one word for the whole of a call that is over, of which both legs are told (rule inferred)."""
    first, second = statuses_of(call) or ("", "")
    if isinstance(call, LiveCall):
        return second
    if TURNED_AWAY in call.order.tags:
        return call.order.tags[TURNED_AWAY]
    leg, word = (2, second) if first == ANSWER else (1, first)
    return f"{word}_LEG{leg}" if f"{word}_LEG{leg}" in BY_LEG else word


def reported(call: AnyCall) -> str:
    """Return the consolidated word as reports have it: IVR-ANSWER where an IVR was answered (observed)."""
    word = consolidated(call)
    return IVR_ANSWER if word == ANSWER and isinstance(call, Call) and IVR_TAG in call.order.tags else word


def is_connected(call: AnyCall) -> bool:
    """Return whether the two sides of a call talked with each other: only then is it recorded (inferred)."""
    if isinstance(call, LiveCall):
        return call.joined is not None and bool(call.joined.talk)
    return call.settled is not None and call.connects(call.settled)


def obd_status(call: Call) -> str:
    """Return the word for an OBD call: SENT until it is over."""
    if call.ending is None:
        return SENT
    attempt = call.settled
    status = status_of_leg(attempt.legs[0]) if attempt else FAILED
    return OBD_STATUSES.get(status, status)


def seconds_of(attempt: Attempt | None) -> tuple[int, int]:
    """Return how long each leg talked, in whole seconds."""
    if attempt is None or not attempt.closed:
        return 0, 0
    second = attempt.joined
    talk = second.ended - second.answered if second and second.answered else None
    return round(attempt.talk.total_seconds()), round(talk.total_seconds()) if talk else 0
