"""The shape of a scenario file: every word, what it says, and the value it becomes."""

# Annotations are not put off here: msgspec reads each a few times, and every time a text is evaluated anew.
from typing import Annotated, Any, Literal

from msgspec import field

from simulator.scenario.act_phrases import TRIGGER
from simulator.scenario.expectations import Expectation
from simulator.scenario.microsyntax import LENGTH, PACE, WHERE, ZONE
from simulator.scenario.words import (
    Attempts,
    CallingIn,
    Currency,
    Fault,
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
    Pace,
    Positive,
    Presses,
    Price,
    Rate,
    RunStep,
    SeveralHours,
    Share,
    Shares,
    Span,
    Text,
    TextEnds,
    Texts,
    TimelineAct,
    Trigger,
    Url,
    Where,
    Window,
    Words,
    Zone,
    about,
    default,
    empty,
)


class ClockWords(Words, frozen=True):
    """When the scenario begins and how its time runs."""

    at: Annotated[
        LocalTime | None, about("The local date and time at which it begins; a real clock has the host's.")
    ] = None
    zone: Annotated[Zone, about("Whose local time that is.")] = default(ZONE, "UTC")
    mode: Annotated[
        Pace,
        about("`frozen`, `virtual` (advance when told), `idle` (run, and step in pauses), `real`, `x60`."),
    ] = default(PACE, "virtual")
    pause: Annotated[
        Length | None,
        about("How long a client is silent before an idle clock steps to what is due next."),
    ] = None


class RedialWords(Words, frozen=True):
    """When the callee wants to be called again."""

    after: Annotated[Length, about("The wait before the new series of attempts.")]
    attempts: Annotated[Positive | None, about("Attempts in the new series.")] = None
    every: Annotated[Length | None, about("The wait between two of them.")] = None
    times: Annotated[Positive, about("How often it may be asked for in one call.")] = 1


class ChoiceWords(Words, frozen=True):
    """One branch of a menu."""

    label: Annotated[Text, about("What the branch is called in reports.")] = ""
    action: Annotated[Text, about("What it sets off, in the vendor's word.")] = ""
    to: Annotated[Text | None, about("Whom that reaches: a number or an address.")] = None
    text: Annotated[Text | None, about("What is sent or said.")] = None
    webhook: Annotated[Url | None, about("The address that hears of it.")] = None
    notes: Annotated[dict[str, Text], about("What the script writes down, by header.")] = empty()
    redial: Annotated[RedialWords | None, about("The callee is called again.")] = None
    next: Annotated["MenuWords | None", about("The menu that follows.")] = None


class MenuWords(Words, frozen=True):
    """What the callee hears and may press or say."""

    prompt: Annotated[Text, about("What is said first.")] = ""
    keys: Annotated[dict[Key, ChoiceWords], about("Branches by key: 0 to 9, * and #, in quotes.")] = empty()
    words: Annotated[dict[str, ChoiceWords], about("Branches by spoken word, in quotes.")] = empty()
    wait: Annotated[Length, about("How long it waits for a key or a word.")] = default(LENGTH, "5s")


class RetryWords(Words, frozen=True):
    """How often a call is tried."""

    attempts: Annotated[Positive, about("Attempts in all.")] = 3
    after: Annotated[Length, about("The wait between two attempts.")] = default(LENGTH, "5m")


class PostbackWords(Words, frozen=True):
    """Where the client hears of an event."""

    url: Annotated[Url, about("The address; it may hold the vendor's placeholders.")]
    method: Annotated[Literal["GET", "POST"], about("How it is called.")] = "GET"


