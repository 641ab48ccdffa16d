"""What expressions of a run see: names with their values, the time, chance, and how much work is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from simulator.vendors.callr.actions.values import refuse

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


@dataclass(frozen=True, slots=True)
class Scope:
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

    def check(self, source: str) -> None:
        """Do nothing, or tell why an expression will not be computed."""

    def check_code(self, code: str) -> None:
        """Do nothing, or tell why statements will not be done."""
