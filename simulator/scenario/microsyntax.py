"""The plain phrases of a scenario (`8s..20s`, `first 2 per number`), read strictly into values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from simulator import faults as mishaps
from simulator.scenario import values as meanings
from simulator.telephony.magic_numbers import COUNTRIES, MagicBlock, blocks_of, own_block
from simulator.telephony.outcomes import Span
from simulator.telephony.phone_numbers import E164

T = TypeVar("T")

_LONGEST = 200
_SHOWN = 60


class PhraseError(ValueError):
    """A phrase that says nothing; its text shows the forms that do."""


@dataclass(frozen=True, slots=True)
class Phrase(Generic[T]):
    """One kind of phrase: its name with an article, forms that show how it is written, rules to read it."""

    name: str
    forms: tuple[str, ...]
    rules: tuple[tuple[str, Callable[..., T]], ...]

    def read(self, given: object) -> T:
        """Return what `given` stands for; a whole number counts as its digits.

        Raises PhraseError when the whole of it is not one of the forms.
        """
        text = str(given) if type(given) is int else given
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise self._refusal(given)
        for pattern, build in self.rules:
            if match := re.fullmatch(pattern, text, re.ASCII):
                try:
                    return build(*match.groups())
                except ValueError as error:
                    raise self._refusal(given, str(error)) from None
        raise self._refusal(given)

    def _refusal(self, given: object, reason: str = "") -> PhraseError:
        shown = repr(given) if len(repr(given)) <= _SHOWN else repr(given)[:_SHOWN] + "…"
        forms = ", ".join(f"`{form}`" for form in self.forms)
        return PhraseError(f"{shown} is not {self.name}{reason and f', {reason}'}; write {forms}")


_LENGTH = r"(?=[0-9])(?:[0-9]{1,4}d)?(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,7}s)?(?:[0-9]{1,9}ms)?"
_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,3})?%"
_COUNT = r"[0-9]{1,9}"
_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_NUMBER = r"\+[1-9][0-9]{6,14}"
_TIME = r"[0-9]{2}:[0-9]{2}"
_WORD = r"[a-z][a-z0-9_]*"
_EVENT = r"[A-Za-z0-9_.:-]{1,64}"

_ACCEPT = "accept then "

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def _length(text: str) -> timedelta:
    parts = re.findall(r"([0-9]+)(ms|[dhms])", text)
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})


def _span(low: str, high: str | None = None) -> Span:
    span = Span(_length(low), _length(high or low))
    if span.high < span.low:
        raise ValueError("the smaller bound comes first")
    return span


def _share(text: str) -> Decimal:
    share = Decimal(text.removesuffix("%")) / 100
    if share > 1:
        raise ValueError("all is 100%")
    return share


def _band(low: str, high: str) -> meanings.Band:
    band = meanings.Band(_share(low), _share(high))
    if band.high < band.low:
        raise ValueError("the smaller bound comes first")
    return band


def _counts(low: str, high: str | None = None) -> meanings.Counts:
    counts = meanings.Counts(int(low), int(high or low))
    if counts.high is not None and counts.high < counts.low:
        raise ValueError("the smaller bound comes first")
    return counts


def _rate(count: str, per: str) -> meanings.Rate:
    rate = meanings.Rate(int(count), _length(per))
    if not rate.count or not rate.per:
        raise ValueError("neither part may be zero")
    return rate


def _slow(low: str, high: str) -> mishaps.Slow:
    span = _span(low, high)
    return mishaps.Slow(span.low, span.high)


def _requests(first: str, last: str | None = None) -> mishaps.Requests:
    gate = mishaps.Requests(int(first), int(last or first))
    if not 1 <= gate.first <= gate.last:
        raise ValueError("requests count from 1, the smaller bound first")
    return gate


def _window(start: str, length: str | None = None) -> mishaps.Period:
    return mishaps.Period(_length(start), _length(length) if length else mishaps.FOR_GOOD)


def _status(accepted: str | None, code: str) -> mishaps.Status:
    if not 400 <= int(code) <= 599:
        raise ValueError("a failing status lies between 400 and 599")
    return mishaps.Status(int(code), accepted is not None)


def _header(name: str) -> str:
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError("the server itself writes this one")
    return name


def _text(number: str, to: str, text: str) -> meanings.TextNumber:
    return meanings.TextNumber(E164(number), E164(to), text)


def _setting(key: str, value: str) -> meanings.SetProfile:
    return meanings.SetProfile(key, {"true": True, "false": False}.get(value, value))


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError):
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such zone in the time zone database{hint}") from None


def _pattern(stem: str, stars: str) -> meanings.NumberPattern:
    if not 8 <= len(stem) + len(stars) <= 16:
        raise ValueError("a number has 7 to 15 digits")
    return meanings.NumberPattern(stem, len(stars))


def _country(code: str) -> tuple[MagicBlock, ...]:
    if not (found := blocks_of(code)):
        raise ValueError("no numbers are known to be free there")
    return found


def _stem(stem: str, stars: str) -> str:
    return _pattern(stem, stars).stem


LENGTH = Phrase("a length of time", ("250ms", "8s", "1h30m", "1d2h"), ((f"({_LENGTH})", _length),))
SPAN = Phrase(
    "a length of time or a range of them",
    ("8s", "8s..20s"),
    ((f"({_LENGTH})", _span), (rf"({_LENGTH})\.\.({_LENGTH})", _span)),
)
AT_MOST = Phrase("a longest time", ("at most 5s",), ((f"at most ({_LENGTH})", _length),))
SHARE = Phrase("a share", ("30%", "0.5%"), ((f"({_PERCENT})", _share),))
BAND = Phrase(
    "a range of shares",
    ("78%..89%", "at most 3%", "at least 90%"),
    (
        (rf"({_PERCENT})\.\.({_PERCENT})", _band),
        (f"at most ({_PERCENT})", lambda high: meanings.Band(Decimal(0), _share(high))),
        (f"at least ({_PERCENT})", lambda low: meanings.Band(_share(low), Decimal(1))),
    ),
)
COUNTS = Phrase(
    "a count",
    ("3", "0..1", "at most 5", "at least 2"),
    (
        (f"({_COUNT})", _counts),
        (rf"({_COUNT})\.\.({_COUNT})", _counts),
        (f"at most ({_COUNT})", lambda high: meanings.Counts(0, int(high))),
        (f"at least ({_COUNT})", lambda low: meanings.Counts(int(low), None)),
    ),
)
RATE = Phrase("a rate", ("20 per 1s", "5 per 30s"), ((f"({_COUNT}) per ({_LENGTH})", _rate),))
RATE_AT_MOST = Phrase(
    "a highest rate", ("at most 1 per 30s",), ((f"at most ({_COUNT}) per ({_LENGTH})", _rate),)
)
MOMENT: Phrase[timedelta | datetime] = Phrase(
    "a moment",
    ("+1d2h", "2026-03-29T09:30"),
    (
        (rf"\+({_LENGTH})", _length),
        (rf"((?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME})", datetime.fromisoformat),
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
    ((f"({_TIME})-({_TIME})", lambda opens, closes: meanings.Hours(_time(opens), _time(closes))),),
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
        (r"(frozen|virtual|idle|real)", meanings.Pace),
        (r"x([1-9][0-9]{0,5})", lambda speed: meanings.Pace("real", int(speed))),
    ),
)
NUMBER = Phrase("a phone number", ("+447700900101",), ((f"({_NUMBER})", E164),))
NUMBER_PATTERN = Phrase("a pattern of numbers", ("+447700900***",), ((r"(\+[1-9][0-9]*)(\*+)", _pattern),))
MAGIC: Phrase[tuple[MagicBlock, ...]] = Phrase(
    "a country with magic numbers, or a pattern of them",
    (*COUNTRIES, "+4930123456**"),
    (
        (r"([A-Z]{2})", _country),
        (r"(\+[1-9][0-9]*)(\*{2,5})", lambda stem, stars: (own_block(_stem(stem, stars), len(stars) - 2),)),
    ),
)
PRESSES = Phrase("keys to press", ("1", "12#"), ((r"([0-9*#]+)", str),))
WHERE = Phrase(
    "a place",
    ("*", "callo.*", "callo.add_call"),
    (
        (r"(\*)", lambda every: meanings.Where(every, every)),
        (rf"({_WORD})\.(\*|[A-Za-z][A-Za-z0-9_.]*)", meanings.Where),
    ),
)
NAME = Phrase("a name", ("busy_adult", "spring-sale"), ((r"([A-Za-z_][A-Za-z0-9_.-]{0,63})", str),))
KEY = Phrase("a key of a telephone", ("1", "#"), ((r"([0-9*#])", str),))
CURRENCY = Phrase("a currency", ("EUR",), ((r"([A-Z]{3})", str),))
LANGUAGE = Phrase("a language", ("en", "ru"), ((r"([a-z]{2})", str),))
URL = Phrase("an address to call", ("http://127.0.0.1:9000/done",), ((r"(https?://[!-~]+)", str),))
HEADER_NAME = Phrase("the name of a header", ("Retry-After",), ((r"([A-Za-z][A-Za-z0-9-]{0,63})", _header),))
MEDIA_TYPE = Phrase(
    "a content type", ("application/json", "*"), ((r"([a-z][a-z0-9.+-]*/[a-z0-9.+-]+|\*)", str),)
)
GATE: Phrase[mishaps.Trigger] = Phrase(
    "a gate",
    ("always", "3%", "request 4", "requests 4..6", "first 2 per number", "from +10m", "from +10m for 3m"),
    (
        ("always", mishaps.Always),
        (f"({_PERCENT})", lambda share: mishaps.Share(float(_share(share)))),
        (f"request ({_COUNT})", _requests),
        (rf"requests ({_COUNT})\.\.({_COUNT})", _requests),
        (f"first ({_COUNT}) per number", lambda count: mishaps.FirstPerNumber(int(count))),
        (rf"from \+({_LENGTH})", _window),
        (rf"from \+({_LENGTH}) for ({_LENGTH})", _window),
    ),
)
FAULT: Phrase[mishaps.Action] = Phrase(
    "a fault",
    (
        *("slow 2s..8s", "hang 35s", "reset", "status 503", "cut 40%", "garble"),
        *("accept then status 503", "accept then reset", "refuse phone_missing"),
    ),
    (
        (f"slow ({_LENGTH})", lambda delay: mishaps.Slow(_length(delay), _length(delay))),
        (rf"slow ({_LENGTH})\.\.({_LENGTH})", _slow),
        (f"hang ({_LENGTH})", lambda delay: mishaps.Hang(_length(delay))),
        (f"({_ACCEPT})?reset", lambda accepted: mishaps.Reset(accepted is not None)),
        (rf"({_ACCEPT})?status ([0-9]{{3}})", _status),
        (r"refuse ([A-Za-z0-9][A-Za-z0-9_.-]{0,63})", mishaps.Refuse),
        (f"cut ({_PERCENT})", lambda share: mishaps.Cut(float(_share(share)))),
        ("garble", mishaps.Garble),
    ),
)
TIMELINE_ACT: Phrase[meanings.TimelineAct] = Phrase(
    "an event",
    (
        "outage callo",
        "balance 0.00",
        "top_up 50.00",
        "price 0.20",
        'stop_list "+447700900101"',
        "profile key=value",
        "pause campaigns",
        "resume campaigns",
        "stop campaigns",
        "bar subscriptions",
        "bar subscriptions call.ended",
        "unbar subscriptions",
        'call_in "+447700900101"',
        'call "+33639980001" to "+33199001234"',
        'text "+33639980001" to "+33639984242" \'Hello\'',
    ),
    (
        (f"outage ({_WORD})", meanings.Outage),
        (f"balance ({_AMOUNT})", lambda amount: meanings.SetBalance(Decimal(amount))),
        (f"top_up ({_AMOUNT})", lambda amount: meanings.TopUp(Decimal(amount))),
        (f"price ({_AMOUNT})", lambda amount: meanings.SetPrice(Decimal(amount))),
        (f'stop_list "?({_NUMBER})"?', lambda number: meanings.StopNumber(E164(number))),
        (f"profile ({_WORD})=([!-~]+)", _setting),
        ("(pause|resume|stop) campaigns", meanings.MoveCampaigns),
        (
            rf"(un)?bar subscriptions(?: ({_EVENT}))?",
            lambda lifted, event: meanings.BarSubscriptions(not lifted, event),
        ),
        (f'call_in "?({_NUMBER})"?', lambda number: meanings.CallIn(E164(number))),
        (f'call "?({_NUMBER})"? to "?({_NUMBER})"?', lambda *told: meanings.CallNumber(*map(E164, told))),
        (f'text "?({_NUMBER})"? to "?({_NUMBER})"? \'([ -&(-~]+)\'', _text),
    ),
)
RUN_STEP: Phrase[meanings.RunStep] = Phrase(
    "a step",
    ("advance 3d", "advance to 20:00", "until idle", "resend"),
    (
        (f"advance ({_LENGTH})", lambda by: meanings.Advance(_length(by))),
        (f"advance to ({_TIME})", lambda at: meanings.AdvanceTo(time.fromisoformat(at))),
        ("until idle", meanings.UntilIdle),
        ("resend", meanings.Resend),
    ),
)
