"""Refusals in Callr's words: `{code, message}` (documented shape, inferred codes), with its HTTP statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, NamedTuple

from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony import errors
from simulator.telephony.accounts import Account
from simulator.vendor import Rejection
from simulator.vendors.callr.answers import answer_json, render_instant
from simulator.vendors.callr.fields import FieldInvalid, MalformedBody, WrongMediaType
from simulator.vendors.callr.settings import CallrSettings


class UnknownThing(Rejection):
    """A SID or another name behind which this account has nothing."""

    def __init__(self, kind: str, ref: object) -> None:
        super().__init__(f"There is no {kind} {ref}.")


class NothingForSale(Rejection):
    """A country in which no number can be bought."""

    def __init__(self, country: str) -> None:
        super().__init__(f"The store has nothing in {country}.")


class Conflict(Rejection):
    """Something in a state that does not allow what is asked."""


class Forbidden(Rejection):
    """Something this account may not do."""

    def __init__(self, message: str, code: str = "forbidden") -> None:
        super().__init__(message)
        self.code = code


class InvalidRequest(Rejection):
    """A request that is well-formed and yet makes no sense, with a code of its own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class TooManyExports(Rejection):
    """One export more than a day allows."""

    def __init__(self, allowed: int) -> None:
        super().__init__(f"At most {allowed} exports a day are allowed.")


class AbsentCredential(errors.MissingCredential):
    """No credentials at all, where it is chosen from outside with which status that is refused."""

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status = status


class Word(NamedTuple):
    """What is said of a fact: status, code, and the message."""

    status: int
    code: str
    message: Callable[[Any], str] = str


def _missing(kind: str) -> Word:
    return Word(404, "not-found", lambda error: f"There is no {kind} {error.ref}.")


WORDS: Mapping[type[Exception], Word] = {
    FieldInvalid: Word(400, "validation-error"),
    MalformedBody: Word(400, "bad-request"),
    WrongMediaType: Word(415, "unsupported-media-type"),
    UnknownThing: Word(404, "not-found"),
    NothingForSale: Word(404, "not-found"),
    Conflict: Word(409, "conflict"),
    TooManyExports: Word(429, "too-many-exports"),
    errors.MissingCredential: Word(
        403,
        "forbidden",
        lambda _: "Authentication is required: send x-api-key, or Basic with an account SID and its API key.",
    ),
    errors.MalformedCredential: Word(401, "unauthorized", lambda _: "The API key is not valid."),
    errors.UnknownCredential: Word(401, "unauthorized", lambda _: "The API key is not valid."),
    errors.AccountSuspended: Word(
        403,
        "account-suspended",
        lambda _: "The account is suspended: its credit has reached the shutdown level.",
    ),
    errors.NumberNotOwned: _missing("number"),
    errors.UnknownReservation: Word(
        404, "not-found", lambda _: "There is no such reservation, or it has expired."
    ),
    errors.ReservationOpen: Word(
        409, "conflict", lambda error: f"A reservation is open until {render_instant(error.expires)}."
    ),
    errors.NotEnoughNumbers: Word(
        409, "out-of-stock", lambda error: f"Only {error.found} such numbers are available."
    ),
    errors.UnknownJob: _missing("task"),
    errors.JobAlreadyEnded: Word(409, "conflict", lambda error: f"The task {error.ref} has ended."),
    errors.UnknownRecording: _missing("recording"),
    errors.UnknownClip: _missing("audio file"),
    errors.UnknownCall: _missing("live call"),
    errors.CallAlreadyEnded: _missing("live call"),
    errors.TooManyRequests: Word(
        429, "too-many-requests", lambda error: f"Too many requests: wait {_wait(error)} seconds."
    ),
}

ABSENT_401 = WORDS[errors.MissingCredential]._replace(status=401, code="unauthorized")
"""The same, where a profile chooses so."""

HTTP_CODES: Mapping[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "payload-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    431: "headers-too-large",
}


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into Callr's words."""
    if isinstance(error, HTTPException):
        return _refuse_http(error, request)
    if isinstance(error, MalformedForm):
        return _refuse_form(error, request)
    if isinstance(error, Forbidden):
        return _answer(403, error.code, str(error))
    if isinstance(error, InvalidRequest):
        return _answer(400, error.code, str(error))
    word = next((WORDS[kind] for kind in type(error).__mro__ if kind in WORDS), Word(400, "bad-request"))
    if isinstance(error, errors.MissingCredential) and _absent_status(error, account) == "401":
        word = ABSENT_401
    extra: Headers = ()
    if isinstance(error, errors.TooManyRequests):
        extra = (("Retry-After", str(_wait(error))),)
    if word.status == 401:
        extra = (("WWW-Authenticate", 'Basic realm="Callr"'),)
    return _answer(word.status, word.code, word.message(error), extra)


def _absent_status(error: errors.MissingCredential, account: Account | None) -> str:
    if isinstance(error, AbsentCredential):
        return error.status
    return CallrSettings.of(account).absent_credential if account is not None else ""


def _refuse_http(error: HTTPException, request: Request) -> Answer:
    status = error.code or 500
    if isinstance(error, MethodNotAllowed):
        verbs = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD"}))
        message = f"{request.method} is not allowed here; allowed: {verbs}."
        return _answer(405, "method-not-allowed", message, (("Allow", verbs),))
    if isinstance(error, RequestEntityTooLarge):
        return _answer(413, "payload-too-large", f"The body is too large: {error.description}")
    if status == 404:
        return _answer(404, "not-found", f"There is nothing at {request.path}.")
    if status >= 500:
        return _answer(status, "internal-error", "Internal error.")
    return _answer(status, HTTP_CODES.get(status, "bad-request"), error.description or error.name)


def _refuse_form(error: MalformedForm, request: Request) -> Answer:
    if error.status == 413:
        return _answer(413, "payload-too-large", f"The body is too large: {error.reason}")
    part = "body" if (request.body and "body" in error.reason) or not request.query else "query"
    return _answer(400, "bad-request", f"The {part} is malformed: {error.reason}")


def _wait(error: errors.TooManyRequests) -> int:
    return max(ceil(error.retry_after.total_seconds()), 1)


def _answer(status: int, code: str, message: str, extra: Headers = ()) -> Answer:
    told = answer_json({"code": code, "message": message}, status)
    return Answer(told.status, told.body, (*told.headers, *extra))
