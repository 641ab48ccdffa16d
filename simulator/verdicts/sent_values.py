"""Every value that a request carries, with its place, and the verdict on secrets that are shown.

What stands in an address, that of a callback too, is written into logs, histories and referrers.

How hard a secret there is judged: a key in the query of a POST whose form could carry it fails, for no vendor
shows that form of the request in a document, and the client has a body at hand. A GET that a vendor documents
is no mistake, though another form exists: it is told as advice, and fails nothing. Where the only form is a
GET, the key stands in the path, or the body is no form (JSON), nothing is said: the client has no choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from simulator.errors import counted
from simulator.exchange import Exchange, Request
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, describe

BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)
_NAME = re.compile(r"[; ]name=\"?([^\";\r\n]{0,200})", re.IGNORECASE)
FORM = "application/x-www-form-urlencoded"
MOST_PARTS = 1_000


class SentValue(Struct, frozen=True):
    """One value as text: `where` is `path`, `query` or `body`, `name` the parameter or JSON pointer."""

    where: str
    name: str
    text: str

    @property
    def key(self) -> str:
        """The parameter, or of JSON the nearest key above the value: that of a list for what is in it."""
        return next((part for part in reversed(self.name.split("/")) if not part.isdecimal()), "")


def sent_values(exchange: Exchange) -> Iterator[SentValue]:
    """Yield what a request carries; of a body that cannot be read, nothing."""
    request = exchange.request
    for nth, part in enumerate(request.path.split("/")):  # not by its name: a path may have a key in it
        yield SentValue("path", f"part {nth}", part)
    for name, value in parameters_in(request.query):
        yield SentValue("query", name, value)
    yield from _of_body(request)


def parameters_in(text: str) -> list[tuple[str, str]]:
    """Return the parameters in a query or a form, as they were sent."""
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def _of_body(request: Request) -> Iterator[SentValue]:
    text = request.body.decode("utf-8", "surrogateescape")
    if request.media_type == FORM and text[:1] not in ("{", "["):
        yield from (SentValue("body", name, value) for name, value in parameters_in(text))
    elif match := BOUNDARY.search(request.content_type):
        yield from _of_parts(text, match[1])
    elif text[:1] in ("{", "["):
        try:
            yield from _of_json(json.loads(text), "")
        except (ValueError, RecursionError):  # cut short, or no JSON at all: the contract's judge has told so
            return


def _of_parts(text: str, boundary: str) -> Iterator[SentValue]:
    for part in text.split(f"--{boundary}", MOST_PARTS)[1:]:
        head, _, value = part.partition("\r\n\r\n")
        named = _NAME.search(head)
        if named and "filename=" not in head.lower():
            yield SentValue("body", named[1], value.removesuffix("\r\n"))


def _of_json(value: Any, pointer: str) -> Iterator[SentValue]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _of_json(entry, f"{pointer}/{key}")
    elif isinstance(value, list):
        for nth, entry in enumerate(value):
            yield from _of_json(entry, f"{pointer}/{nth}")
    elif isinstance(value, bool):
        yield SentValue("body", pointer or "/", str(value).lower())
    elif value is not None:
        yield SentValue("body", pointer or "/", "NaN" if value != value else str(value))  # noqa: PLR0124


# -- secrets in addresses -------------------------------------------------------------------------------

FORMS = (FORM, "multipart/form-data")
WITHOUT_BODY = ("GET", "HEAD")
SHORTEST_KEY = 16
"""What is shorter may be part of a word."""

ADVICE_ON_SECRETS = (
    "send it in the body, or in a header where the vendor reads one, and nowhere else: callbacks get one of "
    "their own; and count this one as known to others"
)


def judge_secrets(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge how many requests show a key where it should not stand, against what is `allowed`."""
    places = [(exchange, place) for exchange in exchanges if (place := _place_of_secret(exchange, evidence))]
    if not exchanges or (evidence.gap and not places):
        return Finding(None, evidence.gap or "nothing was asked")
    text = f"{counted(len(places), 'request')} that {'shows' if len(places) == 1 else 'show'} a secret"
    for first, place in places[:1]:
        text += f", first {place} of {describe(first)}"
    return Finding(len(places) in allowed, text, [exchange.id for exchange, _ in places], ADVICE_ON_SECRETS)


def advise_on_secrets(evidence: Evidence) -> Iterator[str]:
    """Yield what could be done better where the vendor documents it otherwise: a GET that has a POST."""
    open_ones = [
        exchange
        for exchange in evidence.exchanges
        if exchange.request.method in WITHOUT_BODY and _in_query(exchange, evidence)
    ]
    if open_ones:
        names = dict.fromkeys(f"{exchange.vendor}.{exchange.operation}" for exchange in open_ones)
        secret = _in_query(open_ones[0], evidence)
        yield f"{secret} is written into logs with every address; POST has it in its body: {', '.join(names)}"


def _place_of_secret(exchange: Exchange, evidence: Evidence) -> str:
    """Return the secret that a request shows and where: in its query, or beside the key that let it in."""
    if _has_form(exchange) and (name := _in_query(exchange, evidence)):
        return f"{name} in the query"
    key, request = exchange.credential or "", exchange.request
    if len(key) < SHORTEST_KEY:
        return ""
    named, sent = _secret_names(exchange, evidence), request.query + request.body.decode("utf-8", "replace")
    if key not in reduce(lambda text, name: text.replace(f"{name}={key}", ""), named, sent):
        return ""
    values = [
        value
        for value in sent_values(exchange)
        if value.where != "path" and value.name.lstrip("/") not in named
    ]
    return next((f"the account's key in {value.name}" for value in values if key in value.text), "")


def _has_form(exchange: Exchange) -> bool:
    """Tell whether a request has a body that is a form, or could have had one."""
    request = exchange.request
    return request.method not in WITHOUT_BODY and (not request.body or request.media_type in FORMS)


def _in_query(exchange: Exchange, evidence: Evidence) -> str:
    """Return the secret parameter that a request has in its query though a body may carry it, or nothing."""
    if not exchange.request.query:
        return ""
    names = _secret_names(exchange, evidence, in_query=False)
    return next(
        (name for name, value in parameters_in(exchange.request.query) if value and name in names), ""
    )


def _secret_names(exchange: Exchange, evidence: Evidence, *, in_query: bool = True) -> set[str]:
    """Return by what names an operation takes a key, in its bodies and, if that is meant, in its query."""
    contract = evidence.contracts.get(exchange.vendor)
    known = contract.by_id.get(exchange.operation or "") if contract else None
    forms = known.variants if known else ()
    groups = [group for form in forms for group in form.bodies.values()]
    groups += [form.query for form in forms if in_query]
    return {name for group in groups for name, schema in group.properties.items() if schema.get("x-secret")}
