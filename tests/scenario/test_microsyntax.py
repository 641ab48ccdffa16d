from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from simulator import faults
from simulator.scenario import act_phrases, microsyntax, values
from simulator.scenario.phrase import Phrase, PhraseError, listed
from simulator.scenario.words import PHRASES
from simulator.telephony.outcomes import Span, seconds
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callo.callbacks import PLACEHOLDERS

TEXT = 'text "+33639980001" to "+33639984242"'


def written(text: str) -> values.TextNumber:
    return values.TextNumber(E164("+33639980001"), E164("+33639984242"), text)


@pytest.mark.parametrize("phrase", PHRASES.values(), ids=PHRASES)
def test_every_form_that_is_shown_can_be_read(phrase: Phrase[object]) -> None:
    for form in phrase.forms:
        phrase.read(form)


@pytest.mark.parametrize("phrase", PHRASES.values(), ids=PHRASES)
def test_nothing_may_stand_around_a_form(phrase: Phrase[object]) -> None:
    for form in phrase.forms:
        for spoilt in (f" {form}", f"{form} ", f"{form}\n", f"-{form}", f"{form} и", f"{form}; {form}"):
            with pytest.raises(PhraseError, match="write `"):
                phrase.read(spoilt)


LONG_URL = "http://127.0.0.1:9000/done?" + "&".join(f"{name}={{{name}}}" for name in PLACEHOLDERS)


@pytest.mark.parametrize(
    ("phrase", "text", "value"),
    [
        (microsyntax.LENGTH, "1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        (microsyntax.LENGTH, "0s", timedelta(0)),
        (microsyntax.SPAN, "8s..20s", seconds(8, 20)),
        (microsyntax.SPAN, "5m", Span(timedelta(minutes=5), timedelta(minutes=5))),
        (microsyntax.SHARE, "0.5%", Decimal("0.005")),
        (microsyntax.BAND, "at most 3%", values.Band(Decimal(0), Decimal("0.03"))),
        (microsyntax.COUNTS, 3, values.Counts(3, 3)),
        (microsyntax.COUNTS, "at least 2", values.Counts(2, None)),
        (microsyntax.RATE, "5 per 30s", values.Rate(5, timedelta(seconds=30))),
        (microsyntax.MOMENT, "+1d2h", values.Moment(timedelta(days=1, hours=2))),
        (microsyntax.MOMENT, "2026-03-29T09:30", values.Moment(local=datetime(2026, 3, 29, 9, 30))),  # noqa: DTZ001 - local by nature
        (microsyntax.HOURS, "09:00-24:00", values.Hours(time(9), time.max)),
        (act_phrases.TRIGGER, "requests 4..6", faults.Requests(4, 6)),
        (act_phrases.TRIGGER, "first 2 per number", faults.FirstPerNumber(2)),
        (act_phrases.TRIGGER, "from +10m for 3m", faults.Period(timedelta(minutes=10), timedelta(minutes=3))),
        (act_phrases.FAULT, "slow 2s..8s", faults.Slow(timedelta(seconds=2), timedelta(seconds=8))),
        (act_phrases.FAULT, "cut 40%", faults.Cut(0.4)),
        (act_phrases.TIMELINE_ACT, "balance 0.00", values.SetBalance(Decimal("0.00"))),
        (act_phrases.TIMELINE_ACT, "profile route=slow", values.SetProfile("route", "slow")),
        (act_phrases.TIMELINE_ACT, f"{TEXT} 'Où est l'été? 😀'", written("Où est l'été? 😀")),
        (act_phrases.RUN_STEP, "advance to 20:00", values.AdvanceTo(time(20))),
        (microsyntax.PACE, "x60", values.Pace("real", 60)),
        (microsyntax.URL, LONG_URL, LONG_URL),  # a template of Callo may name each of its 17 placeholders
    ],
)
def test_a_phrase_stands_for_its_value(phrase: Phrase[object], text: object, value: object) -> None:
    assert phrase.read(text) == value


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        (microsyntax.LENGTH, "٣s"),
        (microsyntax.LENGTH, ""),
        (microsyntax.LENGTH, "5"),
        (microsyntax.LENGTH, "01:30"),
        (microsyntax.LENGTH, "5s3m"),
        (microsyntax.LENGTH, "1_000s"),
        (microsyntax.SPAN, "20s..8s"),
        (microsyntax.SHARE, "101%"),
        (microsyntax.BAND, "89%..78%"),
        (microsyntax.COUNTS, True),
        (microsyntax.COUNTS, -1),
        (microsyntax.RATE, "0 per 1s"),
        (microsyntax.RATE, "5 per 0s"),
        (act_phrases.TRIGGER, "request 0"),
        (act_phrases.TRIGGER, "requests 6..4"),
        (act_phrases.FAULT, "status 200"),
        (microsyntax.HOURS, "25:00-26:00"),
        (microsyntax.LOCAL_TIME, "2026-02-30T10:00"),
        (microsyntax.ZONE, "Europe"),
        (microsyntax.ZONE, "../../etc/passwd"),
        (microsyntax.NUMBER, "447700900310"),
        (microsyntax.NUMBER, 447700900310),
        (microsyntax.NUMBER_PATTERN, "+44770090****************"),
        (act_phrases.TIMELINE_ACT, "balance -1"),
        (act_phrases.TIMELINE_ACT, f"{TEXT} ''"),
        (act_phrases.TIMELINE_ACT, f"{TEXT} 'Hello' world"),
        (act_phrases.TIMELINE_ACT, f"{TEXT} 'two\nlines'"),
        (microsyntax.URL, "file:///etc/passwd"),
        (act_phrases.TRIGGER, "3%" * 200),
        (microsyntax.LENGTH, None),
    ],
)
def test_what_is_no_form_is_refused_with_the_forms_that_begin_so(
    phrase: Phrase[object], text: object
) -> None:
    with pytest.raises(PhraseError) as caught:
        phrase.read(text)

    begun_so = [form for form in phrase.forms if form.split()[:1] == str(text).split()[:1]]
    assert all(listed([form]) in str(caught.value) for form in begun_so or phrase.forms)


