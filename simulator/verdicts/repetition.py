"""When two requests ask for the same: equal operation and parameters, or one key that makes them one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from simulator.exchange import Exchange, Request
from simulator.verdicts.sent_values import BOUNDARY, FORM, parameters_in

RequestIdentity = tuple[object, ...]

_IDEMPOTENCY = re.compile(r"(?:x-)?idempoten(?:cy|ce)-key", re.IGNORECASE)


_SPELT = r"\+?\d[\d ().-]{5,24}"
_NUMBER = re.compile(rf"^[ ]?{_SPELT}$", re.ASCII)
_QUOTED_NUMBER = re.compile(f'"{_SPELT}"', re.ASCII)
_BETWEEN = re.compile("[+ ().-]")


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

    However a number is written, it is the same.
    """
    request = exchange.request
    return (
        exchange.vendor,
        exchange.operation,
        request.path,
        *_parameters(request.query),
        *_body(request),
    )


def _body(request: Request) -> Iterable[object]:
    text = request.body.decode("utf-8", "surrogateescape")
    if request.media_type == FORM:
        return _parameters(text)
    if match := BOUNDARY.search(request.content_type):
        return (text.replace(match[1], ""),)
    try:
        return (_QUOTED_NUMBER.sub(_digits, json.dumps(json.loads(text), sort_keys=True)),)
    except (ValueError, RecursionError):
        return (text,)


def _parameters(text: str) -> list[tuple[str, str]]:
    pairs = parameters_in(text)
    return sorted((name, _NUMBER.sub(_digits, value)) for name, value in pairs if not is_key(name))


def _digits(match: re.Match[str]) -> str:
    """Return a number without what may stand before and between its digits."""
    return _BETWEEN.sub("", match[0])
