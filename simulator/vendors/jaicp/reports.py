"""Reports on jobs and attempts, as objects of JAICP's answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.telephony.calls import Attempt, Call
from simulator.telephony.phone_numbers import digits_of
from simulator.vendors.jaicp.campaigns import milliseconds
from simulator.vendors.jaicp.settings import CURRENT
from simulator.vendors.jaicp.statuses import answered_attempt, status_of, status_of_attempt

Json = dict[str, Any]

SECOND = timedelta(seconds=1)


def render_job(call: Call, edition: str) -> Json:
    """Return the report on a job: eleven keys always (observed), two more once there is something to tell.

    Times are numbers, although the vendor declares them date-time (see the contract's drift).
    """
    talk, last = answered_attempt(call), call.attempt
    report: Json = {
        "callJobId": call.ref,
        "phone": digits_of(call.callee),
        "createdAt": milliseconds(call.created),
        "finishedAt": milliseconds(call.over),
        "attemptsCount": len(call.attempts),
        "jobStatus": status_of(call, edition),
        "callDuration": sum(attempt.talk // SECOND for attempt in call.attempts if attempt.closed),
        "redialNumber": call.repeats or None,
        "reportData": _notes(talk),
        **_tag(talk),
    }
    if last is not None:
        report["startedAt"] = milliseconds(last.started)
    if talk is not None and talk.conversation is not None and talk.conversation.conclusion is not None:
        report["callResult"] = talk.conversation.conclusion
    return report


def render_attempt(attempt: Attempt) -> Json:
    """Return the report on an attempt."""
    call = attempt.call
    assert call is not None  # noqa: S101 - the dialer made it for one
    talk = attempt.conversation if attempt.closed else None
    return {
        "callJobId": call.ref,
        "phone": digits_of(call.callee),
        "attemptNumber": attempt.number,
        "redialNumber": call.repeats or None,
        "jobStatus": status_of_attempt(attempt, call, CURRENT),
        "callResult": talk.conclusion if talk else None,
        "callDuration": attempt.talk // SECOND if attempt.closed else 0,
        "startedAt": milliseconds(attempt.started),
        "finishedAt": milliseconds(attempt.ended) if attempt.closed else None,
        **_tag(attempt if attempt.closed else None),
        "reportData": _notes(attempt if attempt.closed else None),
    }


def _notes(attempt: Attempt | None) -> Json | None:
    """Return what the script wrote down, by header."""
    talk = attempt.conversation if attempt else None
    return dict(talk.notes) or None if talk else None


def _tag(attempt: Attempt | None) -> Json:
    """Return the tag of the branch that the script took last, with its payload."""
    talk = attempt.conversation if attempt else None
    choice = talk.chosen.choice if talk and talk.chosen else None
    return {
        "tagName": (choice.action or None) if choice else None,
        "tagPayload": (dict(choice.detail) or None) if choice else None,
    }