@pytest.mark.parametrize(
    ("phrase", "text", "hint"),
    [
        (microsyntax.RATE, "20 per 1 s", "a length is a number and a letter, as in 1s"),
        (microsyntax.RATE, "20 requests per 1s", "the count stands alone before `per`"),
        (microsyntax.COUNTS, "2-3", "a range has two dots between its bounds"),
        (microsyntax.QUANTITY, "78-89%", "a range has two dots between its bounds"),
        (microsyntax.QUANTITY, "3+", "say `at least`"),
        (microsyntax.COUNTS, "none", "write 0"),
        (microsyntax.MAGIC, "UK", "Britain is GB"),
        (microsyntax.MAGIC, "gb", "capitals"),
        (microsyntax.MAGIC, "+4930123456*", "two stars stand for the outcome"),
        (microsyntax.MAGIC, "4930123456**", "it begins with a plus"),
        (microsyntax.MOMENT, "-1h", "nothing happens before the start"),
        (microsyntax.NUMBER, "“+447700900310”", "its quotes are curly"),
        (microsyntax.NUMBER, "07700900310", 'write `"+447700900310"`'),
        (microsyntax.WHERE, "callo", 'write `"*"`, `callo.*`'),
        (act_phrases.TRIGGER, "first 2", "of all `requests 1..2`"),
        (act_phrases.TRIGGER, "once", "the first request alone is `request 1`"),
        (act_phrases.TRIGGER, "requests 4-6", "a range has two dots between its bounds"),
        (act_phrases.TRIGGER, "after 10m", "as in `from +10m`"),
        (act_phrases.TRIGGER, "from +10m to +20m", "say how long it lasts: `for 10m`"),
        (act_phrases.TRIGGER, "3 %", "no blank stands before the %"),
        (act_phrases.RUN_STEP, "advance 3 days", "with nothing between"),
        (act_phrases.RUN_STEP, "wait 3d", "time moves by `advance`"),
        (microsyntax.RATE, "5 per minute", "a length is a number and a letter, as in 1m"),
        (microsyntax.RATE_AT_MOST, "at most 1 per hour", "a length is a number and a letter"),
        (act_phrases.TIMELINE_ACT, "outage jaicp for 5m", "`for` and `until` are words of their own"),
        (act_phrases.FAULT, "slow", "say for how long"),
        (act_phrases.FAULT, "accept then garble", "the others always do"),
        (act_phrases.FAULT, "slow 2s-8s", "write `slow 2s..8s`"),
        (act_phrases.FAULT, "delay 5s", "an answer that comes late is `slow 2s..8s`"),
        (act_phrases.FAULT, "drop", "a connection that breaks is `reset`"),
        (act_phrases.FAULT, 503, "say `status` before it"),
        (act_phrases.TIMELINE_ACT, "top up 5", "write `top_up 50.00`"),
        (act_phrases.TIMELINE_ACT, "topup 5.00", "write `top_up 50.00`"),
        (act_phrases.TIMELINE_ACT, "balance -5", "write `balance 0.00`"),
        (act_phrases.TRIGGER, "first 2", "write `first 2 per number`"),
        (act_phrases.TRIGGER, 3, "a share ends in %, and one request is `request 4`"),
        (microsyntax.LENGTH, 8, "say of what: 8s are seconds, 8m minutes"),
        (microsyntax.LENGTH, "8 seconds", "a number and d, h, m, s or ms, with nothing between"),
        (microsyntax.LENGTH, "-8s", "a length is not negative"),
        (microsyntax.LENGTH, "90000000s", "it has too many digits"),
        (microsyntax.LENGTH, "1.5s", "1.5s is 1500ms"),
        (microsyntax.SPAN, "8s-20s", "a range has two dots between its bounds"),
        (microsyntax.SPAN, "8..20s", "each bound has its own unit"),
        (microsyntax.SHARE, "50 %", "no blank stands before the %"),
        (microsyntax.SHARE, True, "true is not a share"),
        (microsyntax.COUNTS, ">3", "say `at most` or `at least`"),
        (microsyntax.RATE, 20, "say in how long"),
        (microsyntax.RATE, "20/1s", "write `per` for the stroke"),
        (microsyntax.LOCAL_TIME, "2026-03-02", "a date needs its time of day"),
        (microsyntax.LOCAL_TIME, "2026-03-02 10:00", "between date and time stands a T"),
        (microsyntax.LOCAL_TIME, "2026-03-02T10:00Z", "whose is said by `zone` of the `clock`"),
        (microsyntax.MOMENT, "2026-03-02T10:00+01:00", "whose is said by `zone` of the `clock`"),
        (microsyntax.HOURS, "9:00-20:00", "hours have two digits"),
        (microsyntax.ZONE, "London", "did you mean 'Europe/London'?"),
        (microsyntax.ZONE, "Europe/Londn", "did you mean 'Europe/London'?"),
        (microsyntax.ZONE, "BST", "they are called by region and city"),
        (microsyntax.ZONE, "GMT+1", "they are called by region and city"),
        (microsyntax.NUMBER, "07700 900310", "a plus and the code of its country"),
        (microsyntax.NUMBER, "+0447700900310", "no country's code begins with 0"),
        (microsyntax.URL, f"http://h/{'a' * 2000}", "it is longer than 2000 letters"),
        (microsyntax.NUMBER, "+44 7700 900310", "with nothing between"),
        (microsyntax.NUMBER_PATTERN, "+447700900xxx", "each digit that is open is a *"),
        (microsyntax.WHERE, "callo", "all of a vendor is `vendor.*`"),
        (microsyntax.PRESSES, "1,2", "keys stand beside each other"),
        (microsyntax.CURRENCY, "eur", "its letters are capitals"),
        (microsyntax.MAGIC, "yes", "write true"),
        (microsyntax.MOMENT, "10:00", "a time of day needs its date"),
        (microsyntax.MOMENT, "1d2h", "begins with +"),
        (microsyntax.SHARE, 1, "a share ends in %"),
    ],
)
def test_what_people_write_instead_is_answered_with_what_is_missing(
    phrase: Phrase[object], text: object, hint: str
) -> None:
    with pytest.raises(PhraseError, match=re.escape(hint)):
        phrase.read(text)
