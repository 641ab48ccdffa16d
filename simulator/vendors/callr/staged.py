"""Refusals on demand: the error behind each name that the contract has, told of what a request says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from werkzeug.exceptions import InternalServerError, MethodNotAllowed, NotFound

from simulator.formats.forms import MalformedForm
from simulator.telephony import errors
from simulator.vendors.callr.actions.script import ScriptError
from simulator.vendors.callr.errors import (
    AbsentCredential,
    Conflict,
    Forbidden,
    InvalidRequest,
    NothingForSale,
    TooManyExports,
    UnknownThing,
)
from simulator.vendors.callr.fields import FieldInvalid, MalformedBody, WrongMediaType

Facts = Mapping[str, str]
SECOND = timedelta(seconds=1)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _sid(facts: Facts) -> str:
    return facts.get("sid", "00000000")


def _unknown(kind: str, name: str = "sid") -> Callable[[Facts], Exception]:
    return lambda facts: UnknownThing(kind, facts.get(name, "00000000"))


REFUSALS: Mapping[str, Callable[[Facts], Exception]] = {
    "key_wrong": lambda _: errors.UnknownCredential(""),
    "key_absent": lambda _: AbsentCredential("403"),
    "key_absent_401": lambda _: AbsentCredential("401"),
    "account_suspended": lambda _: errors.AccountSuspended(),
    "query_malformed": lambda _: InvalidRequest("The query is malformed: unexpected end", "bad-request"),
    "value_missing": lambda _: FieldInvalid("to", "is required"),
    "value_refused": lambda _: FieldInvalid("to", "must be a string"),
    "value_unknown": lambda _: FieldInvalid("too", "is not known"),
    "path_unknown": lambda _: NotFound(),
    "verb_wrong": lambda _: MethodNotAllowed(["GET", "POST"]),
    "too_large": lambda _: MalformedForm("more than 1,000,000 bytes", 413),
    "too_fast": lambda _: errors.TooManyRequests("staged", (), 1, SECOND, SECOND),
    "internal": lambda _: InternalServerError(),
    "body_type": lambda _: WrongMediaType("application/json"),
    "body_malformed": lambda _: MalformedBody(ValueError("unexpected end")),
    "scenario_unknown": _unknown("scenario"),
    "script_malformed": lambda _: ScriptError("script is not YAML: unexpected end"),
    "script_refused": lambda _: ScriptError("script is not a scenario: branches must be a map"),
    "branch_missing": lambda facts: InvalidRequest(
        f"The scenario {_sid(facts)} has no branch api-initiated.", "no-such-branch"
    ),
    "run_unknown": _unknown("run", "runid"),
    "run_over": lambda facts: Conflict(f"The run {facts.get('runid', '0')} is over."),
    "number_unknown": lambda facts: errors.NumberNotOwned(facts.get("number", "0")),
    "number_detached": lambda facts: Conflict(
        f"The number {facts.get('number', '0')} is not attached to the scenario {_sid(facts)}."
    ),
    "audio_unknown": _unknown("audio file"),
    "audio_readonly": lambda facts: Forbidden(f"The audio file {_sid(facts)} is read-only."),
    "audio_format": lambda _: InvalidRequest(
        "file must be one of audio/flac, audio/mpeg, audio/mp4, audio/ogg, audio/wav.", "unsupported-format"
    ),
    "credit_postpaid": lambda _: Forbidden("A postpaid account has no credit balance."),
    "credit_short": lambda _: Forbidden(
        "The credit of 0.00 is less than the price of 5.50.", "insufficient-credit"
    ),
    "call_unknown": lambda facts: errors.UnknownCall(facts.get("callid", "0")),
    "export_range": lambda _: FieldInvalid("to", "must be at most 31 days after from"),
    "exports_spent": lambda _: TooManyExports(5),
    "enduser_unknown": _unknown("end user"),
    "enduser_used": lambda facts: Conflict(f"The end user {_sid(facts)} is used by +33199001234."),
    "country_unknown": lambda facts: NothingForSale(facts.get("country", "ZZ")),
    "stock_short": lambda _: errors.NotEnoughNumbers(1, 0),
    "reservation_open": lambda _: errors.ReservationOpen("", LATER),
    "reservation_unknown": lambda _: errors.UnknownReservation(""),
    "trial_mode": lambda _: Forbidden("An account in build mode cannot buy numbers.", "trial-mode"),
    "recording_unknown": lambda facts: errors.UnknownRecording(_sid(facts)),
    "sms_unknown": _unknown("SMS"),
    "sender_refused": lambda facts: Forbidden(f"The sender {facts.get('from', '0')} is not approved."),
    "task_unknown": lambda facts: errors.UnknownJob(facts.get("taskid", "0")),
    "task_over": lambda facts: errors.JobAlreadyEnded(facts.get("taskid", "0"), "completed"),
    "webhook_unknown": _unknown("webhook"),
    "webhook_locked": lambda facts: Forbidden(f"The webhook {_sid(facts)} was disabled by an administrator."),
}


def staged_refusal(name: str, facts: Facts) -> Exception:
    """Return the error that is told as the refusal `name`; raises KeyError for one that there is not."""
    return REFUSALS[name](facts)
