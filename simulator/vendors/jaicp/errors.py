"""Refusals in JAICP's words: one envelope with a type, another with a code; texts are free in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    CampaignNotDialing,
    MalformedCredential,
    MissingCredential,
    TooManyRequests,
    UnknownCall,
    UnknownCredential,
    UnknownNumber,
    WrongCampaignState,
)
from simulator.vendor import Rejection
from simulator.vendors.jaicp.answers import answer_json
from simulator.vendors.jaicp.campaigns import STATES_IN_CAPITALS

Json = dict[str, Any]

NOBODY = (MissingCredential, MalformedCredential, UnknownCredential)
CODES: Mapping[int, str] = {
    400: "request.malformed",
    404: "not.found",
    405: "method.not.allowed",
    413: "request.too.large",
    414: "request.too.large",
    431: "request.too.large",
    500: "internal.error",
}
"""Codes of the second envelope; the vendor publishes none, so all of them are inferred."""


class TypedRefusal(Rejection):
    """A refusal of the first envelope: `type`, `message` and the fields that belong to the type."""

    def __init__(self, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.said: Json = {"type": kind, **fields, "message": message}


class CodedRefusal(Rejection):
    """A refusal of the second envelope: `error`, `message` and `args`."""

    def __init__(self, code: str, message: str, **args: Any) -> None:
        super().__init__(message)
        self.said: Json = {"error": code, "message": message, "args": args}


class NoNumber(UnknownNumber):
    """A job asked for by what is no number: the words are those of a number without a job."""

    fact = "phone_is_none"


class InvalidField(CodedRefusal):
    """A refusal of a field that is missing or outside its limits."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__("request.invalid", f"{field}: {reason}", field=field)
        self.field = field
        self.reason = reason

    def below(self, place: str) -> InvalidField:
        """Return the same, told as found at `place`."""
        return InvalidField(f"{place}.{self.field}", self.reason)


def malformed(reason: str) -> CodedRefusal:
    """Return the refusal of a body that cannot be read."""
    return CodedRefusal("request.malformed", reason)


def bad_phone(text: str) -> TypedRefusal:
    """Return the refusal of a number that is none."""
    return TypedRefusal("phone.bad.format", f"{text[:64]} is not a phone number", phone=text[:64])


def bad_zone(phone: str, zone: str) -> TypedRefusal:
    """Return the refusal of a zone that is none; that operations use it is inferred."""
    message = "gmtZone is neither an offset of at most 18 hours nor a time zone"
    return TypedRefusal("phone.gmtZone.bad.format", message, phone=phone, gmtZone=zone[:64])


def _stopped(error: CampaignNotDialing, account: Account | None) -> Json:
    campaigns = account.campaigns.values() if account else ()
    states = (STATES_IN_CAPITALS[campaign.state] for campaign in campaigns if campaign.ref == error.ref)
    state = next(states, "FINISHED")
    message = f"Numbers cannot be added: campaign {error.ref} is finished"
    return {"type": "invalid.call.task.state", "state": state, "message": message}


def _wrong_state(error: WrongCampaignState, _account: Account | None) -> Json:
    message = f"The campaign is {error.state}"
    return {"error": "campaign.state.invalid", "message": message, "args": {"state": error.state}}


def _unknown(kind: str) -> Callable[[Any, Account | None], Json]:
    return lambda error, _account: {"type": kind, "message": f"Not found: {str(error.ref)[:64]}"}


WORDS: Mapping[type[Exception], Callable[[Any, Account | None], Json]] = {
    TypedRefusal: lambda error, _account: error.said,
    CodedRefusal: lambda error, _account: error.said,
    CampaignNotDialing: _stopped,
    WrongCampaignState: _wrong_state,
    UnknownCall: _unknown("id.not.found"),
    UnknownNumber: _unknown("phone.not.found"),
}
"""What is said of each fact."""


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:  # noqa: ARG001 - see Vendor
    """Put any refusal into JAICP's words: 404 for a token that opens nothing, 400 for all that it refuses."""
    if isinstance(error, NOBODY):
        return answer_json({"type": "invalid.token", "message": "No campaign has this token"}, 404)
    if isinstance(error, HTTPException):
        return _refuse_http(error)
    if isinstance(error, MalformedForm):
        return _coded(error.status, error.reason)
    if isinstance(error, TooManyRequests):
        wait: Headers = (("Retry-After", str(max(1, ceil(error.retry_after.total_seconds())))),)
        said = {"error": "too.many.requests", "message": "Too many requests", "args": {}}
        return answer_json(said, 429, wait)
    say = next((WORDS[kind] for kind in type(error).__mro__ if kind in WORDS), None)
    return answer_json(say(error, account), 400) if say else _coded(400, str(error))


def _refuse_http(error: HTTPException) -> Answer:
    extra: Headers = ()
    if isinstance(error, MethodNotAllowed):
        extra = (("Allow", ", ".join(sorted(error.valid_methods or ()))),)
    return _coded(error.code or 500, error.name, extra)


def _coded(status: int, message: str, extra: Headers = ()) -> Answer:
    code = CODES.get(status, message.lower().replace(" ", "."))
    return answer_json({"error": code, "message": message, "args": {}}, status, extra)
