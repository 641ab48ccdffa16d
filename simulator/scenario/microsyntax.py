"""The plain phrases of a scenario (`8s..20s`, `first 2 per number`), read strictly into values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from simulator import faults
from simulator.scenario import values
from simulator.scenario.currencies import CURRENCIES
from simulator.scenario.phrase import Phrase
from simulator.telephony.magic_numbers import COUNTRIES, blocks_of, own_block
from simulator.telephony.outcomes import Span
from simulator.telephony.phone_numbers import E164

T = TypeVar("T")

_LENGTH = r"(?=[0-9])(?:[0-9]{1,4}d)?(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,7}s)?(?:[0-9]{1,9}ms)?"
_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,3})?%"
_COUNT = r"[0-9]{1,9}"
_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_APOSTROPHE = r"'(?=[^ ;'\n])"  # one that a letter follows, so that it does not close the text
_NUMBER = r"\+[1-9][0-9]{6,14}"
_TIME = r"[0-9]{2}:[0-9]{2}"
_WORD = r"[a-z][a-z0-9_]*"
_EVENT = r"[A-Za-z0-9_.:-]{1,64}"

_ACCEPT = "accept then "

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def _length(text: str) -> timedelta:
    parts = re.findall(r"([0-9]+)(ms|[dhms])", text)
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})


def _range(kind: Callable[[Any, Any], T], bound: Callable[[str], Any]) -> Callable[..., T]:
    """Return what reads two bounds, or one that stands for both."""

    def read(low: str, high: str | None = None) -> T:
        bounds = bound(low), bound(high or low)
        if bounds[1] < bounds[0]:
            raise ValueError("the smaller bound comes first")
        return kind(*bounds)

    return read


def _share(text: str) -> Decimal:
    share = Decimal(text.removesuffix("%")) / 100
    if share > 1:
        raise ValueError("all is 100%")
    return share


_span = _range(Span, _length)
_slow = _range(faults.Slow, _length)
_band = _range(values.Band, _share)
_counts = _range(values.Counts, int)


def _rate(count: str, per: str) -> values.Rate:
    rate = values.Rate(int(count), _length(per))
    if not rate.count or not rate.per:
        raise ValueError("neither part may be zero")
    return rate


def _requests(first: str, last: str | None = None) -> faults.Requests:
    gate = faults.Requests(int(first), int(last or first))
    if not 1 <= gate.first <= gate.last:
        raise ValueError("requests count from 1, the smaller bound first")
    return gate


def _window(start: str, length: str | None = None) -> faults.Period:
    return faults.Period(_length(start), _length(length) if length else faults.FOR_GOOD)


def _status(accepted: str | None, code: str) -> faults.Status:
    if not 400 <= int(code) <= 599:
        raise ValueError("a failing status lies between 400 and 599")
    return faults.Status(int(code), accepted is not None)


def _header(name: str) -> str:
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError("the server itself writes this one")
    return name


def _call(number: str, to: str) -> values.CallNumber:
    return values.CallNumber(E164(number), E164(to))


def _text(number: str, to: str, text: str) -> values.TextNumber:
    return values.TextNumber(E164(number), E164(to), text)


def _setting(key: str, value: str) -> values.SetProfile:
    return values.SetProfile(key, {"true": True, "false": False}.get(value, value))


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError):
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such zone in the time zone database{hint}") from None


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        near = get_close_matches(code, sorted(CURRENCIES), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such currency{hint}")
    return code


def _pattern(stem: str, stars: str) -> values.NumberPattern:
    if not 8 <= len(stem) + len(stars) <= 16:
        raise ValueError("a number has 7 to 15 digits")
    return values.NumberPattern(stem, len(stars))


def _country(code: str) -> values.Magic:
    if not (blocks := blocks_of(code)):
        raise ValueError("no numbers are known to be free there")
    return values.Magic(blocks)


def _own_magic(stem: str, stars: str) -> values.Magic:
    return values.Magic((own_block(_pattern(stem, stars).stem, len(stars) - 2),))


def _moment(text: str) -> values.Moment:
    return values.Moment(local=datetime.fromisoformat(text))


LENGTH = Phrase("a length of time", ("250ms", "8s", "1h30m", "1d2h"), ((f"({_LENGTH})", _length),))
SPAN = Phrase(
    "a length of time or a range of them",
    ("8s", "8s..20s"),
    ((f"({_LENGTH})", _span), (rf"({_LENGTH})\.\.({_LENGTH})", _span)),
)
CALLING_IN = Phrase(
    "never, a length of time or a range of them",
    ("never", "30s", "10s..40s"),
    (
        ("never", lambda: values.CallingIn(None)),
        (f"({_LENGTH})", lambda length: values.CallingIn(_span(length))),
        (rf"({_LENGTH})\.\.({_LENGTH})", lambda low, high: values.CallingIn(_span(low, high))),
    ),
)
AT_MOST = Phrase("a longest time", ("at most 5s",), ((f"at most ({_LENGTH})", _length),))
SHARE = Phrase(
    "a share",
    ("30%", "0.5%"),
    ((f"({_PERCENT})", _share),),
    ((r"[0-9.]+", "a share ends in %"),),
)
BAND = Phrase(
    "a range of shares",
    ("78%..89%", "at most 3%", "at least 90%"),
    (
        (rf"({_PERCENT})\.\.({_PERCENT})", _band),
        (f"at most ({_PERCENT})", lambda high: values.Band(Decimal(0), _share(high))),
        (f"at least ({_PERCENT})", lambda low: values.Band(_share(low), Decimal(1))),
    ),
)
COUNTS = Phrase(
    "a count",
    ("3", "0..1", "at most 5", "at least 2"),
    (
        (f"({_COUNT})", _counts),
        (rf"({_COUNT})\.\.({_COUNT})", _counts),
        (f"at most ({_COUNT})", lambda high: values.Counts(0, int(high))),
        (f"at least ({_COUNT})", lambda low: values.Counts(int(low), None)),
    ),
)
_RATE_HINTS = ((r".*(?:second|minute|hour|day)s?", "a length is a number and a letter, as in 1m"),)
RATE = Phrase(
    "a rate",
    ("20 per 1s", "5 per 30s"),
    ((f"({_COUNT}) per ({_LENGTH})", _rate),),
    _RATE_HINTS,
)
RATE_AT_MOST = Phrase(
    "a highest rate",
    ("at most 1 per 30s",),
    ((f"at most ({_COUNT}) per ({_LENGTH})", _rate),),
    _RATE_HINTS,
)
MOMENT = Phrase(
    "a moment",
    ("+1d2h", "2026-03-29T09:30"),
    (
        (rf"\+({_LENGTH})", lambda after: values.Moment(_length(after))),
        (rf"((?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME})", _moment),
    ),
    (
        (f"{_TIME}.*", "a time of day needs its date"),
        (_LENGTH, "a length after the start begins with +"),
    ),
)
LOCAL_TIME = Phrase(
    "a local date and time",
    ("2026-03-02T10:00", "2026-03-02T10:00:30"),
    ((rf"((?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME}(?::[0-9]{{2}})?)", datetime.fromisoformat),),
)
HOURS = Phrase(
    "a window of hours",
    ("09:00-20:00",),
    ((f"({_TIME})-({_TIME})", lambda opens, closes: values.Hours(_time(opens), _time(closes))),),
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
NUMBER = Phrase("a phone number", ("+447700900310",), ((f"({_NUMBER})", E164),))
NUMBER_PATTERN = Phrase("a pattern of numbers", ("+447700900***",), ((r"(\+[1-9][0-9]*)(\*+)", _pattern),))
MAGIC = Phrase(
    "a country with magic numbers, or a pattern of them",
    (*COUNTRIES, "+4930123456**"),
    (
        (r"([A-Z]{2})", _country),
        (r"(\+[1-9][0-9]*)(\*{2,5})", _own_magic),
    ),
)
PRESSES = Phrase("keys to press", ("1", "12#"), ((r"([0-9*#]+)", str),))
WHERE = Phrase(
    "a place",
    ("*", "callo.*", "callo.add_call"),
    (
        (r"(\*)", lambda all_of_it: values.Where(all_of_it, all_of_it)),
        (rf"({_WORD})\.(\*|[A-Za-z][A-Za-z0-9_.]*)", values.Where),
    ),
)
NAME = Phrase("a name", ("busy_adult", "spring-sale"), ((r"([A-Za-z_][A-Za-z0-9_.-]{0,63})", str),))
KEY = Phrase("a key of a telephone", ("1", "#"), ((r"([0-9*#])", str),))
CURRENCY = Phrase("a currency", ("EUR",), ((r"([A-Z]{3})", _currency),))
LANGUAGE = Phrase("a language", ("en", "ru"), ((r"([a-z]{2})", str),))
URL = Phrase("an address to call", ("http://127.0.0.1:9000/done",), ((r"(https?://[!-~]+)", str),))
HEADER_NAME = Phrase("the name of a header", ("Retry-After",), ((r"([A-Za-z][A-Za-z0-9-]{0,63})", _header),))
MEDIA_TYPE = Phrase(
    "a content type", ("application/json", "*"), ((r"([a-z][a-z0-9.+-]*/[a-z0-9.+-]+|\*)", str),)
)
TRIGGER: Phrase[faults.Trigger] = Phrase(
    "a gate",
    ("always", "3%", "request 4", "requests 4..6", "first 2 per number", "from +10m", "from +10m for 3m"),
    (
        ("always", faults.Always),
        (f"({_PERCENT})", lambda share: faults.Share(float(_share(share)))),
        (f"request ({_COUNT})", _requests),
        (rf"requests ({_COUNT})\.\.({_COUNT})", _requests),
        (f"first ({_COUNT}) per number", lambda count: faults.FirstPerNumber(int(count))),
        (rf"from \+({_LENGTH})", _window),
        (rf"from \+({_LENGTH}) for ({_LENGTH})", _window),
    ),
)
FAULT: Phrase[faults.Action] = Phrase(
    "a fault",
    (
        *("slow 2s..8s", "hang 35s", "reset", "status 503", "cut 40%", "garble"),
        *("accept then status 503", "accept then reset", "refuse phone_missing"),
        *("reply", "accept then reply", "drip 10s"),
    ),
    (
        (f"slow ({_LENGTH})", _slow),
        (rf"slow ({_LENGTH})\.\.({_LENGTH})", _slow),
        (f"hang ({_LENGTH})", lambda delay: faults.Hang(_length(delay))),
        (f"({_ACCEPT})?reset", lambda accepted: faults.Reset(accepted is not None)),
        (rf"({_ACCEPT})?status ([0-9]{{3}})", _status),
        (f"({_ACCEPT})?reply", lambda accepted: faults.Reply(accepted is not None)),
        (f"drip ({_LENGTH})", lambda length: faults.Drip(_length(length))),
        (r"refuse ([A-Za-z0-9][A-Za-z0-9_.-]{0,63})", faults.Refuse),
        (f"cut ({_PERCENT})", lambda share: faults.Cut(float(_share(share)))),
        ("garble", faults.Garble),
    ),
    (
        ("slow|hang|drip", "say for how long"),
        ("cut", "say how much of the answer"),
        ("(?:accept then )?status", "say which status"),
        ("(?:accept then )?reply .*", "the words of the answer stand beside it, under `reply`"),
        ("refuse", "say which refusal, by its name or code"),
        ("accept then .*", "`status`, `reply` and `reset` may come after the work; the others always do"),
    ),
)
TIMELINE_ACT: Phrase[values.TimelineAct] = Phrase(
    "an event",
    (
        *("outage callo", "balance 0.00", "top_up 50.00", "price 0.20", 'stop_list "+447700900310"'),
        *("profile key=value", "pause campaigns", "resume campaigns", "stop campaigns"),
        *("bar subscriptions", "bar subscriptions call.ended", "unbar subscriptions"),
        'call_in "+447700900310"',
        'call "+33639980001" to "+33199001234"',
        'text "+33639980001" to "+33639984242" \'Hello\'',
    ),
    (
        (f"outage ({_WORD})", values.Outage),
        (f"balance ({_AMOUNT})", lambda amount: values.SetBalance(Decimal(amount))),
        (f"top_up ({_AMOUNT})", lambda amount: values.TopUp(Decimal(amount))),
        (f"price ({_AMOUNT})", lambda amount: values.SetPrice(Decimal(amount))),
        (f'stop_list "?({_NUMBER})"?', lambda number: values.StopNumber(E164(number))),
        (f"profile ({_WORD})=([!-~]+)", _setting),
        ("(pause|resume|stop) campaigns", values.MoveCampaigns),
        (
            rf"(un)?bar subscriptions(?: ({_EVENT}))?",
            lambda lifted, event: values.BarSubscriptions(not lifted, event),
        ),
        (f'call_in "?({_NUMBER})"?', lambda number: values.CallIn(E164(number))),
        (f'call "?({_NUMBER})"? to "?({_NUMBER})"?', _call),
        (f'text "?({_NUMBER})"? to "?({_NUMBER})"? \'((?:[^\'\n]|{_APOSTROPHE})+)\'', _text),
    ),
    ((f"outage {_WORD} .+", "`for` and `until` are words of their own beside `do`"),),
)
RUN_STEP: Phrase[values.RunStep] = Phrase(
    "a step",
    ("advance 3d", "advance to 20:00", "until idle", "resend"),
    (
        (f"advance ({_LENGTH})", lambda by: values.Advance(_length(by))),
        (f"advance to ({_TIME})", lambda at: values.AdvanceTo(time.fromisoformat(at))),
        ("until idle", values.UntilIdle),
        ("resend", values.Resend),
    ),
)
