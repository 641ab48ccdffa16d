"""What expressions compute with: values, how much of them is too much, names, time, chance, and work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

from msgspec import Struct, field

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


MOST_WORK = 3_000_000
READING = 10
"""What it costs to read a character of an expression; to look at one of a value costs 1."""

PREDEFINED = ("call", "sms", "recording", "run", "scenario", "integrations", "now")
"""Names that the vendor sets (observed); of a call or message only where there is one."""


class Work:
    """The work that is left to one run, with all that it sets off."""

    def __init__(self) -> None:
        self.left = MOST_WORK

    @property
    def used_up(self) -> bool:
        """Whether more was asked for than there was."""
        return self.left < 0

    def spend(self, amount: int) -> None:
        """Take that much of it; raises NotSimulated where there is no more."""
        self.left -= amount
        if self.used_up:
            refuse("so much work in one run")


class Scope(Struct, frozen=True):
    """What one step of a run computes with.

    `values` are those of names, `$variables` and what the vendor sets, save `now`, which is `at`, an instant
    that is read in `zone`, an IANA id. `seed` decides what is random.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    zone: str = "UTC"
    seed: int = 1
    work: Work = field(default_factory=Work)


class Interpreter(Protocol):
    """Computes JavaScript of a script in one scope; all raise NotSimulated, with the reason."""

    def value(self, source: str) -> Any:
        """Return what an expression is: None, a truth value, number, text, list or map."""

    def truth(self, source: str) -> bool:
        """Tell whether JavaScript takes an expression for true."""

    def text(self, source: str) -> str:
        """Return an expression as it stands inside a text."""

    def run(self, code: str) -> dict[str, Any]:
        """Do statements, and return all `$variables` that have a value then."""

    def check(self, source: str, *, code: bool = False) -> None:
        """Do nothing, or tell why an expression, or statements, will not be computed."""
