"""What can go wrong on purpose: which requests it befalls, and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct, field

FOR_GOOD = timedelta(days=36_500)


class FaultContext(Struct, frozen=True):
    """What a trigger may look at: counts start at 1 and include this request.

    `requests_of_number` is of the number asked about least often so far.
    """

    requests: int
    requests_of_number: int
    since_start: timedelta
    drawn: float


class Trigger:
    """Which requests a fault befalls."""

    __slots__ = ()

    def fires(self, asked: FaultContext) -> bool:
        """Return whether the fault happens now."""
        raise NotImplementedError


class Action:
    """What a fault does to a request."""

    __slots__ = ()


class Always(Trigger, Struct, frozen=True):
    """Fires for every request."""

    def fires(self, _context: FaultContext) -> bool:
        """Return whether the fault happens now."""
        return True


class Share(Trigger, Struct, frozen=True):
    """Fires for a `share` of 0..1 of the requests, the same ones in any order of arrival."""

    share: float

    def fires(self, context: FaultContext) -> bool:
        """Return whether the fault happens now."""
        return context.drawn < self.share


class Requests(Trigger, Struct, frozen=True):
    """Fires for the requests number `first` to `last`, counted from 1."""

    first: int
    last: int

    def fires(self, context: FaultContext) -> bool:
        """Return whether the fault happens now."""
        return self.first <= context.requests <= self.last


class FirstPerNumber(Trigger, Struct, frozen=True):
    """Fires for the first `count` requests about each phone number.

    It fires for one about several numbers while it is among the first about any of them.
    """

    count: int

    def fires(self, context: FaultContext) -> bool:
        """Return whether the fault happens now."""
        return context.requests_of_number <= self.count


@dataclass(frozen=True, slots=True)
class Period(Trigger):  # no struct, as scenario.values says
    """Fires from `start` after the world's beginning, for `length`; the end is outside."""

    start: timedelta
    length: timedelta = FOR_GOOD

    def fires(self, context: FaultContext) -> bool:
        """Return whether the fault happens now."""
        return self.start <= context.since_start < self.start + self.length


class Slow(Action, Struct, frozen=True):
    """Answer after a time drawn between `low` and `high`."""

    low: timedelta
    high: timedelta


class Hang(Action, Struct, frozen=True):
    """Do the work, and hold the answer back for `duration`: the client has long gone."""

    duration: timedelta


class Reset(Action, Struct, frozen=True):
    """Close the connection without an answer; nothing was done, unless the request was `accepted` before."""

    accepted: bool = False


class Status(Action, Struct, frozen=True):
    """Answer this status from in front of the vendor; nothing was done, unless it was `accepted` before."""

    code: int
    accepted: bool = False


class ReplyOverride(Struct, frozen=True):
    """How a scenario words an answer in the vendor's place; what it leaves out stays the vendor's.

    `bodies` go by the content type in which the vendor would have answered, `*` stands for every other.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)


class Reply(Action, Struct, frozen=True):
    """Answer in words of the scenario from in front of the vendor, unless it was `accepted` before.

    What was accepted was done, and what the words leave out of its answer stays the vendor's.
    """

    accepted: bool = False
    wording: ReplyOverride = ReplyOverride()


class Drip(Action, Struct, frozen=True):
    """Do the work, and let the answer come piece by piece, the last one after `duration`."""

    duration: timedelta


class Refuse(Action, Struct, frozen=True):
    """Refuse in the vendor's own words, by the name or code in its contract; nothing was done."""

    name: str


class Cut(Action, Struct, frozen=True):
    """Lose a share of 0..1 of the body at its end, while Content-Length still promises all of it."""

    share: float


class Garble(Action, Struct, frozen=True):
    """Spoil every fourth byte of the body: same length, no longer text."""


class Fault(Struct, frozen=True):
    """One rule: `where` is `vendor.operation`, `vendor.*` or `*`; `id` is its `file:line`."""

    id: str
    where: str
    do: Action
    when: Trigger = Always()

    def concerns(self, where: str) -> bool:
        """Return whether an operation, named `vendor.operation`, falls under this rule."""
        return self.where in ("*", where) or (self.where.endswith(".*") and where.startswith(self.where[:-1]))
