"""What operators and methods of JavaScript make of plain values, for where no engine is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import fmod, isfinite
from operator import add, ge, gt, le, lt, mul, sub, truediv
from typing import Any

from simulator.vendors.callr.javascript.values import NotSimulated, refuse, sized, to_json, to_text

LARGEST = 2**53
_SUMS: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv, "%": fmod}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
_DECIMAL = re.compile(r"\s*-?\d{1,16}(\.\d{1,16})?\s*", re.ASCII)

LEVELS: Mapping[str, int] = {
    mark: level
    for level, marks in enumerate(["|| ??", "&&", "=== !== == !=", "< > <= >=", "+ -", "* / %"], 1)
    for mark in marks.split()
}
"""How close operators bind."""


def truthy(value: Any) -> bool:
    """Tell what JavaScript takes for true: also empty lists and maps."""
    return bool(value) or isinstance(value, dict | list)


def settles(mark: str, left: Any) -> bool:
    """Tell whether the left side of a logical operator is its result, so that the right is not looked at."""
    return left is not None if mark == "??" else truthy(left) == (mark == "||")


def operate(mark: str, left: Any, right: Any) -> Any:
    """Return what any other operator makes of two values; raises NotSimulated."""
    if mark in ("===", "!=="):
        return _same(left, right) == (mark == "===")
    if mark in ("==", "!="):
        mixed = type(left) is not type(right) and left is not None and right is not None
        pair = (to_number(left), to_number(right)) if mixed else (left, right)
        return _same(*pair) == (mark == "==")
    texts = isinstance(left, str), isinstance(right, str)
    if mark == "+" and any(texts):
        return sized(to_text(left) + to_text(right))
    if mark in _ORDERS:
        return _ORDERS[mark](*((left, right) if all(texts) else (to_number(left), to_number(right))))
    try:
        return to_number(_SUMS[mark](to_number(left), to_number(right)))
    except ArithmeticError:
        refuse("a sum without a finite result")


def to_number(value: Any) -> float:
    """Return a value as a number, where that is plain and exact; raises NotSimulated."""
    number = float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value
    if not isinstance(number, int | float) or not isfinite(number) or abs(number) > LARGEST:
        refuse(f"{to_text(value)[:80]!r} as a number")
    return int(number) if float(number).is_integer() else number


def member(value: Any, name: Any) -> Any:
    """Return a member of a map, text or list; raises NotSimulated for members of anything else."""
    if isinstance(value, dict):
        return value.get(to_text(name))
    if isinstance(value, str | list) and name == "length":
        return len(value)
    if isinstance(value, str | list) and isinstance(name, int):
        return value[name] if 0 <= name < len(value) else None
    return refuse(f"{to_text(name)[:80]} of {to_text(value)[:80]}")


def call(name: str, arguments: list[Any]) -> Any:
    """Call a function, or a method of its first argument; raises NotSimulated."""
    methods = FUNCTIONS if name in FUNCTIONS else METHODS.get(type(arguments[0]), {})
    if name not in methods:
        refuse(f"{name} of {to_text(arguments[0])[:80]}")
    try:
        return methods[name](*arguments)
    except (TypeError, ValueError) as error:
        raise error if isinstance(error, NotSimulated) else NotSimulated(f"{name}: {error}") from None


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, list | dict):
        return left is right
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


METHODS: Mapping[type, Mapping[str, Callable[..., Any]]] = {
    str: {
        "includes": lambda text, part: part in text,
        "startsWith": lambda text, part: text.startswith(part),
        "endsWith": lambda text, part: text.endswith(part),
        "toLowerCase": lambda text: text.lower(),
        "toUpperCase": lambda text: text.upper(),
        "trim": lambda text: text.strip(),
        "slice": lambda text, start, end=None: text[start:end],
        "split": lambda text, separator: text.split(separator) if separator else list(text),
    },
    list: {
        "includes": lambda items, item: any(_same(item, other) for other in items),
        "join": lambda items, between=",": between.join("" if x is None else to_text(x) for x in items),
    },
    datetime: {
        "getFullYear": lambda now: now.year,
        "getMonth": lambda now: now.month - 1,
        "getDate": lambda now: now.day,
        "getDay": lambda now: now.isoweekday() % 7,
        "getHours": lambda now: now.hour,
        "getMinutes": lambda now: now.minute,
        "toISOString": lambda now: now.astimezone(UTC).isoformat("T", "milliseconds").replace("+00:00", "Z"),
    },
}
"""Methods by the type of what they are called on."""

METHOD_NAMES = {name for methods in METHODS.values() for name in methods}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "JSON.stringify": to_json,
    "String": to_text,
    "Number": to_number,
}
