"""What stands inside an account's settings: words for refusals, incidents, addresses, names of agents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from simulator.errors import guess
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import parse_number
from simulator.vendor import WrongSetting
from simulator.vendors.kaleyra.refusals import CATALOGUE
from simulator.vendors.kaleyra.settings import check_profile as check_settings

WORDS_OF_A_REFUSAL = ("code", "message", "http_status")
WORDS_OF_AN_INCIDENT = ("region", "region_code", "type", "service", "numbers")
TYPES_OF_INCIDENT = ("operational", "warning", "critical")

_DETAIL = re.compile(r"\{([^{}]*)\}")


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError, with its place and a guess, for anything in a profile that would change nothing."""
    check_settings(profile)
    for name, check in _CHECKS.items():
        if name in profile:
            for wrong in check(profile[name]):
                raise wrong


def _errors(errors: Mapping[str, Any]) -> Iterator[WrongSetting]:
    for fact, said in errors.items():
        if fact not in CATALOGUE:
            yield WrongSetting(
                f"kaleyra has no refusal {fact!r}; {guess(str(fact), CATALOGUE)}", "errors", fact
            )
        elif not isinstance(said, Mapping):
            told = f"a refusal is a map of {', '.join(WORDS_OF_A_REFUSAL)}"
            yield WrongSetting(told, "errors", fact)
        else:
            yield from _refusal(fact, said)


def _refusal(fact: str, said: Mapping[str, Any]) -> Iterator[WrongSetting]:
    yield from _unknown_words("a refusal", said, WORDS_OF_A_REFUSAL, ("errors", fact))
    for word in (word for word in ("code", "message") if not isinstance(said.get(word, ""), str)):
        yield WrongSetting(f"{word} is text; write it in quotes", "errors", fact, word)
    status = said.get("http_status", 200)
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        yield WrongSetting(
            f"an HTTP status is a number from 200 to 599, not {status!r}", "errors", fact, "http_status"
        )
    known = _DETAIL.findall(CATALOGUE[fact].message)
    for detail in (each for each in _DETAIL.findall(str(said.get("message", ""))) if each not in known):
        told = f"nothing is filled in for {{{detail}}} of {fact}; {guess(detail, known)}"
        yield WrongSetting(told, "errors", fact, "message")


def _incidents(incidents: list[Any]) -> Iterator[WrongSetting]:
    for nth, incident in enumerate(incidents):
        if not isinstance(incident, Mapping):
            yield WrongSetting(f"an incident is a map of {', '.join(WORDS_OF_AN_INCIDENT)}", "incidents", nth)
            continue
        yield from _unknown_words("an incident", incident, WORDS_OF_AN_INCIDENT, ("incidents", nth))
        kind = incident.get("type", TYPES_OF_INCIDENT[0])
        if kind not in TYPES_OF_INCIDENT:
            told = f"unknown type of incident {kind!r}; {guess(str(kind), TYPES_OF_INCIDENT)}"
            yield WrongSetting(told, "incidents", nth, "type")


def _addresses(addresses: list[Any]) -> Iterator[WrongSetting]:
    for nth, address in enumerate(addresses):
        try:
            ip_network(str(address), strict=False)
        except ValueError:
            told = f"{address!r} is no address or network, such as 10.0.0.1 or 10.0.0.0/8"
            yield WrongSetting(told, "addresses", nth)


def _agent_names(names: Mapping[str, Any]) -> Iterator[WrongSetting]:
    for number in names:
        try:
            parse_number(str(number))
        except MalformedNumber as error:
            yield WrongSetting(str(error), "agent_names", number)


def _unknown_words(
    what: str, told: Mapping[str, Any], known: tuple[str, ...], at: tuple[str | int, ...]
) -> Iterator[WrongSetting]:
    for word in (word for word in told if word not in known):
        yield WrongSetting(f"{what} has no {word!r}; {guess(str(word), known)}", *at, word)


_CHECKS: Mapping[str, Callable[[Any], Iterator[WrongSetting]]] = {
    "errors": _errors,
    "incidents": _incidents,
    "addresses": _addresses,
    "agent_names": _agent_names,
}
