"""How Callr refuses: `{code, message}` (documented shape, inferred codes), with its HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm
from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.telephony import errors
from simulator.telephony.accounts import Account
from simulator.vendor import OnDemand, Refused, find_fact
from simulator.vendors.callr.answers import answer_json, render_instant
from simulator.vendors.callr.settings import CallrSettings

CATALOGUE = RefusalCatalogue.load(__package__, Wording)
"""Every refusal by its name."""


def message_of(refused: Refused) -> str:
    """Return what is said of a fact."""
    return CATALOGUE.fill(CATALOGUE[refused.fact].message, refused.details)


HTTP_CODES: Mapping[int, str] = {
    414: "uri-too-long",
    415: "unsupported-media-type",
    429: "too-many-requests",
    431: "headers-too-large",
}
"""Codes of what the contract has no name for."""


def refused(error: Exception, request: Request, account: Account | None) -> Refused | None:
    """Return as which fact an error is told; None for what only HTTP has a name for."""
    if isinstance(error, HTTPException):
        return _fact_of_http(error, request)
    if isinstance(error, MalformedForm):
        return _fact_of_form(error, request)
    if isinstance(error, errors.MissingCredential) and account is not None:
        as_401 = CallrSettings.of(account).absent_credential == "401"
        return Refused("key_absent_401" if as_401 else "key_absent")
    if isinstance(error, errors.ReservationOpen):
        return Refused("reservation_open", expires=render_instant(error.expires))
    if isinstance(error, errors.TooManyRequests):
        return Refused("too_fast", seconds=_wait(error))
    return find_fact(error, CATALOGUE)


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into Callr's words."""
    fact = refused(error, request, account)
    status = error.code or 500 if isinstance(error, HTTPException) else 400
    if fact is None:
        text = error.description or error.name if isinstance(error, HTTPException) else str(error)
        return answer_json({"code": HTTP_CODES.get(status, "bad-request"), "message": text}, status)
    wording = CATALOGUE[fact.fact]
    status = status if isinstance(error, HTTPException) else wording.http_status
    return answer_json({"code": wording.code, "message": message_of(fact)}, status, _headers(error, status))


def _headers(error: Exception, status: int) -> Headers:
    if isinstance(error, MethodNotAllowed):
        return (("Allow", _verbs(error)),)
    if isinstance(error, errors.TooManyRequests):
        return (("Retry-After", str(_wait(error))),)
    return (("WWW-Authenticate", 'Basic realm="Callr"'),) if status == 401 else ()


def _fact_of_http(error: HTTPException, request: Request) -> Refused | None:
    if isinstance(error, MethodNotAllowed):
        return Refused("verb_wrong", method=request.method, methods=_verbs(error))
    if isinstance(error, RequestEntityTooLarge):
        return Refused("too_large", reason=error.description)
    if error.code == 404:
        return Refused("path_unknown", path=request.path)
    return Refused("internal") if (error.code or 500) >= 500 else None


def _fact_of_form(error: MalformedForm, request: Request) -> Refused:
    if error.status == 413:
        return Refused("too_large", reason=error.reason)
    in_body = (request.body and "body" in error.reason) or not request.query
    return Refused("body_malformed" if in_body else "query_malformed", reason=error.reason)


def _verbs(error: MethodNotAllowed) -> str:
    return ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD"}))


def _wait(error: errors.TooManyRequests) -> int:
    return max(ceil(error.retry_after.total_seconds()), 1)


SECOND = timedelta(seconds=1)
ON_DEMAND: Mapping[str, OnDemand] = {
    "path_unknown": lambda _: NotFound(),
    "verb_wrong": lambda _: MethodNotAllowed(["GET", "POST"]),
    "too_fast": lambda _: errors.TooManyRequests("staged", (), 1, SECOND, SECOND),
}
"""Refusals on demand that are more than words: of the request itself, headers, limits."""
