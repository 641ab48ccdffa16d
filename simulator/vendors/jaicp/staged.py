"""Refusals on demand: the error behind each name that the contract has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from werkzeug.exceptions import MethodNotAllowed, NotFound

from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import (
    CampaignNotDialing,
    MissingCredential,
    TooManyRequests,
    UnknownCall,
    UnknownNumber,
    WrongCampaignState,
)
from simulator.vendors.jaicp.errors import (
    InvalidField,
    NoNumber,
    TypedRefusal,
    bad_phone,
    bad_zone,
    malformed,
)

Facts = Mapping[str, str]
MINUTE = timedelta(minutes=1)


def _phone(facts: Facts) -> str:
    return facts.get("phone", "0")[:64]


def _duplicated(facts: Facts) -> TypedRefusal:
    phone, message = _phone(facts), "These phones are in the list more than once"
    return TypedRefusal("phone.duplicated", message, phone=phone, phonesDuplicates=[phone])


REFUSALS: Mapping[str, Callable[[Facts], Exception]] = {
    "token_unknown": lambda _: MissingCredential(),
    "phone_duplicated": _duplicated,
    "phone_repeated": _duplicated,
    "phone_is_none": lambda facts: NoNumber(_phone(facts)),
    "phone_bad_format": lambda facts: bad_phone(_phone(facts)),
    "campaign_finished": lambda _: CampaignNotDialing("0"),
    "allowed_time_invalid": lambda _: TypedRefusal("invalid.call.allowed.time", "Intervals overlap"),
    "priority_invalid": lambda _: TypedRefusal(
        "invalid.dialer_priority", "dialerPriority is a number from 1 to 5"
    ),
    "zone_invalid": lambda facts: bad_zone(_phone(facts), "?"),
    "id_unknown": lambda facts: UnknownCall(facts.get("id", "0")),
    "phone_unknown": lambda facts: UnknownNumber(_phone(facts)),
    "state_wrong": lambda _: WrongCampaignState("0", "FINISHED"),
    "json_malformed": lambda _: malformed("Unexpected end of JSON"),
    "request_invalid": lambda _: InvalidField("body", "an object is expected"),
    "path_unknown": lambda _: NotFound(),
    "verb_wrong": lambda _: MethodNotAllowed(["GET", "POST"]),
    "too_large": lambda _: MalformedForm("Request Entity Too Large", 413),
    "too_fast": lambda _: TooManyRequests("staged", (), 1, MINUTE, MINUTE),
}


def staged_refusal(name: str, facts: Facts) -> Exception:
    """Return the error that is told as the refusal `name`; raises KeyError for one that there is not."""
    return REFUSALS[name](facts)
