"""The shape of a scenario file: every word, what it says, and the JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import field

from simulator.scenario.expectations import Expectation
from simulator.scenario.words import (
    Currency,
    Fault,
    Gate,
    HeaderName,
    HeaderValue,
    Hours,
    HttpStatus,
    Key,
    Language,
    Length,
    LocalTime,
    Magic,
    MediaType,
    Moment,
    Money,
    Name,
    Names,
    Number,
    NumberPattern,
    Outcomes,
    Pace,
    Positive,
    Presses,
    Rate,
    RunStep,
    Share,
    Shares,
    Span,
    Text,
    TimelineAct,
    Url,
    Where,
    Words,
    Zone,
    told,
)

SCHEMA_ID = "urn:vendor-simulator:scenario:1"
NOTHING: Mapping[str, Any] = MappingProxyType({})
SET_BY_LOADING = ("id", "document")


class ClockWords(Words, frozen=True):
    """When the scenario begins and how its time runs."""

    at: Annotated[LocalTime | None, told("The local date and time at which it begins.")] = None
    zone: Annotated[Zone, told("Whose local time that is.")] = "UTC"
    mode: Annotated[
        Pace,
        told("`frozen`, `virtual` (advance when told), `idle` (run, and step in pauses), `real`, `x60`."),
    ] = "virtual"
    pause: Annotated[
        Length | None, told("How long a client is silent before an idle clock steps to what is due next.")
    ] = None


class RedialWords(Words, frozen=True):
    """When the callee wants to be called again."""

    after: Annotated[Length, told("The wait before the new series of attempts.")]
    attempts: Annotated[Positive | None, told("Attempts in the new series.")] = None
    every: Annotated[Length | None, told("The wait between two of them.")] = None
    times: Annotated[Positive, told("How often it may be asked for in one call.")] = 1


class ChoiceWords(Words, frozen=True):
    """One branch of a menu."""

    label: Annotated[Text, told("What the branch is called in reports.")] = ""
    action: Annotated[Text, told("What it sets off, in the vendor's word.")] = ""
    to: Annotated[Text | None, told("Whom that reaches: a number or an address.")] = None
    text: Annotated[Text | None, told("What is sent or said.")] = None
    webhook: Annotated[Url | None, told("The address that hears of it.")] = None
    notes: Annotated[dict[str, Text], told("What the script writes down, by header.")] = field(
        default_factory=dict
    )
    redial: Annotated[RedialWords | None, told("The callee is called again.")] = None
    next: Annotated[MenuWords | None, told("The menu that follows.")] = None


class MenuWords(Words, frozen=True):
    """What the callee hears and may press or say."""

    prompt: Annotated[Text, told("What is said first.")] = ""
    keys: Annotated[dict[Key, ChoiceWords], told("Branches by key: 0 to 9, * and #, in quotes.")] = field(
        default_factory=dict
    )
    words: Annotated[dict[str, ChoiceWords], told("Branches by spoken word, in quotes.")] = field(
        default_factory=dict
    )
    wait: Annotated[Length, told("How long it waits for a key or a word.")] = "5s"


class RetryWords(Words, frozen=True):
    """How often a call is tried."""

    attempts: Annotated[Positive, told("Attempts in all.")] = 3
    after: Annotated[Length, told("The wait between two attempts.")] = "5m"


class PostbackWords(Words, frozen=True):
    """Where the client hears of an event."""

    url: Annotated[Url, told("The address; it may hold the vendor's placeholders.")]
    method: Annotated[Literal["GET", "POST"], told("How it is called.")] = "GET"


class CampaignWords(Words, frozen=True):
    """A campaign that exists from the start."""

    name: Annotated[Text, told("Its name.")]
    type: Annotated[Name, told("Its type, in the vendor's word.")]
    key: Annotated[Text | None, told("Its own credential, at vendors where each campaign has one.")] = None
    vendor: Annotated[Name | None, told("Whose it is; needed when the account has several vendors.")] = None
    lines: Annotated[Positive | None, told("How many calls go out at the same time.")] = None
    pace: Annotated[Rate | None, told("How fast calls are started.")] = None
    retry: Annotated[RetryWords | None, told("How often a call is tried.")] = None
    hours: Annotated[Hours | None, told("When dialing is allowed, in local time.")] = None
    zone: Annotated[Zone, told("Whose local time that is.")] = "UTC"
    customer_time: Annotated[bool, told("Whether `hours` are meant in each callee's own zone.")] = False
    state: Annotated[
        Literal["planned", "active", "paused", "archived"] | None,
        told("Whether it dials; when not said, as the vendor's campaigns begin."),
    ] = None
    text: Annotated[Text, told("What a call says.")] = ""
    menu: Annotated[MenuWords | None, told("The menu after that.")] = None
    repeat: Annotated[Rate | None, told("How often one number may be called.")] = None
    expires: Annotated[Length | None, told("How long a call may wait for its end.")] = None
    max_call_time: Annotated[Length | None, told("When a call is cut off.")] = None
    price: Annotated[Money | None, told("What a minute costs in this campaign.")] = None
    postbacks: Annotated[dict[Name, PostbackWords], told("Callbacks by event.")] = field(default_factory=dict)
    agents: Annotated[tuple[Number, ...], told("Whom it connects callers with.")] = ()


class GroupWords(Words, frozen=True):
    """Numbers kept together, to be called together."""

    name: Annotated[Text, told("Its name.")]
    numbers: Annotated[tuple[Number, ...], told("Its numbers.")] = ()


class AccountWords(Words, frozen=True):
    """One tenant, with an account at each of its vendors."""

    vendors: Annotated[Names, told("Its vendors.")]
    key: Annotated[Text | None, told("Its credential at every vendor.")] = None
    keys: Annotated[dict[Name, Text], told("Its credential at each vendor.")] = field(default_factory=dict)
    balance: Annotated[Money | None, told("Its money at the start.")] = None
    credit: Annotated[bool, told("Whether calls are taken while the balance is below zero.")] = True
    currency: Annotated[Currency | None, told("Three letters, such as EUR.")] = None
    language: Annotated[Language, told("Two letters, such as en.")] = "en"
    zone: Annotated[Zone, told("The zone of the account's dates.")] = "UTC"
    price: Annotated[Money | None, told("What a minute costs.")] = None
    profile: Annotated[dict[Name, str | dict[str, Any]], told("Each vendor's own settings.")] = field(
        default_factory=dict
    )
    campaigns: Annotated[tuple[CampaignWords, ...], told("Campaigns that exist from the start.")] = ()
    stop_list: Annotated[tuple[Number, ...], told("Numbers it never calls.")] = ()
    caller_ids: Annotated[tuple[Number, ...], told("Numbers it calls from.")] = ()
    groups: Annotated[dict[str, GroupWords], told("Groups of contacts by their id, in quotes.")] = field(
        default_factory=dict
    )


class PersonWords(Words, frozen=True):
    """Who answers: one `number`, or `numbers` with a `count`."""

    persona: Annotated[Name, told("How they treat calls: a name under `personas`.")]
    number: Annotated[Number | None, told("One number, in quotes.")] = None
    numbers: Annotated[NumberPattern | None, told("A run of numbers; each * is a digit.")] = None
    count: Annotated[Positive | None, told("How many of them, counted from all zeros.")] = None
    zone: Annotated[Zone | None, told("Where they live.")] = None


class PersonaWords(Words, frozen=True):
    """How somebody treats calls: a fixed list of `attempts`, or shares for the `first`, `second`, `later`."""

    attempts: Annotated[Outcomes | None, told("How each attempt ends; the last repeats.")] = None
    first: Annotated[Shares | None, told("How the first attempt ends.")] = None
    second: Annotated[Shares | None, told("How the second attempt ends; like the first if not said.")] = None
    later: Annotated[Shares | None, told("How all later ones end; like the one before if not said.")] = None
    ring: Annotated[Span | None, told("How long the phone rings.")] = None
    talk: Annotated[Span | None, told("How long they stay on the line.")] = None
    press: Annotated[Presses | None, told("The keys they press, one for each menu.")] = None
    says: Annotated[Text, told("What they say.")] = ""
    result: Annotated[Text | None, told("What a script's result is after a talk with them.")] = None
    notes: Annotated[dict[str, Text], told("What a script writes down about them, by header.")] = field(
        default_factory=dict
    )
    pin: Annotated[Literal["right", "wrong", "none"], told("The code they enter when asked.")] = "right"
    zone: Annotated[Zone | None, told("Where they live.")] = None


class ImportWords(Words, frozen=True):
    """How a bulk import turns into calls."""

    lag: Annotated[Length, told("How long nothing appears.")] = "3s"
    portion: Annotated[Positive, told("How many calls appear at a time.")] = 1000
    every: Annotated[Length, told("How long until the next portion.")] = "1s"


class ReplyWords(Words, frozen=True):
    """How a refusal is worded; what is not said stays as the vendor has it."""

    status: Annotated[HttpStatus | None, told("The HTTP status.")] = None
    headers: Annotated[dict[HeaderName, HeaderValue], told("Headers, also in place of the vendor's.")] = (
        field(default_factory=dict)
    )
    body: Annotated[
        Text | dict[MediaType, Text] | None,
        told("The body, or one for each content type in which the vendor would answer; * for any other."),
    ] = None


class LimitRule(Words, frozen=True):
    """How many requests are let in."""

    where: Annotated[Where, told("Which operations.")]
    allow: Annotated[Rate, told("How many, and in how long.")]
    by: Annotated[Name | tuple[Name, ...], told("What is counted apart; nothing: all together.")] = ()
    window: Annotated[Literal["fixed", "sliding", "bucket"], told("How it is counted.")] = "sliding"
    start: Annotated[
        Literal["first", "edge"], told("A fixed window begins with its first request, or on the clock.")
    ] = field(default="first", name="from")
    reply: Annotated[
        Literal["vendor"] | ReplyWords, told("Who words the refusal: the vendor, or these words.")
    ] = "vendor"
    id: str = ""


class FaultRule(Words, frozen=True):
    """What goes wrong."""

    where: Annotated[Where, told("Which operations.")]
    do: Annotated[Fault, told("What happens to them.")]
    when: Annotated[Gate, told("Which of their requests.")] = "always"
    id: str = ""


class HookRuleWords(Words, frozen=True):
    """How callbacks misbehave."""

    where: Annotated[Where, told("Whose callbacks.")] = "*"
    late: Annotated[Span | None, told("How much later they are sent.")] = None
    twice: Annotated[Share | None, told("The share that is sent twice.")] = None
    shuffle: Annotated[Positive | None, told("Among how many they change places.")] = None
    lose: Annotated[Share | None, told("The share that is never sent.")] = None
    retry: Annotated[tuple[Length, ...] | None, told("The waits before each further try.")] = None
    sign: Annotated[Literal["vendor", "wrong", "none"], told("How they are signed.")] = "vendor"
    share: Annotated[Share | None, told("The share that is signed so; all when not said.")] = None
    id: str = ""


class TimelineEvent(Words, frozen=True):
    """Something that happens outside, at a time."""

    at: Annotated[Moment, told("When: after the start, or a local date and time.")]
    do: Annotated[TimelineAct, told("What happens.")]
    length: Annotated[Length | None, told("How long it lasts.")] = field(default=None, name="for")
    until: Annotated[Moment | None, told("When it is over.")] = None
    account: Annotated[Name | None, told("The account it befalls; all when not said.")] = None
    id: str = ""


class Scenario(Words, frozen=True):
    """A scenario file of the vendor simulator."""

    sim: Annotated[Literal[1], told("The version of this format.")]
    title: Annotated[Text, told("What it is about, in a sentence.")] = ""
    extends: Annotated[
        Text | None, told("The one scenario this one adds to: a name or a file beside it.")
    ] = None
    seed: Annotated[int | None, told("What every draw is keyed by.")] = None
    clock: Annotated[ClockWords, told("When it begins and how time runs.")] = ClockWords()
    admit: Annotated[
        Literal["anyone", "listed"], told("Whether a well-formed key that is not listed opens an account.")
    ] = "listed"
    strangers: Annotated[Name | None, told("The persona of numbers that nobody described.")] = None
    magic_numbers: Annotated[
        bool | Magic | tuple[Magic, ...],
        told("Whose digits say what happens: countries, or patterns with ** for the outcome; true means GB."),
    ] = True
    accounts: Annotated[dict[Name, AccountWords], told("Tenants by name.")] = field(default_factory=dict)
    people: Annotated[
        tuple[PersonWords, ...], told("Who answers: one number first, then the first run that has it.")
    ] = ()
    personas: Annotated[dict[Name, PersonaWords], told("How people treat calls, by name.")] = field(
        default_factory=dict
    )
    profiles: Annotated[
        dict[Name, dict[str, Any]], told("Each vendor's own settings towards whoever has no account.")
    ] = field(default_factory=dict)
    imports: Annotated[ImportWords, told("How a bulk import turns into calls.")] = ImportWords()
    limits: Annotated[tuple[LimitRule, ...], told("How many requests are let in.")] = ()
    faults: Annotated[tuple[FaultRule, ...], told("What goes wrong; the first match wins.")] = ()
    hooks: Annotated[tuple[HookRuleWords, ...], told("How callbacks misbehave; the first match wins.")] = ()
    timeline: Annotated[tuple[TimelineEvent, ...], told("What happens outside, and when.")] = ()
    run: Annotated[tuple[RunStep, ...], told("What to do with the clock.")] = ()
    expect: Annotated[tuple[Expectation, ...], told("What must be true in the end.")] = ()
    expect_refusals: Annotated[
        tuple[Text, ...],
        told("Refusals that are part of the test: an error of a contract, its code, or an operation."),
    ] = ()
    document: Any = None


def schema_document(
    settings: Mapping[str, Any] = NOTHING, parts: Mapping[str, Any] = NOTHING
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file, with a title and a description for every word.

    Vendors' own settings may be anything, but for those whose schema `settings` holds by the vendor's name;
    these may refer to `parts`.
    """
    exported = _tidy(msgspec.json.schema(Scenario))
    for owner, word in (("AccountWords", "profile"), ("Scenario", "profiles")) if settings else ():
        exported["$defs"][owner]["properties"][word]["properties"] = dict(settings)
    exported["$defs"] |= parts
    for name, shape in exported["$defs"].items():
        shape["title"] = name.removesuffix("Words")
        for word in SET_BY_LOADING:
            shape.get("properties", {}).pop(word, None)
        for word, said in shape.get("properties", {}).items():
            said.setdefault("title", word)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Scenario of the vendor simulator",
        **exported,
    }


def _tidy(shape: Any) -> Any:
    """Say simply what msgspec says safely: no `or null`, one list of plain types, no empty defaults."""
    if isinstance(shape, list | tuple):
        return [_tidy(entry) for entry in shape]
    if not isinstance(shape, dict):
        return shape
    tidied = {key: _tidy(value) for key, value in shape.items() if (key, value) != ("default", None)}
    if tidied.get("format") == "decimal":
        del tidied["format"]
        tidied["type"] = "number"
    choices = [choice for choice in tidied.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **tidied}
    if choices and all(choice.keys() == {"type"} for choice in choices):
        return {**tidied, "type": [choice["type"] for choice in choices]}
    return {**tidied, "anyOf": choices} if choices else tidied
