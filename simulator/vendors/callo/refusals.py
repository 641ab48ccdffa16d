"""How Callo refuses: texts of Django's forms in both languages of the cabinet, and pages of HTTP's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm, read_form
from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    MalformedCredential,
    MalformedNumber,
    MissingCredential,
    TooManyCallsToNumber,
    TooManyRequests,
    UnknownCredential,
)
from simulator.telephony.phone_numbers import parse_number
from simulator.vendor import MissingSlash, OnDemand, Refused, Rejection, find_fact
from simulator.vendors.callo.answers import answer_json, answer_page
from simulator.vendors.callo.endpoint import canonical_path, is_read
from simulator.vendors.callo.settings import CalloSettings


class CalloWording(Wording, frozen=True, kw_only=True):
    """How one fact is worded, in Russian too where that is known; `field` is that of a form."""

    field: str = ""
    ru: str = ""


CATALOGUE = RefusalCatalogue.load(__package__, CalloWording)
"""Every refusal by its name."""


class FormInvalid(Rejection):
    """A form with mistakes: each field's messages, in the order in which the fields were read."""

    def __init__(self, mistakes: Mapping[str, list[str]], advice: str = "") -> None:
        super().__init__(_form_text(mistakes))
        self.advice = advice


def _form_text(mistakes: Mapping[str, list[str]]) -> str:
    """Return all mistakes as one text (observed: Django's `ErrorDict.as_text()`)."""
    return "Form isn't valid: " + "\n".join(
        "\n".join([f"* {name}", *(f"  * {message}" for message in messages)])
        for name, messages in mistakes.items()
    )


class Mistake(ValueError):
    """A value that a field does not take; `words` names what is said of it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def shared_text(words: str, language: str, **details: object) -> str:
    """Return a text that several facts share, by its name."""
    table = CATALOGUE.words[words]
    return CATALOGUE.fill(table["ru"] if language == "ru" else table["message"], details)


def field_and_text(refused: Refused, language: str) -> tuple[str, str]:
    """Return the field that a fact is a mistake of, empty for one beyond the form, and what is said of it."""
    wording = CATALOGUE[refused.fact]
    text = wording.ru if language == "ru" and wording.ru else wording.message
    return CATALOGUE.fill(wording.field, refused.details), CATALOGUE.fill(text, refused.details)


def text_of(refused: Refused, language: str) -> str:
    """Return how a fact is told in a language."""
    field, text = field_and_text(refused, language)
    return _form_text({field: [text]}) if field else text


def count_items(count: int) -> str:
    """Return how many items there are, as Russian counts."""
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} элемент"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return f"{count} элемента" if few else f"{count} элементов"


READING = ("GET", "HEAD")

NOBODY = (MissingCredential, MalformedCredential, UnknownCredential)
"""Whoever is not let in has no account that could allow reading by POST."""

PAGES: Mapping[int, str] = {
    400: "<h1>Bad Request (400)</h1>",
    403: "<h1>403 Forbidden</h1>",
    404: "<h1>Not Found</h1><p>The requested resource was not found on this server.</p>",
    405: "",
    413: "<h1>413 Request Entity Too Large</h1>",
    429: "<h1>429 Too Many Requests</h1>",
    500: "<h1>Server Error (500)</h1>",
}
"""Django's own pages; the one for 429 is documented as "a page" and no more."""


def refused(error: Exception, request: Request, account: Account | None) -> Refused | None:  # noqa: ARG001 - see Vendor
    """Return as which fact an error is told; None for pages, and for forms with their mistakes."""
    if isinstance(error, NOBODY) and _may_not_post(request):
        return None
    if isinstance(error, TooManyCallsToNumber):
        return _excess(error, error.ref, error.number)
    if isinstance(error, TooManyRequests) and "phone" in error.by:
        form = read_form(request.query, request.content_type, request.body)
        return _excess(error, form.get("campaign_id"), _number(form.get("phone")))
    return find_fact(error, CATALOGUE)


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into Callo's words: 400 with an envelope, or a page (see the module)."""
    language = account.language if account else "en"
    if isinstance(error, MissingSlash):
        return answer_page("", language, 301, (("Location", _with_slash(request)),))
    if isinstance(error, HTTPException):
        return _refuse_http(error, request, language)
    if isinstance(error, NOBODY) and _may_not_post(request):
        return _refuse_http(MethodNotAllowed(), request, language)
    fact = refused(error, request, account)
    if status := _page_instead(error, fact, account):
        return answer_page(PAGES[status], language, status)
    text = text_of(fact, language) if fact else str(error)
    return answer_json({"status": "error", "data": text}, language, 400)


def _page_instead(error: Exception, fact: Refused | None, account: Account | None) -> int:
    """Return the status of the page that stands for a refusal's words, or 0 where it has words."""
    if isinstance(error, MalformedForm):
        return error.status
    if isinstance(error, NOBODY) and account and CalloSettings.of(account).bad_key == "page":
        return 403
    return 429 if fact is None and isinstance(error, TooManyRequests) else 0


def _may_not_post(request: Request) -> bool:
    return request.method == "POST" and is_read(request.path)


def _refuse_http(error: HTTPException, request: Request, language: str) -> Answer:
    status = error.code or 500
    extra: Headers = ()
    if isinstance(error, MethodNotAllowed):
        verbs = READING if is_read(request.path) else error.valid_methods or ()
        extra = (("Allow", ", ".join(sorted(verbs))),)
    return answer_page(PAGES.get(status, f"<h1>{status} {error.name}</h1>"), language, status, extra)


def _excess(limit: TooManyRequests | TooManyCallsToNumber, campaign: object, phone: object) -> Refused:
    seconds = limit.per // timedelta(seconds=1)
    return Refused("too_many_calls", campaign_id=campaign, phone=phone, limit=limit.allow, seconds=seconds)


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


def _no_choice(fact: str) -> OnDemand:
    return lambda parameters: Refused(fact, value=parameters.get(CATALOGUE[fact].field, "0"))


def _too_many_calls(parameters: Mapping[str, str]) -> TooManyCallsToNumber:
    campaign, phone = parameters.get("campaign_id", 0), parameters.get("phone", "0")
    return TooManyCallsToNumber(campaign, phone, 5, HALF_MINUTE, HALF_MINUTE)


HALF_MINUTE = timedelta(seconds=30)
NO_CHOICES = ("speaker_unknown", "emotion_unknown", "expand_invalid", "call_status_invalid", "mode_invalid")
ON_DEMAND: Mapping[str, OnDemand] = {fact: _no_choice(fact) for fact in NO_CHOICES} | {
    "too_many_calls": _too_many_calls
}
"""Refusals on demand that are more than words, or whose words depend on the field."""
