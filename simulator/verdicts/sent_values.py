"""Every value that a request carries, with its place: path, query, form, parts, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from simulator.exchange import Exchange, Request

_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)
_NAME = re.compile(r"[; ]name=\"?([^\";\r\n]{0,200})", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"
MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class SentValue:
    """One value as text: `where` is `path`, `query` or `body`, `name` the parameter or JSON pointer."""

    where: str
    name: str
    text: str


def kind_of(request: Request) -> str:
    """Return the content type of a request, without its parameters and in small letters."""
    return request.content_type.partition(";")[0].strip().lower()


def sent_values(exchange: Exchange) -> Iterator[SentValue]:
    """Yield what a request carries; of a body that cannot be read, nothing."""
    request = exchange.request
    for nth, part in enumerate(request.path.split("/")):  # not by its name: a path may have a key in it
        yield SentValue("path", f"part {nth}", part)
    for name, value in query_of(request):
        yield SentValue("query", name, value)
    yield from _of_body(request)


def query_of(request: Request) -> list[tuple[str, str]]:
    """Return the parameters in the query of a request, as they were sent."""
    return _pairs(request.query)


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def _of_body(request: Request) -> Iterator[SentValue]:
    text = request.body.decode("utf-8", "surrogateescape")
    if kind_of(request) == _FORM and text[:1] not in ("{", "["):
        yield from (SentValue("body", name, value) for name, value in _pairs(text))
    elif match := _BOUNDARY.search(request.content_type):
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
    elif isinstance(value, str):
        yield SentValue("body", pointer or "/", value)
    elif isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN alone differs from itself
        yield SentValue("body", pointer or "/", "NaN")