class CampaignWords(Words, frozen=True):
    """A campaign that exists from the start."""

    name: Annotated[Text, about("Its name.")]
    type: Annotated[Name, about("Its type, in the vendor's word.")]
    key: Annotated[Text | None, about("Its own credential, at vendors where each campaign has one.")] = None
    vendor: Annotated[Name | None, about("Whose it is; needed when the account has several vendors.")] = None
    lines: Annotated[Positive | None, about("How many calls go out at the same time.")] = None
    dial_after: Annotated[Length | None, about("How long a new call waits before it is dialed.")] = None
    pace: Annotated[Rate | None, about("How fast calls are started.")] = None
    retry: Annotated[RetryWords | None, about("How often a call is tried.")] = None
    hours: Annotated[
        Hours | SeveralHours | None, about("When dialing is allowed, in local time; or several such.")
    ] = None
    zone: Annotated[Zone, about("Whose local time that is.")] = default(ZONE, "UTC")
    customer_time: Annotated[bool, about("Whether `hours` are meant in each callee's own zone.")] = False
    state: Annotated[
        Literal["planned", "active", "paused", "archived"] | None,
        about("Whether it dials; when not said, as the vendor's campaigns begin."),
    ] = None
    text: Annotated[Text, about("What a call says.")] = ""
    menu: Annotated["MenuWords | None", about("The menu after that.")] = None
    repeat: Annotated[Rate | None, about("How often one number may be called.")] = None
    expires: Annotated[Length | None, about("How long a call may wait for its end.")] = None
    max_call_time: Annotated[Length | None, about("When a call is cut off.")] = None
    price: Annotated[Price | None, about("What a minute costs in this campaign.")] = None
    postbacks: Annotated[dict[Name, PostbackWords], about("Callbacks by event.")] = empty()
    agents: Annotated[tuple[Number, ...], about("Whom it connects callers with.")] = ()


class GroupWords(Words, frozen=True):
    """Numbers kept together, to be called together."""

    name: Annotated[Text, about("Its name.")]
    numbers: Annotated[tuple[Number, ...], about("Its numbers.")] = ()


class AccountWords(Words, frozen=True):
    """One tenant, with an account at each of its vendors."""

    vendors: Annotated[Names, about("Its vendors.")]
    key: Annotated[Text | None, about("Its credential at every vendor.")] = None
    keys: Annotated[dict[Name, Text], about("Its credential at each vendor.")] = empty()
    balance: Annotated[Money | None, about("Its money at the start.")] = None
    credit: Annotated[bool, about("Whether calls are taken while the balance is below zero.")] = True
    currency: Annotated[Currency | None, about("Three letters, such as EUR.")] = None
    language: Annotated[Language, about("Two letters, such as en.")] = "en"
    zone: Annotated[Zone, about("The zone of the account's dates.")] = default(ZONE, "UTC")
    price: Annotated[Price | None, about("What a minute costs.")] = None
    profile: Annotated[dict[Name, str | dict[str, Any]], about("Each vendor's own settings.")] = empty()
    campaigns: Annotated[tuple[CampaignWords, ...], about("Campaigns that exist from the start.")] = ()
    stop_list: Annotated[tuple[Number, ...], about("Numbers it never calls.")] = ()
    caller_ids: Annotated[tuple[Number, ...], about("Numbers it calls from.")] = ()
    groups: Annotated[dict[str, GroupWords], about("Groups of contacts by their id, in quotes.")] = empty()


class PersonWords(Words, frozen=True):
    """Who answers, and how: a `number`, `numbers` with a `count`, or a `file`."""

    persona: Annotated[Name | None, about("How they treat calls: a name under `personas`.")] = None
    attempts: Annotated[
        Attempts | None, about("How each attempt ends, without a persona; the last repeats.")
    ] = None
    texts: Annotated[
        TextEnds | None, about("How each message to them ends, without a persona; the last repeats.")
    ] = None
    number: Annotated[Number | None, about("One number, in quotes.")] = None
    numbers: Annotated[NumberPattern | None, about("A run of numbers; each * is a digit.")] = None
    count: Annotated[Positive | None, about("How many of them, counted from all zeros.")] = None
    file: Annotated[
        Text | None,
        about(
            "A CSV file beside this one with a column `number`, and maybe `persona`, `attempts`, `texts`, "
            "`zone`; what stands here holds for rows that leave it open."
        ),
    ] = None
    zone: Annotated[Zone | None, about("Where they live.")] = None


