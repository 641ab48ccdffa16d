"""What texts, lists and a few names of JavaScript can do in scripts: plain methods that run no code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil, floor
from types import MappingProxyType
from typing import Any, NoReturn

LONGEST_TEXT, DEEPEST_VALUE, MOST_PLACES = 262_144, 64, 100
_PATTERN = re.compile(r"/(\^?)((?:[A-Za-z0-9 _|@#:=-]|\\[.+*?()/$^-])+)(\$?)/([gi]*)", re.ASCII)
_LEADING_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,15})", re.ASCII)


class MalformedExpression(ValueError):
    """An expression of a kind that is not simulated."""


@dataclass(frozen=True, slots=True)
class Function:
    """Something that can be called."""

    call: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression of plain letters, `|`, and `^` and `$` at its ends, which is never slow."""

    search: re.Pattern[str]
    everywhere: bool


def refuse(what: str) -> NoReturn:
    """Tell that something is not simulated."""
    raise MalformedExpression(f"{what} is not simulated")


def read_pattern(source: str) -> Pattern:
    """Read a literal such as `/MOBILE|FIXED/i`; raises MalformedExpression."""
    match = _PATTERN.fullmatch(source)
    if match is None:
        refuse(f"the pattern {source[:80]}")
    start, body, end, flags = match.groups()
    words = [re.escape(re.sub(r"\\(.)", r"\1", word)) for word in body.split("|")]
    if (start or end) and len(words) > 1:
        refuse(f"the pattern {source[:80]}")
    text = f"{'^' if start else ''}(?:{'|'.join(words)}){'$' if end else ''}"
    return Pattern(re.compile(text, re.IGNORECASE if "i" in flags else 0), "g" in flags)


def to_text(value: Any) -> str:
    """Return a value as JavaScript shows it inside a text; raises MalformedExpression for one too long."""
    if isinstance(value, str):
        return sized(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "undefined" if value is None else to_json(value)


def to_json(value: Any) -> str:
    """Return a value as JSON without spaces."""
    weigh(value)
    return sized(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str))


def weigh(value: Any) -> int:
    """Return how many characters and members a value has, however often parts of it are the same.

    Raises MalformedExpression for too much or too deep a value.
    """
    weight, pending = 0, [(value, 0)]
    while pending:
        one, depth = pending.pop()
        weight += len(one) + 1 if isinstance(one, str) else 1
        if weight > LONGEST_TEXT:
            refuse(f"a value of more than {LONGEST_TEXT} characters")
        if depth > DEEPEST_VALUE:
            refuse(f"a value more than {DEEPEST_VALUE} deep")
        if isinstance(one, Mapping):
            pending += [(part, depth + 1) for part in (*one, *one.values())]
        elif isinstance(one, list | tuple):
            pending += [(part, depth + 1) for part in one[: LONGEST_TEXT + 1]]
    return weight


def sized(text: str) -> str:
    """Return a text that is not too long."""
    return text if len(text) <= LONGEST_TEXT else refuse(f"a text of more than {LONGEST_TEXT} characters")


