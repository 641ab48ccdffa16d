"""Whom a request is about: the numbers in it, where its vendor says that callees stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.exchange import Request
from simulator.formats.json_text import MalformedJson, find_json, read_json
from simulator.telephony.errors import MalformedNumber
from simulator.vendor import Vendor

MOST_VALUES = 2_000_000
_BETWEEN = re.compile(r"[,;\r\n]+")


def callees_of(request: Request, fields: Mapping[str, str], vendor: Vendor) -> tuple[str, ...]:
    """Return the numbers under the first of the vendor's names for callees that is there, once each.

    Looked for among the parameters and at any depth of a JSON body; a value may be one number or a list. Each
    is E.164 as the vendor reads it, or as it is written where that is none.
    """
    values: dict[str, list[str]] = {}
    for name, value in (*fields.items(), *_pairs(_json_of(request))):
        if (known := name.lower()) in vendor.callees:
            values.setdefault(known, []).extend(_texts(value))
    spelt = next((values[name] for name in vendor.callees if values.get(name)), [])
    return tuple(dict.fromkeys(_number(text, vendor) for text in spelt))


def _json_of(request: Request) -> Any:
    try:
        return read_json(find_json(request.body) or b"", MOST_VALUES)
    except MalformedJson:
        return None


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key with its value, at any depth; JSON that was read is not deep."""
    if isinstance(value, dict):
        yield from value.items()
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _pairs(item)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return [text for text in _BETWEEN.split(str(value)) if text.strip()]
    return []


def _number(text: str, vendor: Vendor) -> str:
    try:
        return vendor.read_number(text)
    except MalformedNumber:
        return text
