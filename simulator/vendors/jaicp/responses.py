"""Campaigns, jobs and attempts as objects of JAICP's answers: JSON without an envelope, or nothing at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from simulator.exchange import Answer, Headers
from simulator.formats.json_text import write_compact_json
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Ref, Slot
from simulator.telephony.phone_numbers import digits_of
from simulator.vendors.jaicp.settings import CURRENT, JaicpSettings
from simulator.vendors.jaicp.statuses import STATES, answered_attempt, status_of, status_of_attempt

Json = dict[str, Any]

SECOND = timedelta(seconds=1)
TALKED: Slot[dict[Ref, tuple[int, int]]] = Slot("talked", dict)
"""Of each campaign, how many finished attempts are summed up, and their seconds."""

DONE = Answer(200)
"""What `control` answers: no body, and so no type (from the vendor's interface description)."""


def answer_json(value: object, status: int = 200, extra: Headers = ()) -> Answer:
    """Return a JSON answer."""
    return Answer(status, write_compact_json(value), (("Content-Type", "application/json"), *extra))


def render_status(campaign: Campaign) -> str:
    """Return the word for a campaign's state."""
    if campaign.state is CampaignState.PLANNED and not campaign.calls:
        return "new"
    if campaign.state is CampaignState.ACTIVE and JaicpSettings.of(campaign.account).in_process_status:
        return "inProcess"
    return STATES[campaign.state]


def render_campaign(campaign: Campaign) -> Json:
    """Return a campaign's facts and how far it has come; names of project and bot are made up."""
    account = campaign.account
    owner = "Project" if account.name == account.credential else account.name
    begun = campaign.started or (campaign.created if campaign.state is not CampaignState.PLANNED else None)
    return {
        "id": campaign.ref,
        "name": campaign.name,
        "projectName": owner,
        "creationDate": milliseconds(campaign.created),
        "botId": f"{campaign.ref}-bot",
        "status": render_status(campaign),
        "shortReport": _short_report(campaign),
        "startTime": milliseconds(begun),
        "endTime": milliseconds(campaign.finished),
        "maxSimultaneousCalls": campaign.lines,
    }


def _short_report(campaign: Campaign) -> Json:
    """Return the figures so far; `retryCalls` are the jobs that were tried more than once (observed)."""
    talked = _seconds_talked(campaign)
    return {
        "totalNumbers": len(campaign.calls),
        "processedNumbers": len(campaign.over),
        "usedTalkingTime": talked,
        "usedAsrSeconds": talked,
        "inProcessCalls": campaign.busy_lines,
        "retryCalls": campaign.retried,
    }


def _seconds_talked(campaign: Campaign) -> int:
    """Return the seconds of all talks, each as its report tells it; those summed up before are not asked."""
    known = TALKED.of(campaign.account)
    place, seconds = known.get(campaign.ref, (0, 0))
    attempts = campaign.finished_attempts
    seconds += sum(attempts[later].talk // SECOND for later in range(place, len(attempts)))
    known[campaign.ref] = len(attempts), seconds
    return seconds


def milliseconds(instant: datetime | None) -> int | None:
    """Return an instant as the wire tells it, Unix time in milliseconds, or None."""
    return None if instant is None else round(instant.timestamp() * 1000)


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
