"""The kinds of word a scenario is written in, as types whose JSON Schema tells an editor their form."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from simulator.scenario import microsyntax as phrases
from simulator.telephony.outcomes import Disposition

PHRASES: dict[str, phrases.Phrase[object]] = {
    f"simulator-{name.lower().replace('_', '-')}": phrase
    for name, phrase in vars(phrases).items()
    if isinstance(phrase, phrases.Phrase)
}
"""JSON Schema format -> the phrase it names."""


def told(text: str) -> Meta:
    """Describe a word to the reader of the schema."""
    return Meta(description=text)


def _phrase(name: str) -> Meta:
    phrase = PHRASES[f"simulator-{name}"]
    return Meta(extra_json_schema={"format": f"simulator-{name}", "examples": list(phrase.forms)})


Length = Annotated[str, _phrase("length")]
Span = Annotated[str, _phrase("span")]
AtMost = Annotated[str, _phrase("at-most")]
Share = Annotated[str, _phrase("share")]
Band = Annotated[str, _phrase("band")]
Counts = Annotated[int | str, _phrase("counts")]
Rate = Annotated[str, _phrase("rate")]
RateAtMost = Annotated[str, _phrase("rate-at-most")]
Moment = Annotated[str, _phrase("moment")]
LocalTime = Annotated[str, _phrase("local-time")]
Hours = Annotated[str, _phrase("hours")]
Zone = Annotated[str, _phrase("zone")]
CalleeZone = Annotated[str, _phrase("callee-zone")]
Pace = Annotated[str, _phrase("pace")]
Number = Annotated[str, _phrase("number")]
NumberPattern = Annotated[str, _phrase("number-pattern")]
Magic = Annotated[str, _phrase("magic")]
Presses = Annotated[str, _phrase("presses")]
Where = Annotated[str, _phrase("where")]
Url = Annotated[str, _phrase("url")]
Gate = Annotated[str, _phrase("gate")]
Fault = Annotated[str, _phrase("fault")]
TimelineAct = Annotated[str, _phrase("timeline-act")]
RunStep = Annotated[str, _phrase("run-step")]

HeaderName = Annotated[str, _phrase("header-name")]
HeaderValue = Annotated[str, Meta(max_length=1_000, pattern=r"^[!-~]([ -~]*[!-~])?(?![\s\S])")]
MediaType = Annotated[str, _phrase("media-type")]

Name = Annotated[str, _phrase("name")]
Key = Annotated[str, _phrase("key")]
Text = Annotated[str, Meta(max_length=10_000)]
Names = Annotated[tuple[Name, ...], Meta(min_length=1)]
Currency = Annotated[str, _phrase("currency")]
Language = Annotated[str, _phrase("language")]
Outcomes = Annotated[tuple[Disposition, ...], Meta(min_length=1)]
HttpStatus = Annotated[int, Meta(ge=200, le=599, extra_json_schema={"not": {"enum": [204, 205, 304]}})]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Money = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]
Shares = Annotated[
    dict[Disposition, Share],
    Meta(min_length=1, extra_json_schema={"propertyNames": {"enum": [word.value for word in Disposition]}}),
]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A map with a fixed vocabulary."""
