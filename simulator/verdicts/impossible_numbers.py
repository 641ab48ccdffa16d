"""Advice on numbers that nobody can have, by the numbering plans in phonenumbers (a copy of libphonenumber).

Vendors take many of them without a word, so this is never more than a remark. A number is told only where its
calling code is not assigned, where no number of its country is that short or long, or where it is Russia's
form at home (8 and ten digits): if there is no such number abroad, or a client of a vendor at home in Russia
wrote no + before it. Numbers that could exist and are merely not given out,
such as those kept for drama, are none of them; nor is whoever a scenario describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from simulator.errors import counted
from simulator.exchange import Exchange, Request
from simulator.telephony.phone_numbers import E164, digits_of
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, describe

LONGEST_CODE = 3
AT_HOME_IN_RUSSIA = 11
"""So many digits has a number there that is written with an 8 in front."""


def judge_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Yield that all numbers can exist where some were used and all can; nothing is ever broken here."""
    used = _numbers_used(evidence)
    if used and not _impossible(used, evidence):
        yield Finding(True, f"{counted(len(used), 'number')} that can exist")


def advise_on_numbers(evidence: Evidence) -> Iterator[str]:
    """Yield one line about the numbers that cannot exist, with the reason against the first."""
    used = _numbers_used(evidence)
    impossible = _impossible(used, evidence)
    for number, reason in [*impossible.items()][:1]:
        count = counted(len(impossible), "number")
        yield f"{count} cannot exist, first {number} in {used[number].place}: {reason}"


class _Use(NamedTuple):
    """Where a number was called or written to first, and whether it was written as numbers are in Russia."""

    place: str
    at_home: bool = False


def _numbers_used(evidence: Evidence) -> dict[E164, _Use]:
    """Return each number that a client called or wrote to, with the first place where it did."""
    used: dict[E164, _Use] = {}
    for exchange in evidence.exchanges:
        in_russia = evidence.world.operators[exchange.vendor].home == "RU"
        for number in _numbers_of(exchange, evidence):
            at_home = in_russia and not _has_plus(exchange.request, number)
            used.setdefault(number, _Use(describe(exchange), at_home))
    for call in evidence.dialed_live:
        used.setdefault(call.party, _Use(f"call {call.ref}"))
    return used


def _has_plus(request: Request, number: E164) -> bool:
    sent = request.query.encode("utf-8", "surrogatepass") + request.body
    return any(f"{plus}{digits_of(number)}".encode() in sent for plus in ("+", "%2B", "%2b"))


def _numbers_of(exchange: Exchange, evidence: Evidence) -> Iterator[E164]:
    for call in evidence.placed_by(exchange):
        yield from (call.callee, *call.order.others, *call.order.bridge)
    for message in evidence.sent_by(exchange):
        yield message.letter.recipient


def _impossible(numbers: dict[E164, _Use], evidence: Evidence) -> dict[E164, str]:
    reasons = {
        number: reason_against(number, at_home=use.at_home)
        for number, use in numbers.items()
        if number not in evidence.described
    }
    return {number: reason for number, reason in reasons.items() if reason is not None}


def reason_against(number: E164, *, at_home: bool = False) -> str | None:
    """Return why nobody can have a number, in words for its user, or None where somebody could.

    One written `at_home` in Russia is likely Russian, whoever could have it abroad.
    """
    import phonenumbers  # noqa: PLC0415 - no world that nobody judges pays for it

    digits = digits_of(number)
    if _is_russian_at_home(digits, at_home=at_home):
        return "8 and ten digits are Russia's form at home; abroad, and here, +7 stands for the 8"
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    codes = [digits[:length] for length in range(1, LONGEST_CODE + 1) if int(digits[:length]) in known]
    if not codes:
        return "no country has a calling code that begins so; is the country's own code missing?"
    return _reason_against_length(int(codes[0]), len(digits) - len(codes[0]))


def _is_russian_at_home(digits: str, *, at_home: bool) -> bool:
    import phonenumbers  # noqa: PLC0415

    if len(digits) != AT_HOME_IN_RUSSIA or not digits.startswith("8"):
        return False
    valid = phonenumbers.is_valid_number
    with suppress(phonenumbers.NumberParseException):  # its calling code may be no country's
        if not at_home and valid(phonenumbers.parse(f"+{digits}")):
            return False
    return valid(phonenumbers.parse(f"+7{digits[1:]}"))


@lru_cache(maxsize=1_000)
def _reason_against_length(code: int, length: int) -> str | None:
    """Return what is wrong with so many digits after a calling code, or None."""
    import phonenumbers  # noqa: PLC0415

    results = phonenumbers.ValidationResult
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int("1" * length))
    reasons = {
        results.TOO_SHORT: f"too short for a number of +{code}",
        results.TOO_LONG: f"too long for a number of +{code}; is there a 0 or a code too many?",
        results.INVALID_LENGTH: f"no number of +{code} has {length} digits after the code",
        results.IS_POSSIBLE_LOCAL_ONLY: f"only part of a number of +{code}: the area's code is missing",
    }
    return reasons.get(phonenumbers.is_possible_number_with_reason(number))
