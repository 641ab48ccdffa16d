"""Which documented parameters clients really send: names in the query, in forms, in JSON however deep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from simulator.conformance.contract import Contract
from simulator.conformance.outline import outline
from simulator.exchange import Exchange, Request

Json = Any
DEEPEST = 8
MOST_ITEMS = 50
"""Items of a list that are looked into: the rest is like them."""

_NAME_OF_PART = re.compile(rb'[; ]name="?([^";\r\n]{1,100})')
_INDEX = re.compile(r"\[\d*\]")
_KEY = re.compile(r"\[([^\]]+)\]")


@cache
def parameters_of(contract: Contract, operation: str) -> tuple[tuple[str, str], ...]:
    """Return name and place of each documented parameter of an operation, of its recommended form."""
    if (known := contract.by_id.get(operation)) is None:
        return ()
    return tuple((row.name, row.place) for row in outline(contract, known.variants[0]))


class ParametersMet:
    """Notes by vendor and operation which names came. Not safe for threads."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], set[str]] = {}

    def note(self, exchange: Exchange) -> None:
        """Note the names in a client's request."""
        if exchange.operation is not None and not exchange.callback:
            names = self._names.setdefault((exchange.vendor, exchange.operation), set())
            names.update(map(plain_name, _names_in(exchange.request)))

    def met(self, contract: Contract, operation: str) -> dict[str, bool]:
        """Return each documented parameter, and whether it came: those in the path always do."""
        names = self._names.get((contract.vendor, operation))
        return {
            name: names is not None and (place == "path" or plain_name(name) in names)
            for name, place in parameters_of(contract, operation)
        }


def plain_name(name: str) -> str:
    """Return a name however it is written: `filter[a]` and `filter.a`, `ids[]`, `ids[0]` and `ids`."""
    return _KEY.sub(r".\1", _INDEX.sub("", name)).casefold()


def _names_in(request: Request) -> Iterator[str]:
    yield from (name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    yield from (name for name, _ in request.headers)
    kind = request.media_type
    if kind == "multipart/form-data":
        yield from (name.decode("utf-8", "replace") for name in _NAME_OF_PART.findall(request.body))
    elif kind == "application/x-www-form-urlencoded":
        text = request.body.decode("utf-8", "replace")
        yield from (name for name, _ in parse_qsl(text, keep_blank_values=True))
    elif request.body:
        try:
            yield from _names_deep(json.loads(request.body), "", 0)
        except (ValueError, RecursionError):
            return


def _names_deep(value: Json, prefix: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        yield f"{prefix}[]"
        for entry in value[:MOST_ITEMS]:
            yield from _names_deep(entry, prefix, depth + 1)
    elif isinstance(value, dict):
        for key, entry in value.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield name
            yield from _names_deep(entry, name, depth + 1)
