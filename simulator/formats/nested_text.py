"""Nested values as text, out and in: as PHP's print_r shows arrays, and as plain lines, `data.0.id=7`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 64

_ENTRY = re.compile(r"\[(?P<key>[^\]\n]*)\] => (?P<text>[^\n]*)")
_STEP = 8


class MalformedPrintR(ValueError):
    """A text that print_r would not have written; the message names the line."""


def write_print_r(value: dict[str, Any] | list[Any]) -> str:
    """Return an array as `print_r` shows it, with its indentation and its blank lines.

    Lists are arrays with keys from 0; None shows as nothing. Raises ValueError for a text of several lines,
    which nobody could tell from an array any more.
    """
    return "\n".join([*_write(value, 0), ""])


def _write(value: dict[str, Any] | list[Any], indent: int) -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    space = " " * indent
    yield "Array"
    yield f"{space}("
    for key, item in pairs:
        if isinstance(item, dict | list):
            first, *others = _write(item, indent + _STEP)
            yield f"{space}    [{key}] => {first}"
            yield from others
            yield ""
        else:
            yield f"{space}    [{key}] => {_line(item)}"
    yield f"{space})"


def _line(value: Any) -> str:
    text = "" if value is None else str(value)
    if "\n" in text or "\r" in text:
        raise ValueError("print_r cannot show a text of several lines")
    return text


def read_print_r(text: str) -> dict[str, Any]:
    """Return an array as a dict of texts and dicts; indentation and blank lines do not matter.

    Raises MalformedPrintR for any other text, and for arrays nested deeper than 64 levels.
    """
    lines = [(place, line) for place, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines or lines[0][1].strip() != "Array":
        raise MalformedPrintR("The text does not begin with an array.")
    value, after = _read(lines, 1, 1)
    if after != len(lines):
        raise MalformedPrintR(f"Line {lines[after][0]}: more text follows after the array.")
    return value


_Lines = list[tuple[int, str]]


def _read(lines: _Lines, at: int, depth: int) -> tuple[dict[str, Any], int]:
    """Return the array whose `(` stands at `at`, and where its `)` leaves off."""
    if depth > MAX_DEPTH:
        raise MalformedPrintR(f"The arrays are nested deeper than {MAX_DEPTH} levels.")
    if not _is(lines, at, "("):
        raise MalformedPrintR("An array lacks its opening bracket.")
    value: dict[str, Any] = {}
    at += 1
    while not _is(lines, at, ")"):
        if at >= len(lines):
            raise MalformedPrintR("The text ends inside an array.")
        place, line = lines[at]
        entry = _ENTRY.fullmatch(line.lstrip(" "))
        if entry is None:
            raise MalformedPrintR(f"Line {place}: {line.strip()[:40]!r} is no entry of an array.")
        if entry["text"] == "Array" and _is(lines, at + 1, "("):
            value[entry["key"]], at = _read(lines, at + 1, depth + 1)
        else:
            value[entry["key"]] = entry["text"]
            at += 1
    return value, at + 1


def _is(lines: _Lines, at: int, sign: str) -> bool:
    return at < len(lines) and lines[at][1].strip() == sign


# -- plain lines ----------------------------------------------------------------------------------------


class MalformedLines(ValueError):
    """A text that is not lines of `name=value`; the message names the line."""


def write_lines(value: dict[str, Any]) -> str:
    """Return one line for each text in `value`, named by the keys that lead to it, joined by dots.

    Lists count from 0; None and whatever is empty have an empty line. Raises ValueError for a text of several
    lines and for a key with a dot or an equals sign.
    """
    return "".join(f"{line}\n" for line in _write_pairs("", value)) if value else ""


def _write_pairs(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if {".", "=", "\n"} & set(str(key)):
                raise ValueError(f"{key!r} cannot name a line")
            yield from _write_pairs(f"{name}.{key}" if name else str(key), item)
        return
    text = "" if value is None or isinstance(value, dict | list) else str(value)
    if "\n" in text or "\r" in text:
        raise ValueError("a line cannot hold a text of several lines")
    yield f"{name}={text}"


def read_lines(text: str) -> dict[str, Any]:
    """Return the nested texts of `name=value` lines; raises MalformedLines."""
    root: dict[str, Any] = {}
    for place, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        name, equals, value = line.partition("=")
        *steps, last = name.split(".")
        if not equals or len(steps) >= MAX_DEPTH:
            raise MalformedLines(f"Line {place} is not `name=value`.")
        inner = root
        for step in steps:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise MalformedLines(f"Line {place}: {step!r} holds a text already.")
        if last in inner:
            raise MalformedLines(f"Line {place}: {name!r} stands twice.")
        inner[last] = value
    return root