class PersonaWords(Words, frozen=True):
    """How somebody treats calls: a fixed list of `attempts`, or shares for the `first`, `second`, `later`."""

    attempts: Annotated[
        Attempts | None, about("How each attempt ends, surely or by shares; the last repeats.")
    ] = None
    first: Annotated[Shares | None, about("How the first attempt ends.")] = None
    second: Annotated[Shares | None, about("How the second attempt ends; like the first if not said.")] = None
    later: Annotated[Shares | None, about("How all later ones end; like the one before if not said.")] = None
    texts: Annotated[
        TextEnds | None,
        about("How each message to them ends, surely or by shares; the last repeats; else as a call would."),
    ] = None
    ring: Annotated[Span | None, about("How long the phone rings.")] = None
    talk: Annotated[Span | None, about("How long they stay on the line.")] = None
    press: Annotated[Presses | None, about("The keys they press, one for each menu.")] = None
    says: Annotated[Text, about("What they say.")] = ""
    result: Annotated[Text | None, about("What a script's result is after a talk with them.")] = None
    notes: Annotated[dict[str, Text], about("What a script writes down about them, by header.")] = empty()
    pin: Annotated[
        Literal["right", "wrong", "none"] | None,
        about("The code they enter when asked; when not said, the right one, or their key if it is one key."),
    ] = None
    calls_in: Annotated[
        CallingIn | None,
        about("When they call where a call of theirs is waited for, or never; 10s..40s when not said."),
    ] = None
    zone: Annotated[Zone | None, about("Where they live.")] = None


class ImportWords(Words, frozen=True):
    """How a bulk import turns into calls."""

    lag: Annotated[Length, about("How long nothing appears.")] = default(LENGTH, "3s")
    portion: Annotated[Positive, about("How many calls appear at a time.")] = 1000
    every: Annotated[Length, about("How long until the next portion.")] = default(LENGTH, "1s")


class ReplyWords(Words, frozen=True):
    """How an answer is worded; what is not said is as the vendor has it, else 200 and empty."""

    status: Annotated[HttpStatus | None, about("The HTTP status.")] = None
    headers: Annotated[dict[HeaderName, HeaderValue], about("Headers, also in place of the vendor's.")] = (
        empty()
    )
    body: Annotated[
        Text | dict[MediaType, Text] | None,
        about("The body, or one for each content type in which the vendor would answer; * for any other."),
    ] = None


class LimitRule(Words, frozen=True):
    """How many requests are let in."""

    where: Annotated[Where, about("Which operations.")]
    allow: Annotated[Rate, about("How many, and in how long.")]
    by: Annotated[Name | tuple[Name, ...], about("What is counted apart; nothing: all together.")] = ()
    window: Annotated[Literal["fixed", "sliding", "bucket"], about("How it is counted.")] = "sliding"
    start: Annotated[
        Literal["first", "edge"], about("A fixed window begins with its first request, or on the clock.")
    ] = field(default="first", name="from")
    reply: Annotated[
        Literal["vendor"] | ReplyWords, about("Who words the refusal: the vendor, or these words.")
    ] = "vendor"
    id: str = ""


class FaultRule(Words, frozen=True):
    """What goes wrong."""

    where: Annotated[Where, about("Which operations.")]
    do: Annotated[Fault, about("What happens to them.")]
    when: Annotated[Trigger, about("Which of their requests.")] = default(TRIGGER, "always")
    reply: Annotated[
        ReplyWords | None, about("What is answered where they `do: reply`, or `do: accept then reply`.")
    ] = None
    id: str = ""


