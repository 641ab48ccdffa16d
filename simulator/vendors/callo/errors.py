"""Refusals in Callo's words: Django-form text in an envelope, pages for what HTTP itself refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm, read_form
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    CallAlreadyEnded,
    CampaignNotDialing,
    DuplicateLabel,
    InsufficientFunds,
    MalformedCredential,
    MalformedNumber,
    MissingCredential,
    TooManyCallsToNumber,
    TooManyRequests,
    UnknownCall,
    UnknownCampaign,
    UnknownClip,
    UnknownCredential,
    UnknownLabel,
    UnknownNumber,
    UnknownPhoneList,
    WrongCampaignKind,
)
from simulator.telephony.phone_numbers import parse_number
from simulator.vendor import MissingSlash, Rejection
from simulator.vendors.callo.answers import answer_json, answer_page
from simulator.vendors.callo.form_texts import REQUIRED, VALID_PHONE, VALID_VALUE, own
from simulator.vendors.callo.paths import canonical_path, is_read
from simulator.vendors.callo.statuses import Display

WHOLE_FORM = "__all__"
READING = ("GET", "HEAD")

NOBODY = (MissingCredential, MalformedCredential, UnknownCredential)
"""Whoever is not let in has no account that could allow reading by POST."""

PAGES: Mapping[int, str] = {
    400: "<h1>Bad Request (400)</h1>",
    404: "<h1>Not Found</h1><p>The requested resource was not found on this server.</p>",
    405: "",
    413: "<h1>413 Request Entity Too Large</h1>",
    429: "<h1>429 Too Many Requests</h1>",
    500: "<h1>Server Error (500)</h1>",
}
"""Django's own pages; the one for 429 is documented as "a page" and no more."""


class FormInvalid(Rejection):
    """A form with mistakes: each field's messages, in the order in which the fields were read."""

    def __init__(self, mistakes: Mapping[str, list[Display]]) -> None:
        super().__init__("form is not valid")
        self.mistakes = mistakes

    def __str__(self) -> str:
        return self.told("en")

    def told(self, language: str) -> str:
        """Return all mistakes as one text (observed: Django's `ErrorDict.as_text()`)."""
        return "Form isn't valid: " + "\n".join(
            "\n".join([f"* {name}", *(f"  * {message.to(language)}" for message in messages)])
            for name, messages in self.mistakes.items()
        )


def form_mistake(name: str, message: Display) -> FormInvalid:
    """Return a form with one mistake."""
    return FormInvalid({name: [message]})


def excess(campaign: object, phone: str, allow: int, per: timedelta) -> str:
    """Return the documented words for too many calls to one number."""
    limit = f"{allow}/{per // timedelta(seconds=1)}sec"
    return f"Calls count to camp_id:{campaign}, {phone} is excess (limit {limit})"


WORDS: Mapping[type[Exception], Callable[[Any], str | FormInvalid]] = {
    FormInvalid: lambda error: error,
    MissingCredential: lambda _: form_mistake("public_key", REQUIRED),  # inferred, like the next two
    MalformedCredential: lambda _: form_mistake("public_key", VALID_VALUE),
    UnknownCredential: lambda _: form_mistake("public_key", own("Invalid public key")),
    MalformedNumber: lambda _: form_mistake("phone", VALID_PHONE),
    WrongCampaignKind: lambda _: form_mistake("campaign_id", own("Invalid campaign type")),  # observed
    CampaignNotDialing: lambda _: form_mistake("campaign_id", own("Campaign is not active")),  # inferred
    InsufficientFunds: lambda _: form_mistake(WHOLE_FORM, own("Not enough money on balance")),  # inferred
    DuplicateLabel: lambda _: form_mistake("label", own("Duplicate label")),  # inferred
    TooManyCallsToNumber: lambda error: excess(error.ref, error.number, error.allow, error.per),
    UnknownCampaign: lambda error: f"Campaign by id={error.ref} don't found",
    UnknownCall: lambda error: f"Call by ats_call_id={error.ref} dnot found",
    UnknownNumber: lambda error: f"Phone by val={error.ref} not found",
    UnknownLabel: lambda error: f"Label by val={error.ref} not found",  # inferred, like the next three
    UnknownClip: lambda error: f"Audio clip by id={error.ref} not found",
    UnknownPhoneList: lambda error: f"Phonelist by id={error.ref} not found",
    CallAlreadyEnded: lambda error: f"Call by ats_call_id={error.ref} is completed",
}
"""What is said of each fact; documented where nothing else stands beside it."""


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into Callo's words: 400 with an envelope, or a page (see the module)."""
    language = account.language if account else "en"
    if isinstance(error, MissingSlash):
        return answer_page("", language, 301, (("Location", _with_slash(request)),))
    if isinstance(error, HTTPException):
        return _refuse_http(error, request, language)
    if isinstance(error, MalformedForm):
        return answer_page(PAGES[error.status], language, error.status)
    if isinstance(error, TooManyRequests):
        return _refuse_haste(error, request, language)
    if isinstance(error, NOBODY) and request.method == "POST" and is_read(request.path):
        return _refuse_http(MethodNotAllowed(), request, language)
    say = next((WORDS[kind] for kind in type(error).__mro__ if kind in WORDS), str)
    said = say(error)
    text = said.told(language) if isinstance(said, FormInvalid) else said
    return answer_json({"status": "error", "data": text}, language, 400)


def _refuse_http(error: HTTPException, request: Request, language: str) -> Answer:
    status = error.code or 500
    extra: Headers = ()
    if isinstance(error, MethodNotAllowed):
        verbs = READING if is_read(request.path) else error.valid_methods or ()
        extra = (("Allow", ", ".join(sorted(verbs))),)
    return answer_page(PAGES.get(status, f"<h1>{status} {error.name}</h1>"), language, status, extra)


def _refuse_haste(error: TooManyRequests, request: Request, language: str) -> Answer:
    """Answer with the 429 page, or in the campaign's words where a rule counts by number."""
    if "phone" not in error.by:
        return answer_page(PAGES[429], language, 429)
    form = read_form(request.query, request.content_type, request.body)
    said = excess(form.get("campaign_id"), _number(form.get("phone")), error.allow, error.per)
    return answer_json({"status": "error", "data": said}, language, 400)


def _number(text: str | None) -> str:
    try:
        return parse_number(text or "")
    except MalformedNumber:
        return text or ""


def _with_slash(request: Request) -> str:
    """Return where Django's APPEND_SLASH sends a client; the path is absolute and keeps the query."""
    root = urlsplit(request.base).path.rstrip("/")
    location = root + quote(canonical_path(request.path)) + "/"
    return f"{location}?{request.query}" if request.query else location
