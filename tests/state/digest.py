"""A fingerprint of a world: equal worlds have equal digests, whatever order Python met them in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from itertools import count
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

PLAIN = (str, bytes, int, float, bool, type(None), Decimal, date, timedelta)
UNSEEN = (FunctionType, MethodType, BuiltinFunctionType, type, count)
"""Code, not state; what a clock still has to do shows in the entities it will change."""


def digest(root: object) -> str:
    """Return a SHA-256 over everything reachable from `root`, in hexadecimal.

    Objects met before are named by the order in which they were first met, so cycles end. Nothing is
    recursive, so a chain of a million calls is no deeper than one.
    """
    hasher = sha256()
    numbers: dict[int, int] = {}
    pending: list[Any] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, UNSEEN):
            continue
        if isinstance(value, PLAIN) and not isinstance(value, Enum):
            hasher.update(repr(value).encode() + b"\x00")
        elif id(value) in numbers:
            hasher.update(b"#%d\x00" % numbers[id(value)])
        else:
            numbers[id(value)] = len(numbers)
            parts = list(_parts(value))
            hasher.update(b"%s(%d\x00" % (type(value).__name__.encode(), len(parts)))
            pending.extend(reversed(parts))
    return hasher.hexdigest()


def _parts(value: Any) -> Iterator[Any]:
    for kind, part in _PARTS.items():
        if isinstance(value, kind):
            yield from part(value)
            return
    if isinstance(value, Struct):
        yield from astuple(value)
    elif is_dataclass(value):
        yield from (getattr(value, field.name) for field in fields(value))
    elif hasattr(value, "__dict__"):
        yield from _mapping(vars(value))
    else:
        yield repr(value)


def _mapping(value: Mapping[Any, Any]) -> Iterator[Any]:
    for key, entry in value.items():
        yield key
        yield entry


_PARTS: Mapping[Any, Callable[[Any], Iterator[Any]]] = {
    Enum: lambda value: iter([value.value]),
    Mapping: _mapping,
    (list, tuple, deque): iter,
    (set, frozenset): lambda value: iter(sorted(value, key=repr)),
}
