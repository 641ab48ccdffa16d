"""How Kaleyra refuses: what refusals.toml or a scenario says, in the envelope asked for, with HTTP 200."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form, MalformedForm, read_form
from simulator.formats.json_text import find_json
from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.telephony.accounts import Account
from simulator.vendor import NothingSelected, Refused, find_fact
from simulator.vendors.kaleyra.answers import Reply, let_in, render
from simulator.vendors.kaleyra.settings import KaleyraSettings

OF_A_SCENARIO = "scenario"
"""The mark of words that are nobody's guess: a scenario chose them."""


class KaleyraWording(Wording, frozen=True, kw_only=True):
    """How one fact is worded, with HTTP 200 where nothing else is said."""

    http_status: int = 200


CATALOGUE = RefusalCatalogue.load(__package__, KaleyraWording)
"""Every refusal by its name."""


def wording(fact: str, account: Account | None) -> Wording:
    """Return how a fact is told to an account, for which a scenario may have other words."""
    usual = CATALOGUE[fact]
    own = KaleyraSettings.of(account).errors.get(fact) if account else None
    words = msgspec.to_builtins(own) if own else {}
    return replace(usual, **words, provenance=OF_A_SCENARIO) if words else usual


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into the envelope; HTTP's own refusals keep their status, all others come with 200."""
    form = readable_form(request)
    fact = _fact_of(error, form, request)
    words = wording(fact.fact, account)
    status = words.http_status
    if isinstance(error, HTTPException) and fact.fact == "any_other":
        status = error.code or 500
    envelope = {"status": words.code, "message": CATALOGUE.fill(words.message, fact.details)}
    answer = replace(render(Reply(envelope), form), status=status)
    if fact.fact == "verb_refused":
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ("GET", "POST")))
        answer = replace(answer, headers=(*answer.headers, ("Allow", allowed)))
    return let_in(answer, request, account)


def refused(error: Exception, request: Request, account: Account | None) -> Refused:  # noqa: ARG001 - see Vendor
    """Return as which fact an error is told: of HTTP's own it depends on what the request asks for."""
    return _fact_of(error, readable_form(request), request)


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
    if (known := find_fact(error, CATALOGUE)) is not None:
        return known
    if isinstance(error, MalformedForm):
        too_large = error.status == 413
        return Refused("body_too_large") if too_large else Refused("body_malformed", reason=error.reason)
    return _fact_of_http(error, (form.get("method") or "").strip(), request)


def _fact_of_http(error: Exception, method: str, request: Request) -> Refused:
    if isinstance(error, NothingSelected):
        return Refused("method_unknown", method=method) if method else Refused("method_missing")
    if isinstance(error, MethodNotAllowed):
        if request.method not in ("GET", "HEAD", "POST"):
            return Refused("verb_refused")
        return Refused("verb_wrong", method=method, verb=" or ".join(error.valid_methods or ()))
    if isinstance(error, NotFound | InternalServerError):
        return Refused("path_unknown" if isinstance(error, NotFound) else "internal_error")
    if isinstance(error, HTTPException):
        return Refused("any_other", message=error.name)
    return Refused("parameter_invalid", name="request")
