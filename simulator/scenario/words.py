"""The kinds of word a scenario is written in: the type that loading makes of each, and its phrase.

The types of a scenario's words tell which phrase is read where.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from simulator import faults
from simulator.scenario import act_phrases, microsyntax, values
from simulator.scenario.phrase import Phrase
from simulator.telephony import outcomes
from simulator.telephony.messages import TextEnd
from simulator.telephony.phone_numbers import E164

T = TypeVar("T")

PHRASES: dict[str, Phrase[object]] = {
    f"simulator-{name.lower().replace('_', '-')}": phrase
    for name, phrase in {**vars(microsyntax), **vars(act_phrases)}.items()
    if isinstance(phrase, Phrase)
}
"""JSON Schema format -> the phrase it names."""


def about(text: str) -> Meta:
    """Describe a word to the reader of the schema."""
    return Meta(description=text)


def default(phrase: Phrase[T], text: str | int) -> T:
    """Return a field of a struct whose default is what `text` stands for; the schema shows the text."""
    return field(default_factory=partial(phrase.read, text))


def empty() -> dict[Any, Any]:
    """Return a field of a struct that is an empty map by default."""
    return field(default_factory=dict)


def _phrase(name: str) -> Meta:
    return Meta(extra_json_schema={"x-phrase": f"simulator-{name}"})


def _each_one_of(words: Iterable[str]) -> Meta:
    """Describe a map that has something by one of some words at least, and nothing by others."""
    return Meta(min_length=1, extra_json_schema={"propertyNames": {"enum": [str(word) for word in words]}})


Length = Annotated[timedelta, _phrase("length")]
Span = Annotated[outcomes.Span, _phrase("span")]
CallingIn = Annotated[values.CallingIn, _phrase("calling-in")]
AtMost = Annotated[timedelta, _phrase("at-most")]
Share = Annotated[Decimal, _phrase("share")]
Band = Annotated[values.Band, _phrase("band")]
Counts = Annotated[values.Counts, _phrase("counts")]
Quantity = Annotated[values.Quantity, _phrase("quantity")]
Window = Annotated[faults.Period, _phrase("window")]
Rate = Annotated[values.Rate, _phrase("rate")]
RateAtMost = Annotated[values.Rate, _phrase("rate-at-most")]
Moment = Annotated[values.Moment, _phrase("moment")]
LocalTime = Annotated[datetime, _phrase("local-time")]
Hours = Annotated[values.Hours, _phrase("hours")]
Zone = Annotated[ZoneInfo, _phrase("zone")]
CalleeZone = Annotated[ZoneInfo | None, _phrase("callee-zone")]
Pace = Annotated[values.Pace, _phrase("pace")]
Number = Annotated[E164, _phrase("number")]
NumberPattern = Annotated[values.NumberPattern, _phrase("number-pattern")]
Magic = Annotated[values.Magic, _phrase("magic")]
Presses = Annotated[str, _phrase("presses")]
Where = Annotated[values.Where, _phrase("where")]
Url = Annotated[str, _phrase("url")]
Trigger = Annotated[faults.Trigger, _phrase("trigger")]
Fault = Annotated[faults.Action, _phrase("fault")]
TimelineAct = Annotated[values.TimelineAct, _phrase("timeline-act")]
RunStep = Annotated[values.RunStep, _phrase("run-step")]

HeaderName = Annotated[str, _phrase("header-name")]
HeaderValue = Annotated[str, Meta(max_length=1_000, pattern=r"^[!-~]([ -~]*[!-~])?(?![\s\S])")]
MediaType = Annotated[str, _phrase("media-type")]

Name = Annotated[str, _phrase("name")]
Key = Annotated[str, _phrase("key")]
Text = Annotated[str, Meta(max_length=10_000)]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1)]
Names = Annotated[tuple[Name, ...], Meta(min_length=1)]
SeveralHours = Annotated[tuple[Hours, ...], Meta(min_length=1)]
Currency = Annotated[str, _phrase("currency")]
Language = Annotated[str, _phrase("language")]
HttpStatus = Annotated[int, Meta(ge=200, le=599, extra_json_schema={"not": {"enum": [204, 205, 304]}})]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Money = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]
Price = Annotated[Decimal, Meta(extra_json_schema={"type": "number", "minimum": 0})]
Shares = Annotated[dict[outcomes.Disposition, Share], _each_one_of(outcomes.Disposition)]
TextShares = Annotated[dict[TextEnd, Share], _each_one_of(TextEnd)]
Attempts = Annotated[tuple[outcomes.Disposition | Shares, ...], Meta(min_length=1)]
TextEnds = Annotated[tuple[TextEnd | TextShares, ...], Meta(min_length=1)]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A map with a fixed vocabulary."""
