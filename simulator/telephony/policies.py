"""Terms of dialing that are one number's own, each laid over the campaign's where it says something."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from simulator.telephony.hours import Windows

CALLEES = "callee"
"""The zone of whoever is called, where that is known."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """The client's leave, asked for at `url` before each attempt; `again` are the waits between tries."""

    url: str
    again: tuple[timedelta, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds for one number; what is None follows the level below, at last the campaign.

    `attempts` and `retry_after` as in a campaign's retry policy; `windows` of the local time in `zone`, which
    may be CALLEES;
    dialing starts not before `earliest` and never at or after `latest`; `priority` 1 goes first.
    """

    attempts: int | None = None
    retry_after: timedelta | None = None
    windows: Windows | None = None
    zone: str | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    priority: int | None = None
    clearance: Clearance | None = None

    def over(self, lower: Policy) -> Policy:
        """Return this policy laid over a lower one."""
        terms = {term.name: getattr(self, term.name) for term in fields(self)}
        return Policy(
            **{name: getattr(lower, name) if value is None else value for name, value in terms.items()}
        )


FOLLOWS = Policy()
"""The policy of a number without terms of its own."""