def to_number(value: Any) -> float:
    """Return a value as a number, where that is plain."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        refuse(f"{str(value)[:80]!r} as a number")
    return int(number) if number.is_integer() else number


def get(value: Any, key: Any) -> Any:
    """Return a member of a value: by name, by place, or one of its methods."""
    if isinstance(value, Mapping):
        return value.get(key if isinstance(key, str) else to_text(key))
    if value is None:
        raise MalformedExpression(f"{to_text(key)} of undefined")
    if isinstance(value, str | list):
        if key == "length":
            return len(value)
        if isinstance(key, int) and not isinstance(key, bool):
            return value[key] if 0 <= key < len(value) else None
    methods = next((entry for kind, entry in METHODS if isinstance(value, kind)), {})
    if isinstance(key, str) and key in methods:
        return Function(partial(methods[key], value))
    if isinstance(key, str) and isinstance(value, str | list | Pattern):
        refuse(f"the method {key[:80]}")
    return None


def _split(text: str, separator: Any = None) -> list[str]:
    if separator is None:
        return [text]
    return list(text) if separator == "" else text.split(to_text(separator))


def _join(items: list[Any], separator: Any = ",") -> str:
    texts = ["" if item is None else to_text(item) for item in items]
    between = to_text(separator)
    if sum(map(len, texts)) + len(between) * len(texts) > LONGEST_TEXT:
        refuse(f"a text of more than {LONGEST_TEXT} characters")
    return between.join(texts)


def _match(text: str, pattern: Any) -> list[str] | None:
    if not isinstance(pattern, Pattern):
        refuse("a match of anything but a plain pattern")
    matches = pattern.search.findall(text) if pattern.everywhere else _first(pattern, text)
    return matches or None


def _first(pattern: Pattern, text: str) -> list[str]:
    match = pattern.search.search(text)
    return [match[0]] if match else []


def _replace(text: str, old: Any, new: Any) -> str:
    text_of_new = to_text(new)
    if isinstance(old, Pattern):
        count = len(old.search.findall(text)) if old.everywhere else 1
        if len(text) + count * len(text_of_new) > LONGEST_TEXT:
            refuse(f"a text of more than {LONGEST_TEXT} characters")
        return old.search.sub(lambda _: text_of_new, text, 0 if old.everywhere else 1)
    return sized(text.replace(to_text(old), text_of_new, 1))


def _slice(value: Any, start: Any = 0, end: Any = None) -> Any:
    return value[int(to_number(start)) : None if end is None else int(to_number(end))]


def _find(value: Any, part: Any) -> int:
    if isinstance(value, str):
        return value.find(to_text(part))
    return value.index(part) if part in value else -1


def _to_fixed(number: float, places: Any = 0) -> str:
    if not 0 <= (count := int(to_number(places))) <= MOST_PLACES:
        refuse(f"more than {MOST_PLACES} places")
    return f"{number:.{count}f}"


METHODS: tuple[tuple[Any, Mapping[str, Callable[..., Any]]], ...] = (
    (
        str,
        {
            "split": _split,
            "match": _match,
            "replace": _replace,
            "slice": _slice,
            "indexOf": _find,
            "trim": str.strip,
            "toLowerCase": str.lower,
            "toUpperCase": str.upper,
            "toString": str,
            "toISOString": str,
            "includes": lambda text, part: to_text(part) in text,
            "startsWith": lambda text, part: text.startswith(to_text(part)),
            "endsWith": lambda text, part: text.endswith(to_text(part)),
            "concat": lambda text, *more: sized(text + "".join(map(to_text, more))),
        },
    ),
    (
        list,
        {
            "join": _join,
            "slice": _slice,
            "indexOf": _find,
            "includes": lambda items, part: part in items,
            "concat": lambda items, *more: items + [x for one in more for x in _listed(one)],
        },
    ),
    (int | float, {"toString": to_text, "toFixed": _to_fixed}),
    (Pattern, {"test": lambda pattern, text: pattern.search.search(to_text(text)) is not None}),
)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parse_int(value: Any = None, _base: Any = 10) -> int | None:
    match = _LEADING_INTEGER.match(to_text(value))
    return int(match[1]) if match else None


FUNCTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "JSON": {"stringify": Function(lambda value=None, *_: to_json(value))},
        "Math": {
            "floor": Function(lambda value: floor(to_number(value))),
            "ceil": Function(lambda value: ceil(to_number(value))),
            "round": Function(lambda value: floor(to_number(value) + 0.5)),
            "min": Function(lambda *values: min(map(to_number, values))),
            "max": Function(lambda *values: max(map(to_number, values))),
        },
        "Number": Function(to_number),
        "String": Function(to_text),
        "parseInt": Function(_parse_int),
    }
)
"""Reachable by name; `JSON.stringify` is observed in public scripts, the others are as plain."""
