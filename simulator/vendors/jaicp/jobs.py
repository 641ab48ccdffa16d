"""Call jobs as JAICP's clients send them: numbers, and the terms on which each may be dialed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import MalformedNumber, UnknownZone
from simulator.telephony.hours import ALL_DAY, Windows, find_zone
from simulator.telephony.phone_numbers import E164, digits_of, parse_number
from simulator.telephony.policies import FOLLOWS, Clearance, Policy
from simulator.vendor import Refused
from simulator.vendors.jaicp.errors import InvalidField, duplicated

Json = dict[str, Any]
Known = dict[str, Policy]
"""Terms that were read before in the same list, by how they are told: most numbers have them in common."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_OFFSET = timedelta(hours=18)
ASK_AGAIN = timedelta(seconds=10)
MOST_QUESTIONS = 100
"""How often a client is asked again at most, whatever it allows (inferred; the vendor names no limit)."""

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    re.ASCII,
)
_OFFSET = re.compile(
    r"(?:UTC|GMT|UT)?(?:Z|([+-])([0-9]{1,2})(?::?([0-5][0-9])(?::?([0-5][0-9]))?)?)", re.ASCII
)
_TRUNK = re.compile(r"8[3489][0-9]{9}", re.ASCII)
_PUNCTUATION = re.compile(r"[ ().\-]")
_YEARS = range(1970, 2200)

TERMS = (
    *("startDateTime", "finishDateTime", "allowedDays", "allowedTime", "localTimeFrom", "localTimeTo"),
    *("retryIntervalInMinutes", "maxAttempts", "gmtZone", "dialerPriority", "externalCheck"),
)


WITHOUT_TERMS = repr([None] * len(TERMS))


def parse_call_jobs(campaign: Campaign, body: object) -> list[Order]:
    """Read the body of `addPhones`, an order for each element; one bad element refuses them all."""
    if not isinstance(body, list):
        raise InvalidField("body", "an array of call jobs is expected")
    orders: dict[E164, Order] = {}
    doubled: list[E164] = []
    known: Known = {WITHOUT_TERMS: FOLLOWS}
    for place, fields in enumerate(body):
        if not isinstance(fields, dict):
            raise InvalidField(f"[{place}]", "an object is expected")
        try:
            order = _parse_call_job(campaign, fields, known)
        except InvalidField as error:
            raise error.below(f"[{place}]") from None
        if order.callee in orders:
            doubled.append(order.callee)
        orders[order.callee] = order
    if doubled:
        raise duplicated("phone_duplicated", [digits_of(callee) for callee in dict.fromkeys(doubled)])
    return list(orders.values())


def _parse_call_job(campaign: Campaign, fields: Json, known: Known) -> Order:
    callee = parse_phone(fields.get("phone"), "phone")
    payload = fields.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise InvalidField("payload", "an object is expected")
    told = repr(list(map(fields.get, TERMS)))
    if told not in known:
        known[told] = _parse_policy(campaign, fields, callee)
    return Order(callee, policy=known[told], payload=payload)


def parse_phone(value: object, field: str) -> E164:
    """Read a number, sent as text or as a JSON number; the Russian 8 before it means 7 (observed)."""
    if value is None or value == "":
        raise InvalidField(field, "a phone is required")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidField(field, "a phone is text or a whole number")
    text = str(value)
    plain = _PUNCTUATION.sub("", text)
    try:
        return parse_number("+7" + plain[1:] if _TRUNK.fullmatch(plain) else text)
    except MalformedNumber:
        raise Refused("phone_bad_format", phone=text) from None


def parse_zone(value: object, callee: E164) -> str:
    """Read `gmtZone`: an offset in one of Java's spellings, or an IANA id."""
    text = value if isinstance(value, str) else str(value)
    if text in ("UTC", "GMT", "UT"):
        return "UTC"
    if found := _OFFSET.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
        if timedelta(hours=hours, minutes=minutes, seconds=seconds) > LONGEST_OFFSET:
            raise Refused("zone_invalid", phone=digits_of(callee), gmtZone=text)
        return f"{found[1] or '+'}{hours:02}:{minutes:02}:{seconds:02}"
    try:
        find_zone(text)
    except UnknownZone:
        raise Refused("zone_invalid", phone=digits_of(callee), gmtZone=text) from None
    return text


def zone_policy(value: object, callee: E164) -> Policy:
    """Return the terms of a number of which nothing but its zone is told, if that."""
    return FOLLOWS if value is None else Policy(zone=parse_zone(value, callee))


def _parse_policy(campaign: Campaign, fields: Json, callee: E164) -> Policy:
    earliest, latest = _instant(fields, "startDateTime"), _instant(fields, "finishDateTime")
    if earliest is not None and latest is not None and earliest >= latest:
        raise InvalidField("startDateTime", "must be before finishDateTime")
    wait = _whole(fields, "retryIntervalInMinutes", range(1, 2881))
    zone = fields.get("gmtZone")
    return Policy(
        attempts=_whole(fields, "maxAttempts", range(1, 51)),
        retry_after=None if wait is None else timedelta(minutes=wait),
        windows=_windows(campaign, fields),
        zone=None if zone is None else parse_zone(zone, callee),
        earliest=earliest,
        latest=latest,
        priority=_priority(fields),
        clearance=_clearance(fields.get("externalCheck")),
    )


