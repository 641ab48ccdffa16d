"""When two requests ask for the same: equal operation and parameters, or one key that makes them one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from simulator.conformance.phones import phone_names
from simulator.exchange import Exchange, Request
from simulator.verdicts.sent_values import BOUNDARY, FORM, parameters_in

RequestIdentity = tuple[object, ...]

_IDEMPOTENCY = re.compile(r"(?:x-)?idempoten(?:cy|ce)-key", re.IGNORECASE)


_SPELT = re.compile(r"[+\d ().,^-]*", re.ASCII)
"""One number as people write it, or several as vendors join them."""
_BETWEEN = str.maketrans("", "", "+ ().-")


def is_key(name: str) -> bool:
    """Return whether a header or parameter of this name makes requests one, such as `Idempotency-Key`."""
    return _IDEMPOTENCY.fullmatch(name) is not None


def identity_of(exchange: Exchange) -> RequestIdentity:
    """Return what makes a request what it is: equal for repetitions of it.

    A key that the client gave it, such as `Idempotency-Key`, says more than the parameters do.
    """
    given = (*exchange.request.headers, *parameters_in(exchange.request.query))
    keys = [value for name, value in given if is_key(name)]
    if keys:
        return exchange.vendor, exchange.operation, exchange.account, "key", *keys
    return question_of(exchange)


def question_of(exchange: Exchange) -> RequestIdentity:
    """Return what a request asks for, by whom, with its parameters in any order; keys do not count."""
    return exchange.account, *words_of(exchange)


def words_of(exchange: Exchange) -> RequestIdentity:
    """Return what a request asks for, whoever asks: one that a limit refuses has come to no account.

    However a telephone number is written, it is the same; any other value is what it is, to the letter.
    """
    request, phones = exchange.request, phone_names(exchange.vendor)
    return (
        exchange.vendor,
        exchange.operation,
        request.path,
        *_parameters(request.query, phones),
        *_body(request, phones),
    )


def _body(request: Request, phones: frozenset[str]) -> Iterable[object]:
    text = request.body.decode("utf-8", "surrogateescape")
    if request.media_type == FORM:
        return _parameters(text, phones)
    if match := BOUNDARY.search(request.content_type):
        return (text.replace(match[1], ""),)
    try:
        value = json.loads(text, object_hook=partial(_members, phones))
        return (json.dumps(value, sort_keys=True),)
    except (ValueError, RecursionError):
        return (text,)


def _parameters(text: str, phones: frozenset[str]) -> list[tuple[str, str]]:
    """Return parameters in one order; those of several values may end in brackets."""
    pairs = parameters_in(text)
    return sorted(
        (name, _digits(value) if name.partition("[")[0] in phones else value)
        for name, value in pairs
        if not is_key(name)
    )


def _members(phones: frozenset[str], members: dict[str, Any]) -> dict[str, Any]:
    for name in members.keys() & phones:
        value = members[name]
        members[name] = [*map(_digits, value)] if isinstance(value, list) else _digits(value)
    return members


def _digits(value: Any) -> Any:
    """Return a number as text without what may stand between its digits; anything else as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.translate(_BETWEEN) if isinstance(value, str) and _SPELT.fullmatch(value) else value
