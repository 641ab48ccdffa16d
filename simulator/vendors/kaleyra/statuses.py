"""How Kaleyra names what happened to each leg and to a call as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.telephony.calls import Attempt, Call, Leg
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.outcomes import Disposition

ANSWER, CANCEL, IVR_ANSWER = "ANSWER", "CANCEL", "IVR-ANSWER"
SENT, COMPLETED = "SENT", "COMPLETED"
IVR = "ivr"
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

TOLD_BY_LEG = frozenset({"NOANSWER", "FAILED", "BUSY"})
"""What a consolidated status says with _LEG1 or _LEG2 behind it (documented; BUSY observed)."""

OBD_STATUSES: Mapping[str, str] = {ANSWER: COMPLETED, "DND": "DNDNUMB", CANCEL: "NOANSWER"}
"""Where an OBD call says otherwise than a leg does (SENT and COMPLETED documented, the rest observed)."""


def status_of_leg(leg: Leg | LiveCall) -> str:
    """Return the word for one leg that is over."""
    return LEG_STATUSES.get(leg.disposition or Disposition.FAILED, "FAILED")


def statuses_of(call: AnyCall) -> tuple[str | None, str | None]:
    """Return the words for both legs; None while they are not known, nothing for a leg never rung."""
    if isinstance(call, LiveCall):
        if call.ended is None:
            return None, None
        return status_of_leg(call), status_of_leg(call.joined) if call.joined else ""
    attempt = call.settled
    if attempt is None or call.ending is None:
        return None, None
    first, *others = attempt.legs
    if IVR in call.order.tags:
        return status_of_leg(first), status_of_leg(first)
    if others:
        return status_of_leg(first), status_of_leg(others[0])
    return status_of_leg(first), CANCEL if status_of_leg(first) == ANSWER else ""


def consolidated(call: Call) -> str:
    """Return one word for the whole of a call with two legs, nothing before its end (rule inferred)."""
    first, second = statuses_of(call)
    if first is None:
        return "" if call.ending is None else "FAILED"
    if first != ANSWER:
        return f"{first}_LEG1" if first in TOLD_BY_LEG else first
    if IVR in call.order.tags:
        return IVR_ANSWER
    return f"{second}_LEG2" if second in TOLD_BY_LEG else (second or CANCEL)


def obd_status(call: Call) -> str:
    """Return the word for an OBD call: SENT until it is over."""
    if call.ending is None:
        return SENT
    attempt = call.settled
    status = status_of_leg(attempt.legs[0]) if attempt else "FAILED"
    return OBD_STATUSES.get(status, status)


def seconds_of(attempt: Attempt | None) -> tuple[int, int]:
    """Return how long each leg talked, in whole seconds."""
    if attempt is None or not attempt.closed:
        return 0, 0
    second = attempt.joined
    talk = second.ended - second.answered if second and second.answered else None
    return round(attempt.talk.total_seconds()), round(talk.total_seconds()) if talk else 0
