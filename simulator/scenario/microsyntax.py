"""The plain phrases of a scenario (`8s..20s`, `first 2 per number`), read strictly into values."""

from __future__ import annotations

import re
from datetime import datetime, time
from decimal import Decimal
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from simulator.scenario import values
from simulator.scenario.phrase import (
    A_COUNT,
    A_LENGTH,
    A_NUMBER,
    A_PERCENT,
    A_TIME,
    A_WORD,
    Phrase,
    ranges,
    read_length,
    read_share,
)
from simulator.telephony.magic_numbers import COUNTRIES, blocks_of, own_block
from simulator.telephony.outcomes import Span
from simulator.telephony.phone_numbers import E164

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(re.findall("[A-Z]{3}", _CODES))
"""ISO 4217's letter codes, those of funds and metals left out."""


def _rate(count: str, per: str) -> values.Rate:
    rate = values.Rate(int(count), read_length(per))
    if not rate.count or not rate.per:
        raise ValueError("neither part may be zero")
    return rate


def _header(name: str) -> str:
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError("the server itself writes this one")
    return name


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "(?:" + "|".join(_DAYS) + ")"


def _weekdays(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        low, high = _DAYS.index(first), _DAYS.index(last or first)
        days.update(day % 7 for day in range(low, high + 1 if low <= high else high + 8))
    return frozenset(days)


def _hours(days: str | None, opens: str, closes: str) -> values.Hours:
    return values.Hours(_time(opens), _time(closes), _weekdays(days) if days else values.EVERY_DAY)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError):
        raise ValueError(f"no such zone in the time zone database{_likely_zone(name)}") from None


def _likely_zone(name: str) -> str:
    """Return a guess by region or city; none of zones without: Etc/GMT+1 lies west, and BST is no MST."""
    cities = [zone for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")]
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in cities}
    near = get_close_matches(name, cities, 1, 0.8)
    meant = by_city.get(name.lower()) or (near[0] if near else "")
    return f"; did you mean {meant!r}?" if meant else ", where they are called by region and city"


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        near = get_close_matches(code, sorted(CURRENCIES), 1)
        raise ValueError("no such currency" + (f"; did you mean {near[0]!r}?" if near else ""))
    return code


def _pattern(stem: str, stars: str) -> values.NumberPattern:
    if not 8 <= len(stem) + len(stars) <= 16:
        raise ValueError("a number has 7 to 15 digits")
    return values.NumberPattern(stem, len(stars))


def _country(code: str) -> values.Magic:
    if code == "UK":
        raise ValueError("Britain is GB")
    if not (blocks := blocks_of(code)):
        raise ValueError("no numbers are known to be free there")
    return values.Magic(blocks)


def _own_magic(stem: str, stars: str) -> values.Magic:
    return values.Magic((own_block(_pattern(stem, stars).stem, len(stars) - 2),))


