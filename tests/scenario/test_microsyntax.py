from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from simulator import faults as mishaps
from simulator.scenario import microsyntax as phrases
from simulator.scenario import values as meanings
from simulator.scenario.microsyntax import Phrase, PhraseError
from simulator.scenario.words import PHRASES
from simulator.telephony.outcomes import Span, seconds


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


@pytest.mark.parametrize(
    ("phrase", "text", "value"),
    [
        (phrases.LENGTH, "1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        (phrases.LENGTH, "0s", timedelta(0)),
        (phrases.SPAN, "8s..20s", seconds(8, 20)),
        (phrases.SPAN, "5m", Span(timedelta(minutes=5), timedelta(minutes=5))),
        (phrases.SHARE, "0.5%", Decimal("0.005")),
        (phrases.BAND, "at most 3%", meanings.Band(Decimal(0), Decimal("0.03"))),
        (phrases.COUNTS, 3, meanings.Counts(3, 3)),
        (phrases.COUNTS, "at least 2", meanings.Counts(2, None)),
        (phrases.RATE, "5 per 30s", meanings.Rate(5, timedelta(seconds=30))),
        (phrases.MOMENT, "+1d2h", timedelta(days=1, hours=2)),
        (phrases.MOMENT, "2026-03-29T09:30", datetime(2026, 3, 29, 9, 30)),  # noqa: DTZ001 - local by nature
        (phrases.HOURS, "09:00-24:00", meanings.Hours(time(9), time.max)),
        (phrases.GATE, "requests 4..6", mishaps.Requests(4, 6)),
        (phrases.GATE, "first 2 per number", mishaps.FirstPerNumber(2)),
        (phrases.GATE, "from +10m for 3m", mishaps.Period(timedelta(minutes=10), timedelta(minutes=3))),
        (phrases.FAULT, "slow 2s..8s", mishaps.Slow(timedelta(seconds=2), timedelta(seconds=8))),
        (phrases.FAULT, "cut 40%", mishaps.Cut(0.4)),
        (phrases.TIMELINE_ACT, "balance 0.00", meanings.SetBalance(Decimal("0.00"))),
        (phrases.TIMELINE_ACT, "profile route=slow", meanings.SetProfile("route", "slow")),
        (phrases.RUN_STEP, "advance to 20:00", meanings.AdvanceTo(time(20))),
        (phrases.PACE, "x60", meanings.Pace("real", 60)),
    ],
)
def test_a_phrase_stands_for_its_value(phrase: Phrase[object], text: object, value: object) -> None:
    assert phrase.read(text) == value


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        (phrases.LENGTH, "٣s"),
        (phrases.LENGTH, ""),
        (phrases.LENGTH, "5"),
        (phrases.LENGTH, "01:30"),
        (phrases.LENGTH, "5s3m"),
        (phrases.LENGTH, "1_000s"),
        (phrases.SPAN, "20s..8s"),
        (phrases.SHARE, "101%"),
        (phrases.BAND, "89%..78%"),
        (phrases.COUNTS, True),
        (phrases.COUNTS, -1),
        (phrases.RATE, "0 per 1s"),
        (phrases.RATE, "5 per 0s"),
        (phrases.GATE, "request 0"),
        (phrases.GATE, "requests 6..4"),
        (phrases.FAULT, "status 200"),
        (phrases.HOURS, "25:00-26:00"),
        (phrases.LOCAL_TIME, "2026-02-30T10:00"),
        (phrases.ZONE, "Europe"),
        (phrases.ZONE, "../../etc/passwd"),
        (phrases.NUMBER, "447700900101"),
        (phrases.NUMBER, 447700900101),
        (phrases.NUMBER_PATTERN, "+44770090****************"),
        (phrases.TIMELINE_ACT, "balance -1"),
        (phrases.URL, "file:///etc/passwd"),
        (phrases.GATE, "3%" * 200),
        (phrases.LENGTH, None),
    ],
)
def test_what_is_no_form_is_refused_with_the_forms_listed(phrase: Phrase[object], text: object) -> None:
    with pytest.raises(PhraseError) as caught:
        phrase.read(text)

    assert all(f"`{form}`" in str(caught.value) for form in phrase.forms)
