"""JSON wrapped in a call of a function, as pages load it from another site."""

from __future__ import annotations

import re
from typing import Any

from simulator.formats.json_text import read_json, write_compact_json

MAX_NAME = 128

_FUNCTION = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", re.ASCII)
_CALL = re.compile(rf"(?P<function>{_FUNCTION.pattern})\((?P<value>.*)\);?\s*", re.ASCII | re.DOTALL)
_LINE_ENDS = {"\u2028": r"\u2028", "\u2029": r"\u2029", "<": r"\u003c"}


class MalformedJsonp(ValueError):
    """A text that is no call of one function with one JSON value."""


def is_function(name: str) -> bool:
    """Return whether `name` is a dotted JavaScript name and nothing more, so that it is safe to call."""
    return len(name) <= MAX_NAME and _FUNCTION.fullmatch(name) is not None


def write_jsonp(function: str, value: Any) -> str:
    """Return `function(value);`; raises ValueError for a name that is not one."""
    if not is_function(function):
        raise ValueError(f"{function[:80]!r} cannot name a function")
    text = write_compact_json(value).decode()
    for sign, escaped in _LINE_ENDS.items():  # script readers take these for something else
        text = text.replace(sign, escaped)
    return f"{function}({text});"


def read_jsonp(text: str) -> tuple[str, Any]:
    """Return the function's name and the value; raises MalformedJsonp or MalformedJson."""
    if not (call := _CALL.fullmatch(text)):
        raise MalformedJsonp("The text is not a call of one function.")
    return call["function"], read_json(call["value"].encode())