def _instant(fields: Json, name: str) -> datetime | None:
    value = fields.get(name)
    return None if value is None else parse_instant(value, name)


def parse_instant(value: object, field: str) -> datetime:
    """Read a date-time of RFC 3339, offset included."""
    try:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError
        instant = datetime.fromisoformat(value)
        if instant.year not in _YEARS:
            raise ValueError
    except ValueError:
        raise InvalidField(
            field, "a date and time with an offset is expected, 2026-03-23T00:00:00Z"
        ) from None
    return instant.astimezone(UTC)


def _whole(fields: Json, name: str, allowed: range) -> int | None:
    value = fields.get(name)
    return None if value is None else parse_whole(value, name, allowed)


def parse_whole(value: object, field: str, allowed: range) -> int:
    """Read a whole number, which JSON may also write as 3.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise InvalidField(field, f"a whole number from {allowed.start} to {allowed.stop - 1} is expected")
    return value


def _priority(fields: Json) -> int | None:
    value = fields.get("dialerPriority")
    if isinstance(value, int | float) and not isinstance(value, bool) and not 1 <= value <= 5:
        raise Refused("priority_invalid")
    return _whole(fields, "dialerPriority", range(1, 6))


def _windows(campaign: Campaign, fields: Json) -> Windows | None:
    """Return when a number may be called; days and hours that are not told are the campaign's.

    Hours of days that `allowedDays` leaves out are ignored (documented).
    """
    days, hours = _days(fields.get("allowedDays")), _hours(fields)
    if days is None and hours is None:
        return None
    windows: dict[int, tuple[tuple[time, time], ...]] = {}
    for place, day in enumerate(DAYS):
        if days is None or day in days:
            told = (hours or {}).get(day) or (hours or {}).get("default")
            windows[place] = told or campaign.hours.windows.get(place, ())
    return windows


def _days(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 7 or any(day not in DAYS for day in value):
        raise InvalidField("allowedDays", f"one to seven of {', '.join(DAYS)} are expected")
    return tuple(value)


def _hours(fields: Json) -> Mapping[str, tuple[tuple[time, time], ...]] | None:
    """Return intervals by day, `default` for the days not named; the deprecated pair is such a default."""
    value = fields.get("allowedTime")
    if value is None:
        return _former_hours(fields)
    if not isinstance(value, dict) or any(day not in (*DAYS, "default") for day in value):
        raise InvalidField("allowedTime", f"an object with keys of {', '.join(DAYS)}, default is expected")
    return {day: _intervals(intervals, f"allowedTime.{day}") for day, intervals in value.items()}


def _former_hours(fields: Json) -> Mapping[str, tuple[tuple[time, time], ...]] | None:
    told = {name: fields.get(name) for name in ("localTimeFrom", "localTimeTo")}
    if all(value is None for value in told.values()):
        return None
    opens, closes = ALL_DAY[0]
    pair = (
        opens if told["localTimeFrom"] is None else _time(told["localTimeFrom"], "localTimeFrom"),
        closes if told["localTimeTo"] is None else _time(told["localTimeTo"], "localTimeTo"),
    )
    _check_apart([pair], "localTimeFrom")
    return {"default": (pair,)}


def _intervals(value: object, field: str) -> tuple[tuple[time, time], ...]:
    if not isinstance(value, list) or not value:
        raise InvalidField(field, "an array of at least one interval is expected")
    pairs = []
    for interval in value:
        if not isinstance(interval, dict):
            raise InvalidField(field, "an interval is an object")
        pairs.append(
            (
                _time(interval.get("localTimeFrom"), f"{field}.localTimeFrom"),
                _time(interval.get("localTimeTo"), f"{field}.localTimeTo"),
            )
        )
    _check_apart(sorted(pairs), field)
    return tuple(sorted(pairs))


def _check_apart(pairs: list[tuple[time, time]], field: str) -> None:
    """Refuse intervals that overlap (documented), and those that end before they begin (inferred)."""
    backwards = any(opens >= closes for opens, closes in pairs)
    if backwards or any(later[0] < former[1] for former, later in pairwise(pairs)):
        raise Refused("allowed_time_invalid", field=field)


def _time(value: object, field: str) -> time:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise InvalidField(field, "a time such as 09:00 is expected")
    return time.fromisoformat(value)


def _clearance(value: object) -> Clearance | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidField("externalCheck", "an object is expected")
    url = value.get("externalCheckUrl")
    if not isinstance(url, str) or not _is_url(url):
        raise InvalidField("externalCheck.externalCheckUrl", "an http or https URL is expected")
    again = _whole(value, "externalCheckMaxRetries", range(2**31)) or 0
    return Clearance(url, (ASK_AGAIN,) * min(again, MOST_QUESTIONS))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return len(text) <= 2000 and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