class HookRuleWords(Words, frozen=True):
    """How callbacks misbehave."""

    where: Annotated[Where, about("Whose callbacks.")] = default(WHERE, "*")
    when: Annotated[Window | None, about("Only those born in that time; all when not said.")] = None
    late: Annotated[Span | None, about("How much later they are sent.")] = None
    twice: Annotated[Share | None, about("The share that is sent twice.")] = None
    shuffle: Annotated[Positive | None, about("Among how many of an account they change places.")] = None
    within: Annotated[Length | None, about("How long the first of them waits for the others; 30s.")] = None
    lose: Annotated[Share | None, about("The share that is never sent.")] = None
    retry: Annotated[tuple[Length, ...] | None, about("The waits before each further try.")] = None
    sign: Annotated[Literal["vendor", "wrong", "none"], about("How they are signed.")] = "vendor"
    share: Annotated[Share | None, about("The share that is signed so; all when not said.")] = None
    id: str = ""


class TimelineEvent(Words, frozen=True):
    """Something that happens outside, at a time."""

    at: Annotated[Moment, about("When: after the start, or a local date and time.")]
    do: Annotated[TimelineAct, about("What happens, or what goes wrong: an outage, or any fault.")]
    where: Annotated[Where | None, about("Which operations a fault befalls.")] = None
    length: Annotated[Length | None, about("How long it lasts.")] = field(default=None, name="for")
    until: Annotated[Moment | None, about("When it is over, or, with `every`, happens no more.")] = None
    every: Annotated[Length | None, about("It happens again after this, and again.")] = None
    times: Annotated[
        Positive | None, about("How often it happens in all, where it does `every` so often.")
    ] = None
    account: Annotated[Name | None, about("The account it befalls; all when not said.")] = None
    id: str = ""


class Scenario(Words, frozen=True):
    """A scenario file of the vendor simulator."""

    sim: Annotated[Literal[1], about("The version of this format.")]
    title: Annotated[Text, about("What it is about, in a sentence.")] = ""
    extends: Annotated[
        Text | Texts | None,
        about("The scenario this one adds to, or several, the last on top: names or files beside it."),
    ] = None
    seed: Annotated[int | None, about("What every draw is keyed by.")] = None
    clock: Annotated[ClockWords, about("When it begins and how time runs.")] = field(
        default_factory=ClockWords
    )
    admit: Annotated[
        Literal["anyone", "listed"],
        about("Whether a well-formed key that is not listed opens an account."),
    ] = "listed"
    strangers: Annotated[Name | None, about("The persona of numbers that nobody described.")] = None
    magic_numbers: Annotated[
        bool | Magic | tuple[Magic, ...],
        about(
            "Whose digits say what happens: countries, or patterns with ** for the outcome; true means GB."
        ),
    ] = True
    accounts: Annotated[dict[Name, AccountWords], about("Tenants by name.")] = empty()
    people: Annotated[
        tuple[PersonWords, ...], about("Who answers: one number first, then the first run that has it.")
    ] = ()
    personas: Annotated[dict[Name, PersonaWords], about("How people treat calls, by name.")] = empty()
    profiles: Annotated[
        dict[Name, dict[str, Any]], about("Each vendor's own settings towards whoever has no account.")
    ] = empty()
    imports: Annotated[ImportWords, about("How a bulk import turns into calls.")] = field(
        default_factory=ImportWords
    )
    limits: Annotated[tuple[LimitRule, ...], about("How many requests are let in.")] = ()
    faults: Annotated[tuple[FaultRule, ...], about("What goes wrong; the first match wins.")] = ()
    hooks: Annotated[tuple[HookRuleWords, ...], about("How callbacks misbehave; the first match wins.")] = ()
    timeline: Annotated[tuple[TimelineEvent, ...], about("What happens outside, and when.")] = ()
    run: Annotated[tuple[RunStep, ...], about("What to do with the clock.")] = ()
    expect: Annotated[tuple[Expectation, ...], about("What must be true in the end.")] = ()
    expect_refusals: Annotated[
        tuple[Text, ...],
        about("Refusals that are part of the test: an error of a contract, its code, or an operation."),
    ] = ()
    document: Any = None
