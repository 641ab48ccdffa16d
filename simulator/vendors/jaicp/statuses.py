"""What JAICP says of a campaign, of a job and of an attempt, in the words of either edition."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.telephony.calls import Attempt, Call, CallResult
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.outcomes import Disposition
from simulator.vendors.jaicp.settings import FORMER, JaicpSettings

STATES: Mapping[CampaignState, str] = {
    CampaignState.PLANNED: "planned",
    CampaignState.ACTIVE: "inProgress",
    CampaignState.PAUSED: "paused",
    CampaignState.FINISHED: "finished",
    CampaignState.ARCHIVED: "deleted",
}
"""The words of `status`; one that is planned and has no numbers yet is `new` (inferred)."""

STATES_IN_CAPITALS: Mapping[CampaignState, str] = {
    state: "IN_PROGRESS" if word == "inProgress" else word.upper() for state, word in STATES.items()
}
"""The same in the refusal of new numbers (observed)."""

PLANNED, IN_PROCESS, ON_RETRY = "planned", "inProcess", "onRetry"
WITH_RESULT, WITHOUT_RESULT = "longCallWithResult", "longCallWithNoResult"
WITH_RESULT_IN_CYRILLIC = "long\u0421allWithResult"
"""The 1.10.3 page's own spelling: the fifth letter is U+0421, the Cyrillic Es."""

NO_ANSWER, NOT_DONE, NONEXISTENT = "noAnswer", "notDone", "nonexistentNumber"
FAILED = "technicalError"


def status_of(call: Call, edition: str) -> str:
    """Return the status of a job as of now; a running attempt is in process whatever was asked meanwhile."""
    if call.active is not None:
        return IN_PROCESS
    if call.ending is None:
        return ON_RETRY if call.attempts else PLANNED
    if call.ending is CallResult.REMOVED and not _talked_on(call):
        return "canceled" if edition == FORMER else "cancelledByUser"
    if (talk := answered_attempt(call)) is not None:
        return _status_of_talk(talk)
    if call.ending is CallResult.REFUSED and call.attempts:
        return _status_of_refusal(call.attempts[-1], edition)
    return _status_unreached(call)


def _status_unreached(call: Call) -> str:
    if not call.attempts:
        return NOT_DONE
    stopped = call.ending is CallResult.STOPPED
    return JaicpSettings.of(call.account).stopped_status if stopped else NO_ANSWER


def status_of_attempt(attempt: Attempt, call: Call, edition: str) -> str:
    """Return the status of one attempt: what it was for the job while it was the last one."""
    if not attempt.closed:
        return IN_PROCESS
    if attempt.disposition is Disposition.ANSWERED:
        return _status_of_talk(attempt)
    last = attempt is call.attempt and call.ending is not None
    if last and call.ending is CallResult.REFUSED:
        return _status_of_refusal(attempt, edition)
    return NO_ANSWER if last else ON_RETRY


def answered_attempt(call: Call) -> Attempt | None:
    """Return the last attempt that reached the callee and is over, or None."""
    reached = (
        attempt
        for attempt in reversed(call.attempts)
        if attempt.closed and attempt.disposition is Disposition.ANSWERED
    )
    return next(reached, None)


def _talked_on(call: Call) -> bool:
    """Tell whether the callee was reached by an attempt that outlived the job's end: it counts (observed)."""
    talk = answered_attempt(call)
    return talk is not None and call.ended is not None and talk.ended > call.ended


def _status_of_talk(attempt: Attempt) -> str:
    talk = attempt.conversation
    if talk is None or talk.conclusion is None:
        return WITHOUT_RESULT
    spelt = attempt.call is not None and JaicpSettings.of(attempt.call.account).cyrillic_status
    return WITH_RESULT_IN_CYRILLIC if spelt else WITH_RESULT


def _status_of_refusal(attempt: Attempt, edition: str) -> str:
    """Return what is said of a number that is not dialed again; only one edition has a word for the rest."""
    if attempt.disposition is Disposition.INVALID:
        return NONEXISTENT
    return NO_ANSWER if edition == FORMER else FAILED
