"""When two requests ask for the same: equal operation and parameters, or one key that makes them one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from simulator.exchange import Exchange, Request

RequestIdentity = tuple[object, ...]

_IDEMPOTENCY = re.compile(r"(?:x-)?idempoten(?:cy|ce)-key", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)


def is_key(name: str) -> bool:
    """Return whether a header or parameter of this name makes requests one, such as `Idempotency-Key`."""
    return _IDEMPOTENCY.fullmatch(name) is not None


def identity_of(exchange: Exchange) -> RequestIdentity:
    """Return what makes a request what it is: equal for repetitions of it.

    A key that the client gave it, such as `Idempotency-Key`, says more than the parameters do.
    """
    given = (*exchange.request.headers, *_pairs(exchange.request.query))
    keys = [value for name, value in given if is_key(name)]
    if keys:
        return exchange.vendor, exchange.operation, exchange.account, "key", *keys
    return question_of(exchange)


def question_of(exchange: Exchange) -> RequestIdentity:
    """Return what a request asks for, by whom, with its parameters in any order; keys do not count."""
    request = exchange.request
    return (
        exchange.vendor,
        exchange.operation,
        exchange.account,
        request.path,
        *_parameters(request.query),
        *_body(request),
    )


def _body(request: Request) -> Iterable[object]:
    kind = request.content_type.partition(";")[0].strip().lower()
    text = request.body.decode("utf-8", "surrogateescape")
    if kind == "application/x-www-form-urlencoded":
        return _parameters(text)
    if match := _BOUNDARY.search(request.content_type):
        return (text.replace(match[1], ""),)
    try:
        return (json.dumps(json.loads(text), sort_keys=True),)
    except (ValueError, RecursionError):
        return (text,)


def _parameters(text: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in _pairs(text) if not is_key(pair[0]))


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
