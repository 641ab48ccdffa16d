"""Why a call went as it did: in a sentence an attempt, for whoever wonders."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.sandbox import Sandbox
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.people import People, Person
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World


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
    return str(attempt.disposition) if attempt.ended <= world.clock.now else "still going on"


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
    usual = f"{_origin(people, person, code)} is “{(person.usual or person.persona).name}”"
    return usual if person.usual is None else f"{usual}, unless somebody had the phone in hand by then"


def _origin(people: People, person: Person, code: int | None) -> str:
    if person.number in people.listed or any(person.number in block for block in people.blocks):
        return "the persona that the scenario gives this number"
    if code is not None:
        return f"the persona of magic number {code:02}"
    if person.number in people.residents:
        return "the persona of whoever comes with the account"
    return "the persona of strangers"
