"""The people who are called: what their phones do, and acting in their place."""

from __future__ import annotations

from simulator.admin.problems import unusable
from simulator.admin.rendering import render_call
from simulator.admin.visits import TEXT, Json, Visit
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.magic_numbers import BLOCKS, MagicBlock, first_outcomes, magic_catalogue
from simulator.telephony.messages import ending_of
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.telephony.world import World
from simulator.web.masking import Shown

_LONGEST_KEY = 64


def show_person(visit: Visit, number: str) -> Json:
    """Show who answers a number and what their phone does now."""
    e164 = parse_number(number)
    with visit.sandbox.lock:
        world = visit.sandbox.world
        person = world.people.find(e164)
        state, call = _line(world, e164)
        return {
            "number": e164,
            "persona": person.persona.name,
            "zone": person.zone,
            "next_outcome": person.next_disposition,
            "phone": state,
            "call": render_call(call, visit.sandbox) if call else None,
        }


def press_key(visit: Visit, number: str) -> Json:
    """Press a key, key in a code or say a word in the call that the number is talking in."""
    key = visit.fields({"key": TEXT})["key"]
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise unusable([f"#/key: a key, a code or a word of 1 to {_LONGEST_KEY} characters"])
    return {"call": _act(visit, "press", number, key=key)}


def answer_phone(visit: Visit, number: str) -> Json:
    """Pick up the phone that rings."""
    visit.nothing()
    return {"call": _act(visit, "answer", number)}


def call_in(visit: Visit, number: str) -> Json:
    """Let a number call the service number where a call of theirs waits."""
    visit.nothing()
    return {"call": _act(visit, "call_in", number)}


def decide_next(visit: Visit, number: str) -> Json:
    """Decide how the next attempt to reach a number ends."""
    outcome = visit.fields({"outcome": TEXT})["outcome"]
    e164 = parse_number(number)
    if outcome not in list(Disposition):
        raise unusable([f"#/outcome: {outcome[:40]!r} is unknown; known: {', '.join(Disposition)}"])
    visit.sandbox.act("next_outcome", number=e164, outcome=outcome)
    return show_person(visit, number)


def list_numbers(visit: Visit) -> Json:
    """List the numbers whose digits say what happens, and all blocks of them, those of this world first."""
    magic = visit.sandbox.world.people.magic
    blocks = [*magic, *(block for block in BLOCKS if block not in magic)]
    return {
        "numbers": [Shown(each) for each in magic_catalogue(magic)],  # nobody has these
        "messages": {f"{code:02}": ending_of(outcome) for code, outcome in first_outcomes()},
        "blocks": [Shown({**_block(block), "magic": block in magic}) for block in blocks],
    }


def _block(block: MagicBlock) -> Json:
    told = ("country", "form", "kind", "valid", "kept_by", "provenance", "source")
    return {word: getattr(block, word) for word in told}


def _act(visit: Visit, action: str, number: str, **arguments: str) -> Json:
    call: AnyCall = visit.sandbox.act(action, number=parse_number(number), **arguments)
    with visit.sandbox.lock:
        return render_call(call, visit.sandbox)


def _line(world: World, number: E164) -> tuple[str, AnyCall | None]:
    """Tell what a phone does: `ringing`, `talking`, `waiting` to call in, or `idle`."""
    call = world.lines.get(number)
    if isinstance(call, LiveCall):
        return ("talking" if call.answered else "ringing"), call.origin or call
    if call is not None and (attempt := call.active) is not None:
        answered = next((leg.answered for leg in attempt.legs if leg.party == number), attempt.answered)
        talking = answered is not None and answered <= world.clock.now
        return ("talking" if talking else "ringing"), call
    waiting = [call for call in world.dialer.awaited.get(number, ()) if call.ending is None]
    return ("waiting", waiting[0]) if waiting else ("idle", None)
