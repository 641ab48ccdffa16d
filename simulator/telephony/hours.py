"""When calling is allowed: by weekday and local time, right across changes of the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

ALL_DAY = ((time(0), time.max),)


@dataclass(frozen=True, slots=True)
class AllowedHours:
    """Windows of local time in which dialing may start, by weekday (0 is Monday); none means never."""

    windows: Mapping[int, tuple[tuple[time, time], ...]] = field(
        default_factory=lambda: dict.fromkeys(range(7), ALL_DAY)
    )
    zone: str = "UTC"

    def contain(self, at: datetime) -> bool:
        """Tell whether dialing may start at the instant `at`."""
        local = at.astimezone(ZoneInfo(self.zone))
        clock_time = local.time()
        return any(opens <= clock_time < closes for opens, closes in self.windows.get(local.weekday(), ()))

    def next_opening(self, after: datetime) -> datetime | None:
        """Return the first allowed instant not before `after`, or None when no window opens within a week."""
        if self.contain(after):
            return after
        zone = ZoneInfo(self.zone)
        today = after.astimezone(zone).date()
        for ahead in range(9):
            day = today + timedelta(days=ahead)
            for opens, _ in sorted(self.windows.get(day.weekday(), ())):
                instant = datetime.combine(day, opens, zone).astimezone(UTC)
                if instant >= after:
                    return instant
        return None


def daily(opens: time, closes: time, zone: str = "UTC") -> AllowedHours:
    """Return the same window for every day of the week."""
    return AllowedHours(dict.fromkeys(range(7), ((opens, closes),)), zone)
