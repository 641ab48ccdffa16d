"""The phrases of what happens in a scenario: faults and their gates, events outside, steps of the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from decimal import Decimal

from simulator import faults
from simulator.scenario import values
from simulator.scenario.phrase import (
    A_COUNT,
    A_LENGTH,
    A_NUMBER,
    A_PERCENT,
    A_TIME,
    A_WORD,
    AN_AMOUNT,
    AN_APOSTROPHE,
    AN_EVENT,
    Phrase,
    ranges,
    read_length,
    read_share,
)
from simulator.telephony.phone_numbers import E164

_ACCEPT = "accept then "


def _requests(first: str, last: str | None = None) -> faults.Requests:
    gate = faults.Requests(int(first), int(last or first))
    if not 1 <= gate.first <= gate.last:
        raise ValueError("requests count from 1, the smaller bound first")
    return gate


def _window(start: str, length: str | None = None) -> faults.Period:
    return faults.Period(read_length(start), read_length(length) if length else faults.FOR_GOOD)


def _status(accepted: str | None, code: str) -> faults.Status:
    if not 400 <= int(code) <= 599:
        raise ValueError("a failing status lies between 400 and 599")
    return faults.Status(int(code), accepted is not None)


def _call(number: str, to: str) -> values.CallNumber:
    return values.CallNumber(E164(number), E164(to))


def _text(number: str, to: str, text: str) -> values.TextNumber:
    return values.TextNumber(E164(number), E164(to), text)


def _setting(key: str, value: str) -> values.SetProfile:
    return values.SetProfile(key, {"true": True, "false": False}.get(value, value))


def _incident(build: Callable[..., faults.Action]) -> Callable[..., values.TimelineAct]:
    return lambda *parts: values.Incident(build(*parts))


_PERIODS = (
    (rf"from \+({A_LENGTH})", _window),
    (rf"from \+({A_LENGTH}) for ({A_LENGTH})", _window),
)

TRIGGER: Phrase[faults.Trigger] = Phrase(
    "a gate",
    ("always", "3%", "request 4", "requests 4..6", "first 2 per number", "from +10m", "from +10m for 3m"),
    (
        ("always", faults.Always),
        (f"({A_PERCENT})", lambda share: faults.Share(float(read_share(share)))),
        (f"request ({A_COUNT})", _requests),
        (rf"requests ({A_COUNT})\.\.({A_COUNT})", _requests),
        (f"first ({A_COUNT}) per number", lambda count: faults.FirstPerNumber(int(count))),
        *_PERIODS,
    ),
    (
        (r"[0-9.]+", "a share ends in %, and one request is `request 4`"),
        (r"[0-9.]+ +%.*", "no blank stands before the %"),
        (r"[0-9.]+%.+", "a share stands alone"),
        ("once|(?:the )?first(?: request)?", "the first request alone is `request 1`"),
        ("first [0-9]+(?: requests)?", "of each number it is `first 2 per number`, of all `requests 1..2`"),
        (rf"requests? {A_COUNT} *(?:-|to|and) *{A_COUNT}", "a range has two dots between its bounds"),
        (rf"(?:after|from|for) {A_LENGTH}.*", "a length after the start begins with +, as in `from +10m`"),
        (rf"from \+{A_LENGTH} (?:to|until|till) .*", "say how long it lasts: `for 10m`"),
        ("never", "leave the rule out"),
    ),
)
WINDOW: Phrase[faults.Period] = Phrase("a stretch of time", ("from +10m", "from +10m for 3m"), _PERIODS)
FAULT: Phrase[faults.Action] = Phrase(
    "a fault",
    (
        *("slow 2s..8s", "hang 35s", "reset", "status 503", "cut 40%", "garble"),
        *("accept then status 503", "accept then reset", "refuse phone_missing"),
        *("reply", "accept then reply", "drip 10s"),
    ),
    (
        *ranges(faults.Slow, A_LENGTH, read_length, "slow "),
        (f"hang ({A_LENGTH})", lambda delay: faults.Hang(read_length(delay))),
        (f"({_ACCEPT})?reset", lambda accepted: faults.Reset(accepted is not None)),
        (rf"({_ACCEPT})?status ([0-9]{{3}})", _status),
        (f"({_ACCEPT})?reply", lambda accepted: faults.Reply(accepted is not None)),
        (f"drip ({A_LENGTH})", lambda length: faults.Drip(read_length(length))),
        (r"refuse ([A-Za-z0-9][A-Za-z0-9_.-]{0,63})", faults.Refuse),
        (f"cut ({A_PERCENT})", lambda share: faults.Cut(float(read_share(share)))),
        ("garble", faults.Garble),
    ),
    (
        ("slow|hang|drip", "say for how long"),
        ("cut", "say how much of the answer"),
        ("(?:accept then )?status", "say which status"),
        ("(?:accept then )?reply .*", "the words of the answer stand beside it, under `reply`"),
        ("refuse", "say which refusal, by its name or code"),
        ("delay.*|latency.*", "an answer that comes late is `slow 2s..8s`"),
        ("time_?out.*", "a client that waits in vain meets `hang 35s`"),
        ("drop|disconnect|close|abort", "a connection that breaks is `reset`"),
        ("[45][0-9]{2}", "say `status` before it"),
        ("accept then .*", "`status`, `reply` and `reset` may come after the work; the others always do"),
    ),
)
TIMELINE_ACT: Phrase[values.TimelineAct] = Phrase(
    "an event",
    (
        *("outage callo", "balance 0.00", "top_up 50.00", "price 0.20", 'stop_list "+447700900310"'),
        *("outage *", "expire_key", "renew_key"),
        *("profile key=value", "pause campaigns", "resume campaigns", "stop campaigns"),
        *("bar subscriptions", "bar subscriptions call.ended", "unbar subscriptions"),
        'call_in "+447700900310"',
        'call "+33639980001" to "+33199001234"',
        'text "+33639980001" to "+33639984242" \'Hello\'',
        *("slow 2s..8s", "status 503", "reset"),
    ),
    (
        (rf"outage ({A_WORD}|\*)", values.Outage),
        (f"balance ({AN_AMOUNT})", lambda amount: values.SetBalance(Decimal(amount))),
        (f"top_up ({AN_AMOUNT})", lambda amount: values.TopUp(Decimal(amount))),
        (f"price ({AN_AMOUNT})", lambda amount: values.SetPrice(Decimal(amount))),
        (f'stop_list "?({A_NUMBER})"?', lambda number: values.StopNumber(E164(number))),
        (f"profile ({A_WORD})=([!-~]+)", _setting),
        ("expire_key", lambda: values.ExpireKey(True)),
        ("renew_key", lambda: values.ExpireKey(False)),
        ("(pause|resume|stop) campaigns", values.MoveCampaigns),
        (
            rf"(un)?bar subscriptions(?: ({AN_EVENT}))?",
            lambda lifted, event: values.BarSubscriptions(not lifted, event),
        ),
        (f'call_in "?({A_NUMBER})"?', lambda number: values.CallIn(E164(number))),
        (f'call "?({A_NUMBER})"? to "?({A_NUMBER})"?', _call),
        (f'text "?({A_NUMBER})"? to "?({A_NUMBER})"? \'((?:[^\'\n]|{AN_APOSTROPHE})+)\'', _text),
        *((pattern, _incident(build)) for pattern, build in FAULT.rules if not pattern.endswith("reply")),
    ),
    (
        (f"outage {A_WORD} .+", "`for` and `until` are words of their own beside `do`"),
        ("(?:accept then )?reply", "words of your own are for `faults`, with `when: from +1h for 10m`"),
    ),
)
RUN_STEP: Phrase[values.RunStep] = Phrase(
    "a step",
    ("advance 3d", "advance to 20:00", "until idle", "resend"),
    (
        (f"advance ({A_LENGTH})", lambda by: values.Advance(read_length(by))),
        (f"advance to ({A_TIME})", lambda at: values.AdvanceTo(time.fromisoformat(at))),
        ("until idle", values.UntilIdle),
        ("resend", values.Resend),
    ),
    (
        ("advance to .*", "a time of day has two digits, a colon and two more"),
        ("advance .+", "a length is a number and d, h, m, s or ms, with nothing between"),
        ("(?:wait|sleep).*", "time moves by `advance`"),
    ),
)
