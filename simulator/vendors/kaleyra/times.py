"""Dates and times as Kaleyra writes them: Indian time without a zone, seconds since 1970 in callbacks."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")
SENSIBLE = range(1971, 9000)
SOONEST = timedelta(minutes=15)
MONTHS = 2

_EPOCH = re.compile(r"[0-9]{9,11}", re.ASCII)
_SCHEDULES = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M %p")
_DAYS = ("%Y/%m/%d", "%d/%m/%Y")
_FOLLOW_UPS = ("%d-%m-%Y %H-%M", "%d-%m-%Y %H:%M")
"""The first is documented; the second is what whoever reads "hh-mm" as a slip sends (inferred)."""


def render_stamp(instant: datetime) -> str:
    """Return `2015-12-15 11:59:01`."""
    return f"{instant.astimezone(IST):%Y-%m-%d %H:%M:%S}"


def render_minute(instant: datetime) -> str:
    """Return `2018-09-21 03:40 AM`, as rows of `dial` show a date."""
    return f"{instant.astimezone(IST):%Y-%m-%d %I:%M %p}"


def render_follow_up(instant: datetime) -> str:
    """Return `14-10-2015 07:00:00 PM`."""
    return f"{instant.astimezone(IST):%d-%m-%Y %I:%M:%S %p}"


def render_epoch(instant: datetime | None) -> str:
    """Return whole seconds since 1970, or nothing."""
    return "" if instant is None else str(int(instant.timestamp()))


def latest_start(now: datetime) -> datetime:
    """Return the last instant of a schedule, "2 month" from now: by the calendar of India (inferred)."""
    local = now.astimezone(IST)
    years, month = divmod(local.month - 1 + MONTHS, 12)
    year, month = local.year + years, month + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1])).astimezone(
        UTC
    )


def read_schedule(text: str) -> datetime:
    """Read seconds since 1970, `YYYY-MM-DD HH:MM:SS` or `DD/MM/YYYY HH:MM AM`; raises ValueError."""
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    return _read(text, _SCHEDULES)


def read_follow_up(text: str) -> datetime:
    """Read `dd-mm-yyyy hh-mm`; raises ValueError."""
    return _read(text, _FOLLOW_UPS)


def read_day(text: str) -> date:
    """Read `YYYY/MM/DD` or `DD/MM/YYYY`; raises ValueError."""
    return _read(text, _DAYS).astimezone(IST).date()


def day_begins(day: date) -> datetime:
    """Return the first instant of a day in India."""
    return datetime(day.year, day.month, day.day, tzinfo=IST)


def _read(text: str, forms: tuple[str, ...]) -> datetime:
    if not text.isascii() or len(text) > 30:
        raise ValueError("no date or time")
    for form in forms:
        try:
            read = datetime.strptime(text, form).replace(tzinfo=IST)
        except ValueError:
            continue
        if read.year in SENSIBLE:
            return read.astimezone(UTC)
    raise ValueError("no date or time")
