"""Refusals in JAICP's words: one envelope with a type, another with a code; texts are free in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any, Literal

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm
from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    CampaignNotDialing,
    TooManyRequests,
)
from simulator.vendor import OnDemand, Refused, find_fact
from simulator.vendors.jaicp.responses import answer_json
from simulator.vendors.jaicp.statuses import STATES_IN_CAPITALS


class JaicpWording(Wording, frozen=True, kw_only=True):
    """How one fact is worded: `envelope` is what its code is called, `beside` are details told as fields."""

    envelope: Literal["type", "error"] = "type"
    beside: Sequence[str] = ()


CATALOGUE = RefusalCatalogue.load(__package__, JaicpWording)
"""Every refusal by its name."""

HTTP_FACTS: Mapping[int, str] = {
    400: "json_malformed",
    404: "path_unknown",
    405: "verb_wrong",
    413: "too_large",
}
"""What HTTP itself refuses, by status."""

HTTP_CODES: Mapping[int, str] = {
    414: "request.too.large",
    431: "request.too.large",
    500: "internal.error",
}
"""Codes of what the contract has no name for; of any other status, its name in small letters."""


class InvalidField(Refused):
    """A refusal of a field that is missing or outside its limits."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__("request_invalid", field=field, reason=reason)
        self.field = field
        self.reason = reason

    def below(self, place: str) -> InvalidField:
        """Return the same, told as found at `place`."""
        return InvalidField(f"{place}.{self.field}", self.reason)


class OtherEdition(Refused):
    """A path that the account's edition of the API does not have."""

    def __init__(self, operation: str, edition: str, used: str) -> None:
        super().__init__("path_unknown", reason="Not Found")
        self.advice = f"edition: {operation} is one of {edition}, and this account uses {used}"


def duplicated(fact: str, phones: list[str]) -> Refused:
    """Return the refusal of numbers that came before, in the same list or an earlier one."""
    return Refused(fact, phone=phones[0], phonesDuplicates=phones)


def refused(error: Exception, request: Request, account: Account | None) -> Refused | None:  # noqa: ARG001 - see Vendor
    """Return as which fact an error is told; None for what only HTTP has a name for."""
    if isinstance(error, CampaignNotDialing):
        return _finished(error, account)
    if isinstance(error, HTTPException | MalformedForm):
        status, reason = _status_of(error)
        return Refused(HTTP_FACTS[status], reason=reason) if status in HTTP_FACTS else None
    return find_fact(error, CATALOGUE) or Refused("json_malformed", reason=str(error))


def refusal(error: Exception, request: Request, account: Account | None) -> Answer:
    """Put any refusal into JAICP's words: 404 for a token that opens nothing, 400 for all that it refuses."""
    fact = refused(error, request, account)
    if fact is None:
        status, reason = _status_of(error)
        code = HTTP_CODES.get(status, reason.lower().replace(" ", "."))
        return answer_json({"error": code, "message": reason, "args": {}}, status)
    wording = CATALOGUE[fact.fact]
    return answer_json(_envelope(wording, fact.details), wording.http_status, _headers(error))


def _envelope(wording: JaicpWording, details: Mapping[str, object]) -> dict[str, Any]:
    message = CATALOGUE.fill(wording.message, details)
    fields = {name: CATALOGUE.cut(name, details[name]) for name in wording.beside}
    if wording.envelope == "error":
        return {"error": wording.code, "message": message, "args": fields}
    return {"type": wording.code, **fields, "message": message}


def _headers(error: Exception) -> Headers:
    if isinstance(error, MethodNotAllowed):
        return (("Allow", ", ".join(sorted(error.valid_methods or ()))),)
    if isinstance(error, TooManyRequests):
        return (("Retry-After", str(max(1, ceil(error.retry_after.total_seconds())))),)
    return ()


def _finished(error: CampaignNotDialing, account: Account | None) -> Refused:
    campaigns = account.campaigns.values() if account else ()
    states = (STATES_IN_CAPITALS[campaign.state] for campaign in campaigns if campaign.ref == error.ref)
    return Refused("campaign_finished", campaign=error.ref, state=next(states, "FINISHED"))


def _status_of(error: Exception) -> tuple[int, str]:
    """Return the HTTP status of an error, and what is said of it."""
    if isinstance(error, HTTPException):
        return error.code or 500, error.name
    return getattr(error, "status", 400), str(error)


def _twice(fact: str) -> OnDemand:
    return lambda parameters: duplicated(fact, [parameters.get("phone", "0")[:64]])


MINUTE = timedelta(minutes=1)
ON_DEMAND: Mapping[str, OnDemand] = {
    "phone_duplicated": _twice("phone_duplicated"),
    "phone_repeated": _twice("phone_repeated"),
    "verb_wrong": lambda _: MethodNotAllowed(["GET", "POST"]),
    "too_fast": lambda _: TooManyRequests("staged", (), 1, MINUTE, MINUTE),
}
"""Refusals on demand that are more than words: lists, headers, limits."""
