"""Single values of requests as JAICP's clients send them: numbers, zones, instants, times, whole numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from simulator.telephony.errors import MalformedNumber, UnknownZone
from simulator.telephony.phone_numbers import E164, digits_of, parse_number
from simulator.telephony.policies import CALLEES, find_zone
from simulator.vendor import Refused
from simulator.vendors.jaicp.refusals import InvalidField

Json = dict[str, Any]

LONGEST_OFFSET = timedelta(hours=18)

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:UTC|GMT|UT)?([+-])([0-9]|[0-9]{2}(?:[0-5][0-9]){0,2}|[0-9]{2}(?::[0-5][0-9]){1,2})", re.ASCII
)
_TRUNK = re.compile(r"8[3489][0-9]{9}", re.ASCII)
_PUNCTUATION = re.compile(r"[ ().\-]")
_SOONEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No world is told apart beyond these, and sums of times cannot overflow between them."""


def plain_number(value: object) -> object:
    """Return a JSON number without a fraction, which may be written as 3.0, as an int; any other as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def parse_phone(value: object, field: str) -> E164:
    """Return the number that text or a JSON number spells (both observed).

    Raises InvalidField for what is missing or neither, Refused (`phone_bad_format`) for what is no number.
    """
    if value is None or value == "":
        raise InvalidField(field, "a phone is required")
    value = plain_number(value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidField(field, "a phone is text or a whole number")
    text = str(value)
    try:
        return read_number(text)
    except MalformedNumber:
        raise Refused("phone_bad_format", phone=text) from None


def read_number(text: str) -> E164:
    """Return the number that a text spells; the Russian 8 before it means 7. Raises MalformedNumber."""
    plain = _PUNCTUATION.sub("", text)
    if text.startswith("-"):  # a dash between digits means nothing, a negative number is none
        raise MalformedNumber(text)
    return parse_number("+7" + plain[1:] if _TRUNK.fullmatch(plain) else text)


def parse_zone(value: object, callee: E164) -> str:
    """Return the zone that `gmtZone` names: an offset in one of Java's spellings, or an IANA id.

    Empty means the callee's own (observed). Raises Refused (`zone_invalid`).
    """
    refused = Refused("zone_invalid", phone=digits_of(callee), gmtZone=str(value))
    if not isinstance(value, str):
        raise refused
    if not value:
        return CALLEES
    if value in ("Z", "UTC", "GMT", "UT"):
        return "UTC"
    if offset := _OFFSET.fullmatch(value):
        digits = offset[2].replace(":", "")
        hours, minutes, seconds = (int(part or 0) for part in (digits[:2], digits[2:4], digits[4:]))
        if timedelta(hours=hours, minutes=minutes, seconds=seconds) > LONGEST_OFFSET:
            raise refused
        return f"{offset[1]}{hours:02}:{minutes:02}:{seconds:02}"
    try:
        find_zone(value)
    except UnknownZone:
        raise refused from None
    return value


def parse_instant(fields: Json, name: str, place: str = "") -> datetime | None:
    """Return the instant (UTC) that a field spells in RFC 3339, offset included; None where it is absent.

    What means "ever", such as the years 1 and 9999, is taken as the ends of time here. `place` is what stands
    before its name in the refusal. Raises InvalidField.
    """
    if (value := fields.get(name)) is None:
        return None
    try:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        reason = "a date and time with an offset is expected, 2026-03-23T00:00:00Z"
        raise InvalidField(f"{place}{name}", reason) from None
    return min(max(instant, _SOONEST), _LATEST)


def parse_whole(fields: Json, name: str, allowed: range, place: str = "") -> int | None:
    """Return a whole number or None where it is absent; raises InvalidField, with `place` before its name."""
    if (value := plain_number(fields.get(name))) is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        reason = f"a whole number from {allowed.start} to {allowed.stop - 1} is expected"
        raise InvalidField(f"{place}{name}", reason)
    return value


def parse_time(value: object, field: str) -> time:
    """Return the time of day that HH:MM spells, from 00:00 to 23:59; raises InvalidField."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise InvalidField(field, "a time such as 09:00 is expected")
    return time.fromisoformat(value)


def parse_object(value: object, field: str) -> Json:
    """Return a JSON object, an empty one where it is absent; raises InvalidField."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidField(field, "an object is expected")
    return value
