"""Values of scripts: how they look as text and as JSON, and how much of them is too much."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

LONGEST_TEXT, DEEPEST_VALUE = 262_144, 64


class NotSimulated(ValueError):
    """Something of a script that is not simulated, or that fails when it is computed, with the reason."""


def refuse(what: str) -> NoReturn:
    """Raise NotSimulated for `what`, a noun."""
    raise NotSimulated(f"{what} is not simulated")


def to_text(value: Any) -> str:
    """Return a value as it stands inside a text: maps and lists as JSON (inferred), nothing as `undefined`.

    Raises NotSimulated for a text that is too long.
    """
    if isinstance(value, str):
        return sized(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "undefined" if value is None else to_json(value)


def to_json(value: Any) -> str:
    """Return a value as JSON without spaces; raises NotSimulated for too much of it."""
    weigh(value)
    return sized(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str))


def weigh(value: Any) -> int:
    """Return how many characters and members a value has, however often parts of it are the same.

    Raises NotSimulated for too much or too deep a value.
    """
    weight, pending = 0, [(value, 0)]
    while pending:
        part, depth = pending.pop()
        weight += len(part) + 1 if isinstance(part, str) else 1
        if weight > LONGEST_TEXT:
            refuse(f"a value of more than {LONGEST_TEXT} characters")
        if depth > DEEPEST_VALUE:
            refuse(f"a value more than {DEEPEST_VALUE} deep")
        if isinstance(part, Mapping):
            pending += [(member, depth + 1) for member in (*part, *part.values())]
        elif isinstance(part, list | tuple):
            pending += [(member, depth + 1) for member in part[: LONGEST_TEXT + 1]]
    return weight


def sized(text: str) -> str:
    """Return a text that is not too long; raises NotSimulated for another."""
    return text if len(text) <= LONGEST_TEXT else refuse(f"a text of more than {LONGEST_TEXT} characters")
