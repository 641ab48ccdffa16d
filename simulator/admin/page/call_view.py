"""The page of one call or message: what came of it and why, and what each party states about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from simulator.admin.call_pictures import callbacks_about, timeline_picture
from simulator.admin.context import Json
from simulator.admin.events import state_of
from simulator.admin.page.lists import call_row
from simulator.admin.page.visit import Visit
from simulator.admin.pictures import find_call
from simulator.admin.rendering import plain_text, render_call, render_delivery
from simulator.engine.sandbox import Sandbox
from simulator.errors import UnknownName
from simulator.exchange import Exchange, Request
from simulator.formats.sound import tone
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.people import People, Person
from simulator.telephony.phone_numbers import E164
from simulator.telephony.recordings import Recording, RecordingState
from simulator.telephony.world import World
from simulator.vendor import RequestContext
from simulator.web.masking import Shown


def fates_of(call: AnyCall, sandbox: Sandbox) -> Iterator[str]:
    """Yield for each attempt, or the call, what decided how it went; hold the world's lock."""
    world = sandbox.world
    if isinstance(call, LiveCall):
        who = _who(world.people, call.party, over=call.ended is not None)
        yield f"{who}; keyed by seed {world.random.seed}, the account and the call's reference"
        return
    key = f"seed {world.random.seed}, account, number, call {call.nth} to that number"
    for attempt in call.attempts:
        how = f"Attempt {attempt.number}, {_ending(attempt, world)}: {_why(call, attempt, world)}"
        yield f"{how} Keyed by {key}, attempt {attempt.number}."


def _ending(attempt: Attempt, world: World) -> str:
    ended = str(attempt.disposition).replace("_", " ")
    return ended if attempt.ended <= world.clock.now else "still going on"


def _why(call: Call, attempt: Attempt, world: World) -> str:
    if attempt.callee in call.account.stop_list:
        return "the number is on the account's stop list."
    if attempt.disposition == "no_funds":
        return "the account had no money."
    if attempt.disposition == "busy" and world.lines.get(attempt.callee) not in (None, call):
        return "another call had the phone."
    return f"{_who(world.people, attempt.callee, over=attempt.closed)}."


def _who(people: People, number: E164, *, over: bool) -> str:
    """Return why somebody treats calls as they do; a call that is over may have come before a hand did."""
    person = people.find(number)
    if person.usual is not None and not over:
        return "somebody has this phone in hand"
    code = next((code for block in people.magic if (code := block.code_of(number)) is not None), None)
    name = (person.usual or person.persona).name
    origin = _origin(people, person, code)
    usual = f"{origin} is “{name if code is None else name.replace('_', ' ')}”"
    return usual if person.usual is None else f"{usual}, unless somebody had the phone in hand by then"


def _origin(people: People, person: Person, code: int | None) -> str:
    if person.number in people.listed or any(person.number in block for block in people.blocks):
        return "the persona that the scenario gives this number"
    if code is not None:
        return f"the persona of magic number {code:02}"
    if person.number in people.residents:
        return "the persona of whoever comes with the account"
    return "the persona of strangers"


LONGEST_SECONDS = 3_600.0
"""A longer recording is cut, for it would fill the memory with one note."""


def ask_quietly(sandbox: Sandbox, vendor: str, request: Request) -> Exchange:
    """Return what a client would be answered now, in an exchange that nobody keeps; hold the world's lock.

    No fault meets the request, no limit counts it, nobody judges it.
    """
    app, world = sandbox.vendors[vendor], sandbox.world
    context = RequestContext(world=world, request=request, quiet=True)
    app.read(context)
    answer = app.answer(context)
    return Exchange(
        id="", at=world.clock.now, world=world.name, vendor=vendor,
        operation=context.operation, request=request, answer=answer,
    )  # fmt: skip


def statements_of(call: AnyCall, sandbox: Sandbox) -> Iterator[Exchange]:
    """Yield what the vendor says of a call now, to each question that it takes; hold the world's lock."""
    app = sandbox.vendors[call.account.vendor]
    for question in app.vendor.questions(sandbox.world, call):
        yield ask_quietly(sandbox, app.name, question)