_LENGTH_HINTS = (
    (r"[0-9]+", "say of what: 8s are seconds, 8m minutes"),
    (r"-.*", "a length is not negative"),
    (r"[0-9]+(?:ms|[dhms])", "it has too many digits; 9999d is the most, and a larger unit takes fewer"),
    (r"[0-9]+[.,][0-9]+ *[a-z]*", "a length has no fractions: 1.5s is 1500ms, and 1.5h is 1h30m"),
    (rf"{A_LENGTH} *(?:-|to|and) *{A_LENGTH}", "a range has two dots between its bounds"),
    (r"[0-9]+ *[A-Za-z]+", "a length is a number and d, h, m, s or ms, with nothing between"),
)
_DAY_AND_TIME = rf"(?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{A_TIME}"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_HINTS = (
    (rf"{_DATE}", "a date needs its time of day"),
    (rf"{_DATE} .*", "between date and time stands a T"),
    (rf"{_DATE}T.*(?:Z|[+-][0-9:]+)", "this is local time; whose is said by `zone` of the `clock`"),
)
LENGTH = Phrase(
    "a length of time", ("250ms", "8s", "1h30m", "1d2h"), ((f"({A_LENGTH})", read_length),), _LENGTH_HINTS
)
SPAN = Phrase(
    "a length of time or a range of them",
    ("8s", "8s..20s"),
    ranges(Span, A_LENGTH, read_length),
    ((rf"[0-9]+\.\.{A_LENGTH}", "each bound has its own unit"), *_LENGTH_HINTS),
)
CALLING_IN = Phrase(
    "never, a length of time or a range of them",
    ("never", "30s", "10s..40s"),
    (
        ("never", lambda: values.CallingIn(None)),
        *ranges(lambda low, high: values.CallingIn(Span(low, high)), A_LENGTH, read_length),
    ),
)
AT_MOST = Phrase("a longest time", ("at most 5s",), ((f"at most ({A_LENGTH})", read_length),))
SHARE = Phrase(
    "a share",
    ("30%", "0.5%"),
    ((f"({A_PERCENT})", read_share),),
    ((r"[0-9.]+", "a share ends in %"), (r"[0-9.]+ +%", "no blank stands before the %")),
)
BAND = Phrase(
    "a range of shares",
    ("78%..89%", "at most 3%", "at least 90%", "100%"),
    (
        *ranges(values.Band, A_PERCENT, read_share),
        (f"at most ({A_PERCENT})", lambda high: values.Band(Decimal(0), read_share(high))),
        (f"at least ({A_PERCENT})", lambda low: values.Band(read_share(low), Decimal(1))),
    ),
)
_COMPARED = (
    (r"none|never|zero", "write 0"),
    (r"[0-9.]+%? *(?:-|to|and) *[0-9.]+%?", "a range has two dots between its bounds"),
    (r"[0-9]+%?\+", "say `at least`"),
    (r"(?:[<>=]|more|less|fewer|over|under|min|max|up to).*", "say `at most` or `at least`"),
)
COUNTS = Phrase(
    "a count",
    ("3", "0..1", "at most 5", "at least 2"),
    (
        *ranges(values.Counts, A_COUNT, int),
        (f"at most ({A_COUNT})", lambda high: values.Counts(0, int(high))),
        (f"at least ({A_COUNT})", lambda low: values.Counts(int(low), None)),
    ),
    _COMPARED,
)
QUANTITY: Phrase[values.Quantity] = Phrase(
    "a count or a range of shares",
    ("3", "at most 5", "at least 2", "78%..89%", "at most 3%"),
    (*COUNTS.rules, *BAND.rules),
    _COMPARED,
)
_RATE_HINTS = (
    (rf"{A_COUNT} per (?:[0-9]+ +)?(?:ms|[dhms])", "a length is a number and a letter, as in 1s"),
    (rf"{A_COUNT} [a-z]+ per .*", "the count stands alone before `per`"),
    (A_COUNT, "say in how long, as in `per 1s`"),
    (f"{A_COUNT} ?/.*", "write `per` for the stroke"),
    (r".*(?:second|minute|hour|day)s?", "a length is a number and a letter, as in 1m"),
)
RATE = Phrase(
    "a rate",
    ("20 per 1s", "5 per 30s"),
    ((f"({A_COUNT}) per ({A_LENGTH})", _rate),),
    _RATE_HINTS,
)
RATE_AT_MOST = Phrase(
    "a highest rate",
    ("at most 1 per 30s",),
    ((f"at most ({A_COUNT}) per ({A_LENGTH})", _rate),),
    _RATE_HINTS,
)
MOMENT = Phrase(
    "a moment",
    ("+1d2h", "2026-03-29T09:30"),
    (
        (rf"\+({A_LENGTH})", lambda after: values.Moment(read_length(after))),
        (rf"({_DAY_AND_TIME})", lambda text: values.Moment(local=datetime.fromisoformat(text))),
    ),
    (
        (f"{A_TIME}.*", "a time of day needs its date"),
        (A_LENGTH, "a length after the start begins with +"),
        (f"-{A_LENGTH}", "nothing happens before the start"),
        *_DATE_HINTS,
    ),
)
LOCAL_TIME = Phrase(
    "a local date and time",
    ("2026-03-02T10:00", "2026-03-02T10:00:30"),
    ((rf"({_DAY_AND_TIME}(?::[0-9]{{2}})?)", datetime.fromisoformat),),
    _DATE_HINTS,
)
HOURS = Phrase(
    "a window of hours",
    ("09:00-20:00", "mon-fri 09:00-18:00", "sat,sun 10:00-14:00"),
    ((rf"(?:({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) )?({A_TIME})-({A_TIME})", _hours),),
    (
        (
            rf"[A-Za-z, -]+ {A_TIME}-{A_TIME}",
            "weekdays are three small letters: mon, tue, wed, thu, fri, sat, sun",
        ),
        (
            r"(?:[a-z,-]+ )?[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}",
            "hours have two digits, and no blanks",
        ),
    ),
)
ZONE = Phrase("a time zone", ("Europe/London", "UTC"), ((r"([A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*)", _zone),))
CALLEE_ZONE: Phrase[ZoneInfo | None] = Phrase(
    "whose time it is",
    ("callee", *ZONE.forms),
    ((r"(?:callee)", lambda: None), *ZONE.rules),
)
PACE = Phrase(
    "a way for the clock to run",
    ("frozen", "virtual", "idle", "real", "x60"),
    (
        (r"(frozen|virtual|idle|real)", values.Pace),
        (r"x([1-9][0-9]{0,5})", lambda speed: values.Pace("real", int(speed))),
    ),
)
NUMBER = Phrase(
    "a phone number",
    ("+447700900310",),
    ((f"({A_NUMBER})", E164),),
    (
        (r"\+0.*", "no country's code begins with 0"),
        (r"\+[0-9 ().-]+", "it is a plus and 7 to 15 digits, with nothing between"),
        (r"[0-9 ().-]+", "it begins with a plus and the code of its country"),
    ),
)
NUMBER_PATTERN = Phrase(
    "a pattern of numbers",
    ("+447700900***",),
    ((r"(\+[1-9][0-9]*)(\*+)", _pattern),),
    (
        (r"\+[0-9]+[^0-9*]+", "each digit that is open is a *"),
        (r"\+[0-9]+", "it ends in a * for each digit that is open"),
    ),
)
MAGIC = Phrase(
    "a country with magic numbers, or a pattern of them",
    (*COUNTRIES, "+4930123456**"),
    (
        (r"([A-Z]{2})", _country),
        (r"(\+[1-9][0-9]*)(\*{2,5})", _own_magic),
    ),
    (
        ("yes|on", "write true"),
        ("no|off", "write false"),
        ("[A-Za-z]{2}", "the letters of a country are capitals"),
        (r"\+[0-9]+\**", "two stars stand for the outcome, and up to three more for any digit"),
        (r"[0-9]+\**", "it begins with a plus and the code of its country"),
    ),
)
PRESSES = Phrase(
    "keys to press",
    ("1", "12#"),
    ((r"([0-9*#]+)", str),),
    ((r"[0-9*#]+(?:[, ]+[0-9*#]+)+", "keys stand beside each other, without anything between"),),
)
WHERE = Phrase(
    "a place",
    ("*", "callo.*", "callo.add_call"),
    (
        (r"(\*)", lambda all_of_it: values.Where(all_of_it, all_of_it)),
        (rf"({A_WORD})\.(\*|[A-Za-z][A-Za-z0-9_.]*)", values.Where),
    ),
    ((A_WORD, "all of a vendor is `vendor.*`"),),
)
NAME = Phrase("a name", ("busy_adult", "spring-sale"), ((r"([A-Za-z_][A-Za-z0-9_.-]{0,63})", str),))
KEY = Phrase("a key of a telephone", ("1", "#"), ((r"([0-9*#])", str),))
CURRENCY = Phrase(
    "a currency",
    ("EUR",),
    ((r"([A-Z]{3})", _currency),),
    ((r"[A-Za-z]{3}", "its letters are capitals"), ("[A-Za-z]+", "it has three letters")),
)
LANGUAGE = Phrase("a language", ("en", "ru"), ((r"([a-z]{2})", str),))
URL = Phrase("an address to call", ("http://127.0.0.1:9000/done",), ((r"(https?://[!-~]+)", str),), most=2000)
HEADER_NAME = Phrase("the name of a header", ("Retry-After",), ((r"([A-Za-z][A-Za-z0-9-]{0,63})", _header),))
MEDIA_TYPE = Phrase(
    "a content type", ("application/json", "*"), ((r"([a-z][a-z0-9.+-]*/[a-z0-9.+-]+|\*)", str),)
)
