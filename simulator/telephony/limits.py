"""Limits on requests, exact on the virtual clock: sliding log, fixed window, bucket."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Literal, Protocol

from msgspec import Struct

from simulator.telephony.errors import TooManyRequests

WindowKind = Literal["sliding", "fixed", "bucket"]
WindowStart = Literal["first", "edge"]


MOST_WINDOWS = 10_000


class Window(Protocol):
    """Counts admissions of one key; refused ones leave no trace."""

    def used(self, now: datetime) -> int:
        """Return how many of those that it allows are used up now; nothing changes."""

    def admit(self, now: datetime) -> timedelta | None:
        """Admit a hit and return None, or refuse it and return how long until one would be admitted."""


class SlidingLog:
    """Never more than `allow` admissions in any window of length `per`."""

    def __init__(self, allow: int, per: timedelta) -> None:
        self.allow = allow
        self.per = per
        self._admitted: deque[datetime] = deque()

    def admit(self, now: datetime) -> timedelta | None:
        """See Window."""
        while self._admitted and now - self._admitted[0] >= self.per:
            self._admitted.popleft()
        if len(self._admitted) < self.allow:
            self._admitted.append(now)
            return None
        return self._admitted[0] + self.per - now if self._admitted else self.per

    def used(self, now: datetime) -> int:
        """See Window."""
        return len(self._admitted) - bisect_right(self._admitted, now - self.per)


class FixedWindow:
    """At most `allow` in each window, counted from the first hit or from edges of the clock."""

    def __init__(self, allow: int, per: timedelta, start: WindowStart) -> None:
        self.allow = allow
        self.per = per
        self.start = start
        self._opened: datetime | None = None
        self._count = 0

    def admit(self, now: datetime) -> timedelta | None:
        """See Window."""
        if self._opened is None or now - self._opened >= self.per:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            self._opened = now if self.start == "first" else now - (now - midnight) % self.per
            self._count = 0
        if self._count < self.allow:
            self._count += 1
            return None
        return self._opened + self.per - now

    def used(self, now: datetime) -> int:
        """See Window."""
        return 0 if self._opened is None or now - self._opened >= self.per else self._count


class Bucket:
    """A bucket of `allow` tokens that refills evenly over `per`: bursts first, then a steady rate."""

    def __init__(self, allow: int, per: timedelta) -> None:
        self.allow = allow
        self.interval = per / max(allow, 1)
        self._full_at: datetime | None = None

    def admit(self, now: datetime) -> timedelta | None:
        """See Window."""
        full_at = max(self._full_at or now, now)
        missing = full_at - now + self.interval
        if missing > self.interval * self.allow:
            return missing - self.interval * self.allow
        self._full_at = full_at + self.interval
        return None

    def used(self, now: datetime) -> int:
        """See Window."""
        if self._full_at is None or self._full_at <= now:  # as always where it refills within no time
            return 0
        return -((now - self._full_at) // self.interval)


class Limit(Struct, frozen=True, kw_only=True):
    """One rule: at most `allow` per `per` for each distinct value of the facts named in `by`.

    `where` is a pattern over `vendor.operation`; `name` says where the rule stands (file and line, or the
    vendor's document) and travels with every refusal, as does its `reply`, which is opaque here: how to
    refuse where that is not the vendor's affair.
    """

    name: str
    where: str
    allow: int
    per: timedelta
    by: tuple[str, ...] = ()
    window: WindowKind = "sliding"
    start: WindowStart = "first"
    reply: Any = None

    def open_window(self) -> Window:
        """Return a fresh counter for one key."""
        if self.window == "fixed":
            return FixedWindow(self.allow, self.per, self.start)
        return Bucket(self.allow, self.per) if self.window == "bucket" else SlidingLog(self.allow, self.per)


class Limits:
    """All rules of a world and what each has admitted so far."""

    def __init__(self, rules: tuple[Limit, ...] = ()) -> None:
        self.rules = rules
        self._windows: dict[tuple[str, ...], Window] = {}
        self._rules_over = lru_cache(maxsize=1_000)(self._find_rules)

    def add(self, rule: Limit) -> None:
        """Add a rule after all others; who came before is not counted by it."""
        self.rules = (*self.rules, rule)
        self._rules_over.cache_clear()

    def ask(self, where: str, facts: Mapping[str, str], now: datetime) -> None:
        """Count one request to `where` against every rule it falls under, in order.

        A rule that counts by a fact the request lacks does not apply. Raises TooManyRequests.
        """
        for rule in self._rules_over(where):
            counted = [facts[name] for name in rule.by if name in facts]
            if len(counted) < len(rule.by):
                continue
            key = (rule.name, *counted)
            window = self._windows.get(key) or self._open(key, rule, now)
            if (wait := window.admit(now)) is not None:
                raise TooManyRequests(
                    rule.name, rule.by, rule.allow, rule.per, wait, reply=rule.reply, key=key
                )

    def usage(self, now: datetime) -> list[tuple[Limit, int]]:
        """Return each rule with how much of it whoever is nearest to it has used up now."""
        nearest: dict[str, int] = {}
        for (name, *_), window in self._windows.items():
            nearest[name] = max(nearest.get(name, 0), window.used(now))
        return [(rule, nearest.get(rule.name, 0)) for rule in self.rules]

    def _find_rules(self, where: str) -> tuple[Limit, ...]:
        return tuple(rule for rule in self.rules if fnmatchcase(where, rule.where))

    def _open(self, key: tuple[str, ...], rule: Limit, now: datetime) -> Window:
        """Open a window; clients choose the keys, so those that matter no more go once there are many."""
        if len(self._windows) >= MOST_WINDOWS:
            self._windows = {key: window for key, window in self._windows.items() if window.used(now)}
        window = self._windows[key] = rule.open_window()
        return window
