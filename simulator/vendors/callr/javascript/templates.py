"""Texts of scripts with `${{ }}` in them: what stands inside is computed when the step is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.vendors.callr.javascript.values import Interpreter, sized

_OPEN, _CLOSE = "${{", "}}"
MOST_CLOSINGS = 20
"""Of how many `}}` one is looked for that closes as many braces as are open."""


def fill(value: Any, interpreter: Interpreter) -> Any:
    """Return a parameter with every `${{ }}` in it computed; alone in a text, it keeps its type.

    Raises NotSimulated.
    """
    if isinstance(value, dict):
        return {name: fill(entry, interpreter) for name, entry in value.items()}
    if isinstance(value, list):
        return [fill(entry, interpreter) for entry in value]
    if not isinstance(value, str):
        return value
    if (alone := _alone(value)) is not None:
        return interpreter.value(alone)
    parts, place = "", 0
    for start, end in _places(value):
        parts = sized(parts + value[place:start] + interpreter.text(_inside(value, start, end)))
        place = end
    return parts + value[place:]


def condition(value: Any) -> str | None:
    """Return the expression behind `if`, in `${{ }}` or bare, or None for a plain value."""
    if not isinstance(value, str):
        return None
    alone = _alone(value)
    return value if alone is None else alone


def expressions(value: Any) -> Iterator[str]:
    """Yield all expressions inside a parameter."""
    for entry in (
        (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from expressions(entry)
    if isinstance(value, str):
        yield from (_inside(value, start, end) for start, end in _places(value))


def _inside(text: str, start: int, end: int) -> str:
    return text[start + len(_OPEN) : end - len(_CLOSE)]


def _alone(text: str) -> str | None:
    """Return what stands inside the only `${{ }}` of a text that is nothing else, or None."""
    text = text.strip()
    places = next(_places(text), None)
    return _inside(text, 0, len(text)) if places == (0, len(text)) else None


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each `${{ }}` begins and ends."""
    start = text.find(_OPEN)
    while start >= 0 and (end := _end(text, start + len(_OPEN))) > 0:
        yield start, end
        start = text.find(_OPEN, end)


def _end(text: str, start: int) -> int:
    """Return the end of what opens before `start`: behind the first `}}` that leaves no brace open.

    Where there is none, behind the first of all; -1 where none closes.
    """
    first = close = text.find(_CLOSE, start)
    opened, seen = 0, start
    for _ in range(MOST_CLOSINGS):
        if close < 0:
            break
        opened += text.count("{", seen, close) - text.count("}", seen, close)
        if opened <= 0:
            return close + len(_CLOSE)
        seen, close = close, text.find(_CLOSE, close + 1)
    return first + len(_CLOSE) if first >= 0 else -1
