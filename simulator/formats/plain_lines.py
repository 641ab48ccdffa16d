"""Nested values as plain lines, `data.0.id=7`, and back into nested texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 64


class MalformedLines(ValueError):
    """A text that is not lines of `name=value`; the message names the line."""


def write_lines(value: dict[str, Any]) -> str:
    """Return one line for each text in `value`, named by the keys that lead to it, joined by dots.

    Lists count from 0; None and whatever is empty have an empty line. Raises ValueError for a text of several
    lines and for a key with a dot or an equals sign.
    """
    return "".join(f"{line}\n" for line in _write("", value)) if value else ""


def _write(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if {".", "=", "\n"} & set(str(key)):
                raise ValueError(f"{key!r} cannot name a line")
            yield from _write(f"{name}.{key}" if name else str(key), item)
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
