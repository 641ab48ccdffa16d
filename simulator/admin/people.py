"""The people of the world: what their phones do, and acting in their place."""

from __future__ import annotations

from simulator.admin.context import AdminContext, Json, check_known
from simulator.admin.problems import unusable
from simulator.admin.rendering import members, render_call, render_message
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.magic_numbers import BLOCKS, MagicBlock
from simulator.telephony.messages import Message, ending_of
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import first_outcomes, magic_catalogue
from simulator.telephony.phone_numbers import E164
from simulator.telephony.typed_numbers import read_typed_number
from simulator.telephony.world import World
from simulator.web.masking import Shown

_LONGEST_KEY = 64
LONGEST_TEXT = 3_200


def show_person(context: AdminContext, number: str) -> Json:
    """Show who answers a number and what their phone does now."""
    with context.sandbox.lock:
        world = context.sandbox.world
        e164 = read_typed_number(world, number)
        person = world.people.find(e164)
        state, call = _line(world, e164)
        return {
            "number": e164,
            "persona": (person.usual or person.persona).name,
            "in_hand": person.usual is not None,
            "zone": person.zone,
            "next_outcome": person.next_disposition,
            "phone": state,
            "call": render_call(call, context.sandbox) if call else None,
        }


def press_key(context: AdminContext, number: str, *, key: str) -> Json:
    """Press a key, key in a code or say a word in the call that the number is talking in."""
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise unusable([f"#/key: a key, a code or a word of 1 to {_LONGEST_KEY} characters"])
    return _act(context, "press", number, key=key)


def answer_phone(context: AdminContext, number: str) -> Json:
    """Pick up the phone that rings."""
    return _act(context, "answer", number)


def take_phone(context: AdminContext, number: str) -> Json:
    """Take a phone in hand: it rings until it is answered or rejected by hand."""
    context.sandbox.act("take_phone", number=number)
    return show_person(context, number)


def put_back_phone(context: AdminContext, number: str) -> Json:
    """Put a phone back: it is answered as it was before."""
    context.sandbox.act("put_back_phone", number=number)
    return show_person(context, number)


def reject_call(context: AdminContext, number: str) -> Json:
    """Turn away the call that rings."""
    return _act(context, "reject", number)


def let_ring(context: AdminContext, number: str) -> Json:
    """Let the phone ring for as long as phones do, to be answered only by hand."""
    return _act(context, "let_ring", number)


def hang_up(context: AdminContext, number: str) -> Json:
    """End the call that the number is talking in."""
    return _act(context, "hang_up", number)


def speak(context: AdminContext, number: str, *, text: str) -> Json:
    """Say something in the call that the number is talking in; a word of its menu chooses a branch."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        raise unusable([f"#/text: a line of 1 to {LONGEST_TEXT} characters"])
    return _act(context, "speak", number, text=text)


def call_in(context: AdminContext, number: str) -> Json:
    """Call the service number where a call of this number waits."""
    return _act(context, "call_in", number)


def decide_next(context: AdminContext, number: str, *, outcome: str) -> Json:
    """Decide how the next attempt to reach a number ends."""
    with context.sandbox.lock:
        e164 = read_typed_number(context.sandbox.world, number)
    check_known("#/outcome", outcome, [*Disposition])
    context.sandbox.act("next_outcome", number=e164, outcome=outcome)
    return show_person(context, number)


def list_numbers(context: AdminContext) -> Json:
    """List the numbers whose digits say what happens, and all blocks of them, those of this world first."""
    magic = context.sandbox.world.people.magic
    blocks = [*magic, *(block for block in BLOCKS if block not in magic)]
    return {
        "numbers": [*map(Shown, magic_catalogue(magic))],  # nobody has these
        "messages": {f"{code:02}": ending_of(outcome) for code, outcome in first_outcomes()},
        "blocks": [Shown({**_block(block), "magic": block in magic}) for block in blocks],
    }


def _block(block: MagicBlock) -> Json:
    kept = members(block.keeper, "country", "provenance", "source")
    return {**members(block, "form", "kind", "valid"), **kept, "kept_by": block.keeper.name}


def _act(context: AdminContext, action: str, number: str, **arguments: str | bool) -> Json:
    """Do something with the phone of a number, and return the call that it is about."""
    call: AnyCall = context.sandbox.act(action, number=number, **arguments)
    with context.sandbox.lock:
        return {"call": render_call(call, context.sandbox)}


def _line(world: World, number: E164) -> tuple[str, AnyCall | None]:
    """Return what a phone does, with its call: `ringing`, `talking`, `waiting` to call in, or `idle`."""
    call = world.lines.get(number)
    if isinstance(call, LiveCall):
        return ("talking" if call.answered else "ringing"), call.origin or call
    if call is not None and (attempt := call.active) is not None:
        answered = next((leg.answered for leg in attempt.legs if leg.party == number), attempt.answered)
        talking = answered is not None and answered <= world.clock.now
        return ("talking" if talking else "ringing"), call
    waiting = [call for call in world.dialer.awaited.get(number, ()) if call.ending is None]
    return ("waiting", waiting[0]) if waiting else ("idle", None)


def call_number(
    context: AdminContext, number: str, *, to: str, withheld: bool = False, keys: str = ""
) -> Json:
    """Place a call from a number to one that an account owns, or to one that takes a code (`keys`)."""
    return _act(context, "call_number", number, to=to, withheld=withheld, keys=keys)


def text_number(context: AdminContext, number: str, *, to: str, text: str) -> Json:
    """Send a text from a number to one that an account owns."""
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise unusable([f"#/text: a text has 1 to {LONGEST_TEXT} characters"])
    message: Message = context.sandbox.act("text_number", number=number, to=to, text=text)
    with context.sandbox.lock:
        return {"message": render_message(message)}
