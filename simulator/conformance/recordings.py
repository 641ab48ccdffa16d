"""Recorded requests that a vendor took: the nearest one to a wrong request shows how it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import yaml

from simulator.conformance.violations import cut
from simulator.exchange import Exchange, Request
from simulator.resources import shipped

Json = Any
Recorded = tuple[frozenset[str], str]
"""The names that a request brings, and the request in one line."""


def nearest(exchange: Exchange) -> str:
    """Return the recorded request of the same operation that shares most names; empty where none is."""
    known = _recorded(exchange.vendor).get(exchange.operation or "", ())
    sent = _names(exchange.request)
    return max(known, key=lambda row: len(row[0] & sent) - len(row[0] ^ sent) / 100, default=("", ""))[1]


def _names(request: Request) -> frozenset[str]:
    body = request.body.decode("utf-8", "replace")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = dict(parse_qsl(body))
    return frozenset(dict(parse_qsl(request.query))) | _top(value)


@cache
def _recorded(vendor: str) -> Mapping[str, tuple[Recorded, ...]]:
    by_operation: dict[str, tuple[Recorded, ...]] = {}
    for item in _read(vendor):
        if item["answer"]["status"] < 300:
            operation = item["operation"]
            by_operation[operation] = (*by_operation.get(operation, ()), _written(item["request"]))
    return by_operation


def _read(vendor: str) -> Iterator[Json]:
    folder = shipped("contracts") / vendor / "recordings"
    for file in sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else ():
        if file.name.endswith(".yaml"):
            yield from yaml.safe_load(file.read_bytes())["exchanges"]


def _written(request: Json) -> Recorded:
    query, fields, body = request.get("query", {}), request.get("fields", {}), request.get("json")
    names = frozenset((*query, *fields, *request.get("files", {}), *_top(body)))
    apart = body is not None or request["method"] == "GET"
    target = urlencode({**query, **fields} if apart else query, doseq=True)
    content = json.dumps(body, ensure_ascii=False) if body is not None else ""
    content = content or ("" if apart else urlencode(fields, doseq=True))
    line = f"{request['method']} {request['path']}{target and '?' + target} {content}".rstrip()
    return names, cut(line)


def _top(body: Json) -> frozenset[str]:
    """Return the names at the top of a JSON body, or of the first item of a list."""
    first = body[0] if isinstance(body, list) and body else body
    return frozenset(first) if isinstance(first, dict) else frozenset()
