"""Terms of dialing: hours of local time, right across changes of the clock, and what is one number's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from simulator.telephony.errors import UnknownZone

ALL_DAY = ((time(0), time.max),)
"""A window that closes at `time.max` runs on into the next day."""

NEVER = datetime.max.replace(tzinfo=UTC)

WEEK = 8
"""How many days ahead are looked at: a week, and the one that a change of the clock may cost."""

Windows = Mapping[int, tuple[tuple[time, time], ...]]
"""Windows of local time, by weekday (0 is Monday)."""

ALWAYS: Windows = dict.fromkeys(range(7), ALL_DAY)

_OFFSET = re.compile(r"[+-][01][0-9]:[0-5][0-9](?::[0-5][0-9])?", re.ASCII)


@lru_cache(maxsize=1_000)  # asked for at each call that is dialed
def find_zone(name: str) -> tzinfo:
    """Return the zone called `name`: an IANA id, or an offset such as `+03:00`; raises UnknownZone."""
    if _OFFSET.fullmatch(name) and (offset := time.fromisoformat(f"00:00{name}").tzinfo):
        return offset
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # whatever the zone database makes of a name that is none
        raise UnknownZone(name) from None


class AllowedHours(Struct, frozen=True):
    """Windows of local time in which dialing may start, by weekday (0 is Monday); none means never."""

    windows: Windows = field(default_factory=lambda: ALWAYS)
    zone: str = "UTC"

    def __hash__(self) -> int:
        """Return a hash, which a mapping alone would not have."""
        return hash((tuple(sorted(self.windows.items())), self.zone))

    def contain(self, at: datetime) -> bool:
        """Return whether dialing may start at the instant `at`."""
        if self.windows == ALWAYS:
            return True
        local = at.astimezone(find_zone(self.zone))
        clock_time = local.time()
        return any(
            opens <= clock_time and (clock_time < closes or closes == time.max)
            for opens, closes in self.windows.get(local.weekday(), ())
        )

    def opening(self, at: datetime) -> datetime:
        """Return when the window that is open at the instant `at` opened on that local day."""
        local = at.astimezone(find_zone(self.zone))
        opened = [opens for opens, _ in self.windows[local.weekday()] if opens <= local.time()]
        return datetime.combine(local.date(), max(opened), local.tzinfo).astimezone(UTC)

    def next_opening(self, after: datetime) -> datetime | None:
        """Return the first allowed instant not before `after`, or None when no window opens within a week."""
        if self.contain(after):
            return after
        return next((edge for edge in self._edges(after) if self.contain(edge)), None)

    def next_closing(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` that is not allowed, or None when none is within a week."""
        if self.windows == ALWAYS:
            return None
        return next((edge for edge in self._edges(after) if not self.contain(edge)), None)

    def _edges(self, after: datetime) -> Iterator[datetime]:
        """Yield, in order, every instant after `after` at which a window may open or close."""
        zone = find_zone(self.zone)
        today = after.astimezone(zone).date()
        for ahead in range(-1, WEEK + 1):
            day = today + timedelta(days=ahead)
            yield from (edge for edge in self._edges_of(day, zone) if edge > after)

    def _edges_of(self, day: date, zone: tzinfo) -> list[datetime]:
        """Return a local day's edges in order: of an hour that comes twice both, of a missing one its end."""
        windows = self.windows.get(day.weekday(), ())
        times = [time(0), *(edge for window in windows for edge in window if edge != time.max)]
        local = [datetime.combine(day, edge, zone) for edge in times]
        instants = [moment.replace(fold=fold).astimezone(UTC) for moment in local for fold in (0, 1)]
        return sorted(dict.fromkeys([*instants, *_clock_changes(day, zone)]))


def _clock_changes(day: date, zone: tzinfo) -> list[datetime]:
    """Return the instant of a local day at which its clock is changed, if there is one."""
    begin = datetime.combine(day, time(0), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    former = begin.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == former:
        return []
    low, high = 0, (end - begin) // timedelta(seconds=1)
    while high - low > 1:
        middle = (low + high) // 2
        changed = (begin + timedelta(seconds=middle)).astimezone(zone).utcoffset() != former
        low, high = (low, middle) if changed else (middle, high)
    return [begin + timedelta(seconds=high)]


class Openings:
    """When hours open next, asked for as time goes on: looked up anew once they have opened or closed."""

    def __init__(self) -> None:
        self._hours: AllowedHours | None = None
        self._since = self._until = datetime.min.replace(tzinfo=UTC)
        self._is_open = False

    def next(self, hours: AllowedHours, after: datetime) -> datetime | None:
        """Return the first allowed instant not before `after`, or None when no window opens within a week."""
        if hours is not self._hours or not self._since <= after < self._until:
            opening = hours.next_opening(after)
            if opening is None:
                return None
            self._hours, self._since, self._is_open = hours, after, opening == after
            self._until = (hours.next_closing(after) or NEVER) if self._is_open else opening
        return after if self._is_open else self._until


CALLEES = "callee"
"""The zone of whoever is called, where that is known."""


class Clearance(Struct, frozen=True):
    """The client's leave, asked for at `url` before each attempt; `again` are the waits between tries."""

    url: str
    again: tuple[timedelta, ...] = ()


class Policy(Struct, frozen=True, kw_only=True):
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
        return replace(lower, **{name: value for name, value in asdict(self).items() if value is not None})


FOLLOWS = Policy()
"""The policy of a number without terms of its own."""
