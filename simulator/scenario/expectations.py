"""What a scenario expects in the end: one verdict an entry, each about one subject."""

# Annotations are not put off here: msgspec reads each a few times, and every time a text is evaluated anew.
from typing import Annotated, Literal

from msgspec import field

from simulator.scenario.microsyntax import CALLEE_ZONE, COUNTS
from simulator.scenario.words import (
    AtMost,
    Band,
    CalleeZone,
    Counts,
    Hours,
    HttpStatus,
    Length,
    Name,
    Number,
    Presses,
    Quantity,
    RateAtMost,
    Share,
    Url,
    Where,
    Words,
    about,
    default,
)
from simulator.telephony.messages import MessageState
from simulator.telephony.outcomes import Disposition


class ExpectedCall(Words, frozen=True):
    """What became of the call to one number."""

    to: Annotated[Number, about("The number that was called.")]
    outcome: Annotated[Disposition | None, about("How its last attempt ended.")] = None
    pressed: Annotated[Presses | None, about("The keys that were pressed.")] = None
    said: Annotated[str | None, about("The word that was spoken.")] = None
    attempts: Annotated[Counts | None, about("How many attempts it took.")] = None


class Outside(Words, frozen=True):
    """Calls beyond a window of hours."""

    hours: Annotated[Hours | tuple[Hours, ...], about("The window, or several.")]
    zone: Annotated[CalleeZone, about("Whose time it is: a zone, or `callee`.")] = default(
        CALLEE_ZONE, "callee"
    )
    count: Annotated[Counts, about("How many calls may fall outside.")] = default(COUNTS, 0)


class ExpectedCalls(Words, frozen=True):
    """What became of all calls; an outcome word takes the count, or the share, of calls that ended so."""

    per_number: Annotated[Counts | None, about("Attempts to each number.")] = None
    outside: Annotated[Outside | None, about("Calls beyond a window of hours.")] = None
    of: Annotated[Literal["people", "calls"], about("What is counted, and what shares are shares of.")] = (
        "calls"
    )
    count: Annotated[Counts | None, about("How many calls there were, whatever became of them.")] = None
    answered: Quantity | None = None
    voicemail: Quantity | None = None
    too_short: Quantity | None = None
    no_answer: Quantity | None = None
    busy: Quantity | None = None
    rejected: Quantity | None = None
    cancelled: Quantity | None = None
    congestion: Quantity | None = None
    invalid: Quantity | None = None
    failed: Quantity | None = None
    stop_listed: Quantity | None = None
    global_stop_listed: Quantity | None = None
    blocked_destination: Quantity | None = None
    no_route: Quantity | None = None
    no_provider: Quantity | None = None
    no_caller_id: Quantity | None = None
    same_as_caller_id: Quantity | None = None
    no_funds: Quantity | None = None
    synthesis_failed: Quantity | None = None
    clip_too_short: Quantity | None = None
    menu_failed: Quantity | None = None
    expired: Quantity | None = None
    removed: Quantity | None = None
    duplicate: Quantity | None = None


class ExpectedMessage(Words, frozen=True):
    """What became of what was written to one number."""

    to: Annotated[Number, about("The number that was written to.")]
    count: Annotated[Counts | None, about("How many messages were sent to it.")] = None
    state: Annotated[MessageState | None, about("How far the last one came, such as `delivered`.")] = None
    text: Annotated[str | None, about("The text of the last one.")] = None


class ExpectedMessages(Words, frozen=True):
    """What became of all messages; a state takes the count, or the share, of messages that ended so."""

    per_number: Annotated[Counts | None, about("Messages to each number.")] = None
    count: Annotated[Counts | None, about("How many there were, whatever became of them.")] = None
    delivered: Annotated[Quantity | None, about("How many arrived, or what share.")] = None
    failed: Annotated[Quantity | None, about("How many the recipient's network rejected.")] = None
    expired: Annotated[Quantity | None, about("How many did not arrive in time.")] = None
    error: Annotated[Quantity | None, about("How many were never accepted.")] = None