def recordings_of(call: AnyCall, sandbox: Sandbox) -> list[Callable[[], bytes]]:
    """Return what makes each recording of a call, as WAV; hold the world's lock, then and now.

    Those come first which the vendor answers questions with, then those that have no address to play.
    """
    app, kept = sandbox.vendors[call.account.vendor], _kept(call, sandbox)
    asked = app.vendor.recordings(call)
    sounds = [
        partial(lambda question: ask_quietly(sandbox, app.name, question).answer.body, one) for one in asked
    ]
    lengths = [min(one.length.total_seconds(), LONGEST_SECONDS) for one in kept]
    return [*sounds, *(partial(tone, length, place) for place, length in enumerate(lengths, len(sounds) + 1))]


def _kept(call: AnyCall, sandbox: Sandbox) -> list[Recording]:
    """Return the recordings that the vendor keeps as records of its own, which have no address to play."""
    return [
        recording
        for recording in sandbox.world.recordings.of(call.account).values()
        if recording.call == call.ref and recording.state is RecordingState.READY
    ]


MOST_ANSWERS = 8
AROUND = 700
"""How many bytes of a long answer are shown on either side of the call's reference."""


def show_call(visit: Visit, name: str) -> Json:
    """Return all that is known of a call; hold the world's lock."""
    sandbox = visit.sandbox
    world = sandbox.world
    call = find_call(world, name)
    callbacks = callbacks_about(call, world.outbox.deliveries.values())
    masker = sandbox.recorder.masker
    person = call.callee if isinstance(call, Call) else call.party
    return {
        "call": render_call(call, sandbox),
        "row": call_row(visit, call),
        "state": state_of(call, world.clock.now),
        "callee": person,
        "picture": Shown(svg=timeline_picture(call, callbacks, visit.now, masker.text)),
        "fates": list(fates_of(call, sandbox)),
        "callbacks": [render_delivery(one, masker) for one in callbacks],
        "says": [_statement(visit, one, call) for one in statements_of(call, sandbox)],
        "recordings": [*range(1, len(recordings_of(call, sandbox)) + 1)],
        "answers": list(islice(_answers(visit, call), MOST_ANSWERS)),
        "cost": str(call.cost),
    }


def play(visit: Visit, name: str, number: int) -> bytes:
    """Return a recording of a call as WAV; raises UnknownName."""
    sandbox = visit.sandbox
    with sandbox.lock:
        sounds = recordings_of(find_call(sandbox.world, name), sandbox)
        if not 1 <= number <= len(sounds):
            raise UnknownName("recording", str(number), [*map(str, range(1, len(sounds) + 1))])
        return sounds[number - 1]()


def _word(call: AnyCall) -> re.Pattern[bytes]:
    """Return what finds the call's reference in an answer."""
    return re.compile(rb"(?<![0-9A-Za-z])" + re.escape(str(call.ref).encode()) + rb"(?![0-9A-Za-z])")


def _answers(visit: Visit, call: AnyCall) -> Iterator[Json]:
    """Yield the newest answer that a client got from each operation that told of the call."""
    word, seen = _word(call), set[str | None]()
    for exchange in [*visit.sandbox.recorder.journal][::-1]:
        if exchange.vendor != call.account.vendor or exchange.operation in seen:
            continue
        if word.search(exchange.answer.body):
            seen.add(exchange.operation)
            yield _statement(visit, exchange, call)


def _statement(visit: Visit, exchange: Exchange, call: AnyCall) -> Json:
    """Return an answer, masked, with what of it tells of the call; of a long one what stands around that."""
    masked, word = visit.sandbox.recorder.masker.exchange(exchange), _word(call)
    body = _laid_out(masked.answer.body, word)
    match = word.search(body)
    begin = max(match.start() - AROUND, 0) if match and len(body) > 2 * AROUND else 0
    text = "not text" if plain_text(body) is None else plain_text(body[begin : begin + 2 * AROUND], cut=True)
    return {
        "exchange": exchange.id,
        "vendor": exchange.vendor,
        "operation": exchange.operation,
        "rule": masked.rule,
        "at": exchange.at.isoformat(),
        "status": exchange.answer.status,
        "body": f"{'… ' if begin else ''}{text}{' …' if begin + 2 * AROUND < len(body) else ''}",
    }


def _laid_out(body: bytes, word: re.Pattern[bytes]) -> bytes:
    """Return JSON with a member a line, of a list only what tells of the call; anything else as it is."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    if isinstance(value, list):
        texts = [(one, json.dumps(one, ensure_ascii=False).encode()) for one in value]
        value = [one for one, text in texts if word.search(text)] or value
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
