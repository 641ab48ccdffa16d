"""Telephone numbers as Kaleyra takes and tells them: ten digits in India, more elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import E164, digits_of, parse_number

INDIA = "+91"

_PUNCTUATION = str.maketrans("", "", " -().\u00a0\t")
_LOCAL = re.compile(r"0?([1-9][0-9]{9})", re.ASCII)
_ABROAD = re.compile(r"\+[0-9]+|[0-9]{12,15}", re.ASCII)
_REGIONS: Mapping[str, tuple[str, str]] = {
    "11": ("New Delhi", "ND-IN"),
    "120": ("UP-West", "UP-IN"),
    "124": ("Haryana", "HR-IN"),
    "22": ("Maharashtra", "MH-IN"),
    "44": ("Tamilnadu", "TN-IN"),
    "80": ("Karnataka", "KA-IN"),
}
_ELSEWHERE = ("India", "IN")
"""Regions by area code: names and codes are the samples', but for Maharashtra and all others (inferred)."""

_CIRCLES = ("KARNATAKA", "BIHAR", "UP EAST", "DELHI", "MUMBAI", "TAMIL NADU", "KERALA", "GUJARAT")
_OPERATORS = ("VODAFONE", "JIO", "AIRTEL", "IDEA")


def read_number(text: str) -> E164:
    """Read ten digits (documented), ten with a leading 0, or a number with its country's code (observed).

    A code comes after a `+`, or is part of 12 to 15 digits; any other length is no number (inferred). Blanks,
    dashes, dots and brackets mean nothing (inferred). Raises MalformedNumber.
    """
    plain = text.translate(_PUNCTUATION)
    if match := _LOCAL.fullmatch(plain):
        return E164(INDIA + match[1])
    if not _ABROAD.fullmatch(plain):
        raise MalformedNumber(text)
    return parse_number(plain)


def read_numbers(text: str, separator: str) -> tuple[E164, ...]:
    """Read several numbers; raises MalformedNumber for one that is none, and where there is none at all."""
    parts = [part for part in text.split(separator) if part.strip()]
    if not parts:
        raise MalformedNumber(text)
    return tuple(read_number(part) for part in parts)


def render_number(number: E164 | None) -> str:
    """Return ten digits for a number in India, all digits for any other, nothing for none."""
    if number is None:
        return ""
    return number[len(INDIA) :] if _is_indian(number) else digits_of(number)


def region_of(number: E164) -> tuple[str, str]:
    """Return the region of a number by its area code, and the region's code, as `monitor` names them."""
    return next((region for area, region in _REGIONS.items() if number.startswith(INDIA + area)), _ELSEWHERE)


def circle_of(number: E164) -> str:
    """Return the telecom circle of a number in India; nothing is known of others."""
    return _CIRCLES[_draw("circle", number) % len(_CIRCLES)] if _is_indian(number) else ""


def operator_of(number: E164) -> str:
    """Return who serves a number in India; nothing is known of others."""
    return _OPERATORS[_draw("operator", number) % len(_OPERATORS)] if _is_indian(number) else ""


def _is_indian(number: E164) -> bool:
    return number.startswith(INDIA) and len(number) == len(INDIA) + 10


def _draw(what: str, number: E164) -> int:
    return blake2b(f"{what} {number}".encode(), digest_size=1).digest()[0]