class ExpectedRequest(Words, frozen=True):
    """How often, and with what, something was asked."""

    where: Annotated[Where, about("Which operations.")]
    parameters: Annotated[
        dict[Name, str | int], about("Only requests that carry these parameters, with these values.")
    ] = field(default_factory=dict, name="with")
    status: Annotated[HttpStatus | None, about("Only requests that were answered so.")] = None
    count: Annotated[Counts | None, about("How many there were.")] = None
    pace: Annotated[RateAtMost | None, about("How many there may be in any such length of time.")] = None


class ExpectedHook(Words, frozen=True):
    """What became of the callbacks of one kind of event, to one receiver, or both."""

    event: Annotated[Name | None, about("The event, such as `call.finished`.")] = None
    to: Annotated[Url | None, about("The receiver: how the addresses begin that are called.")] = None
    due: Annotated[Counts | None, about("How many there were to send.")] = None
    delivered: Annotated[Counts | None, about("How many were taken.")] = None
    tries: Annotated[Counts | None, about("How often each was tried.")] = None
    within: Annotated[
        Length | None, about("How long the slowest took, from when it first left until it was taken.")
    ] = None


class ExpectedHooks(Words, frozen=True):
    """How the client treats callbacks in general."""

    handled_once: Annotated[bool | None, about("A callback sent twice has one effect.")] = None
    slowest: Annotated[
        Length | None, about("The longest time the client took to answer one, on the wall clock.")
    ] = None
    failed: Annotated[
        Counts | None, about("How many a receiver on this machine may never take, though it was there.")
    ] = None
    signature: Annotated[
        Literal["checked"] | None, about("Right signatures are taken, and wrong ones refused.")
    ] = None
    order: Annotated[Literal["any"] | None, about("Those that come out of order are taken too.")] = None
    late: Annotated[Literal["taken"] | None, about("Those that come late are taken too.")] = None


class ExpectedClient(Words, frozen=True):
    """How the client behaves."""

    where: Annotated[Where | None, about("The operations this is about; all when not said.")] = None
    honours: Annotated[Literal["retry_after"] | None, about("It waits when told to.")] = None
    double_dials: Annotated[
        Counts | None, about("How often somebody was called or written to twice for one request.")
    ] = None
    refused: Annotated[Band | None, about("The share of requests that ran into a limit.")] = None
    unknown_ids: Annotated[
        Counts | None, about("How often the same was asked that is always refused, as an unknown id is.")
    ] = None
    literals: Annotated[
        Counts | None, about("How many values were `undefined`, `null`, `NaN` or their like.")
    ] = None
    secrets_in_url: Annotated[
        Counts | None,
        about(
            "How many requests showed a key in the address that their form could carry, or in another value."
        ),
    ] = None
    polls: Annotated[
        RateAtMost | None, about("How often it asks for the same thing, in the world's time.")
    ] = None


class ExpectedContract(Words, frozen=True):
    """How well the exchanges keep their contract."""

    violations: Annotated[Counts, about("How many breaches.")] = default(COUNTS, 0)


class Expectation(Words, frozen=True):
    """One subject that is judged: exactly one of these words."""

    call: Annotated[ExpectedCall | None, about("About the call to one number.")] = None
    calls: Annotated[ExpectedCalls | None, about("About all calls.")] = None
    message: Annotated[ExpectedMessage | None, about("About what was written to one number.")] = None
    messages: Annotated[ExpectedMessages | None, about("About all messages.")] = None
    request: Annotated[ExpectedRequest | None, about("About what was asked of vendors.")] = None
    hook: Annotated[ExpectedHook | None, about("About one kind of callback.")] = None
    hooks: Annotated[ExpectedHooks | None, about("About the handling of callbacks.")] = None
    client: Annotated[ExpectedClient | None, about("About the client.")] = None
    contract: Annotated[ExpectedContract | None, about("About the contract.")] = None
    coverage: Annotated[
        dict[str, Share] | None, about("The least share used: of a vendor, `errors`, `callbacks`.")
    ] = None
    real_time: Annotated[AtMost | None, about("How long the run may take on the wall clock.")] = None
    id: str = ""
