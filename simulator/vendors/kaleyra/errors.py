"""Refusals in Kaleyra's words: its envelope in the format asked for, with HTTP 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form, MalformedForm, read_form
from simulator.formats.json_text import find_json
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    CampaignNotDialing,
    InsufficientFunds,
    MalformedCredential,
    MissingCredential,
    TooManyRequests,
    UnknownCall,
    UnknownCampaign,
    UnknownCredential,
    UnknownFollowUp,
    UnknownGroup,
)
from simulator.vendor import NothingSelected
from simulator.vendors.kaleyra.answers import Said, render
from simulator.vendors.kaleyra.refusals import Refused, refusal_for


class VerbRefused(MethodNotAllowed):
    """A verb that this vendor's server takes nowhere."""


FACTS: Mapping[type[Exception], str] = {
    MissingCredential: "key_missing",
    MalformedCredential: "key_malformed",
    UnknownCredential: "key_unknown",
    InsufficientFunds: "credit_low",
    CampaignNotDialing: "campaign_stopped",
    TooManyRequests: "too_many_requests",
    NotFound: "path_unknown",
    InternalServerError: "internal_error",
}

DETAILS: Mapping[type[Exception], Callable[[Any], Refused]] = {
    UnknownCall: lambda error: Refused("call_unknown", id=error.ref),
    UnknownCampaign: lambda error: Refused("group_unknown", id=error.ref),
    UnknownGroup: lambda error: Refused("group_unknown", id=error.ref),
    UnknownFollowUp: lambda error: Refused("follow_up_unknown", id=error.ref),
    MalformedForm: lambda error: (
        Refused("body_too_large") if error.status == 413 else Refused("body_malformed", reason=error.reason)
    ),
}


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into the envelope; HTTP's own refusals keep their status, all others come with 200."""
    form = readable_form(request)
    refused = _fact_of(error, form, request)
    said = refusal_for(refused.fact, account)
    status = said.http_status
    if isinstance(error, HTTPException) and refused.fact == "http_refused":
        status = error.code or 500
    envelope = {"status": said.code, "message": _fill(said.message, refused.details)}
    answer = render(Said(envelope, http_status=status), form)
    if isinstance(error, MethodNotAllowed) and status == 405:
        allowed = ", ".join(sorted(error.valid_methods or ("GET", "POST")))
        return Answer(status, answer.body, (*answer.headers, ("Allow", allowed)))
    return answer


def provenance_of(error: Exception, request: Request, account: Account | None) -> str:
    """Return the name of the fact behind a refusal and the mark of its words: `call_unknown [inferred]`."""
    fact = _fact_of(error, readable_form(request), request).fact
    return f"{fact} [{refusal_for(fact, account).provenance}]"


def readable_form(request: Request) -> Form:
    """Return what can be read of a request's parameters, however broken the rest is."""
    kind = "" if find_json(request.body) is not None else request.content_type
    for attempt in ((request.query, kind, request.body), (request.query, "", b"")):
        try:
            return read_form(*attempt)
        except MalformedForm:
            continue
    return Form()


def _fact_of(error: Exception, form: Form, request: Request) -> Refused:
    if isinstance(error, Refused):
        return error
    for kind in type(error).__mro__:
        if kind in FACTS:
            return Refused(FACTS[kind])
        if kind in DETAILS:
            return DETAILS[kind](error)
    return _fact_of_http(error, (form.get("method") or "").strip(), request)


def _fact_of_http(error: Exception, method: str, request: Request) -> Refused:
    if isinstance(error, NothingSelected):
        return Refused("method_unknown", method=method[:80]) if method else Refused("method_missing")
    everywhere = request.method in ("GET", "HEAD", "POST") and not isinstance(error, VerbRefused)
    if isinstance(error, MethodNotAllowed) and everywhere:
        return Refused("verb_wrong", method=method[:80], verb=" or ".join(error.valid_methods or ()))
    if isinstance(error, HTTPException):
        return Refused("http_refused", reason=error.name)
    return Refused("parameter_invalid", name="request")


def _fill(message: str, details: Mapping[str, object]) -> str:
    """Fill details in; what a client sent is cut short, and a scenario may leave details out."""
    for name, value in details.items():
        message = message.replace(f"{{{name}}}", str(value)[:200])
    return message
