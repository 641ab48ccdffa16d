"""What a request did to people: the calls it placed and the messages it sent, and until when each lasts."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from simulator.exchange import Exchange
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message, MessageState
from simulator.telephony.phone_numbers import E164
from simulator.verdicts.evidence import Evidence

DONE = (MessageState.DELIVERED, MessageState.FAILED, MessageState.EXPIRED, MessageState.ERROR)


class Effect(Struct, frozen=True, kw_only=True):
    """One call or message of a request: `person` is equal for equal people, however a request spells them.

    It begins with what this is, `call` or `message`. `over` is when nothing of it went on any more, or None;
    `ref` how the vendor calls it. By its `content` it differs from another one for the same person in the
    same request.
    """

    person: tuple[str, ...]
    number: E164
    over: datetime | None
    ref: str
    content: Hashable = None

    @property
    def name(self) -> str:
        """How it is named in a verdict."""
        return f"{self.person[0]} {self.ref}"


def effects_of(exchange: Exchange, evidence: Evidence) -> list[Effect]:
    """Return what a request did to people, in order."""
    effects = [_of_call(call) for call in evidence.placed_by(exchange)]
    effects += [_of_message(message) for message in evidence.sent_by(exchange)]
    for run in evidence.run_by(exchange):
        effects += [_of_live_call(call) for call in run.calls]
        effects += [replace(_of_message(message), content=message.ref) for message in run.messages]
    return effects


def _of_call(call: Call) -> Effect:
    """Where two parties are connected, the pair is meant: one agent is rung for many customers."""
    content = (call.order.label, repr(call.order.payload), repr(call.order.script))
    person = ("call", call.callee, *call.order.bridge)
    return Effect(person=person, number=call.callee, over=call.over, ref=str(call.ref), content=content)


def _of_live_call(call: LiveCall) -> Effect:
    """Take no two calls of a script for the same request: it may call somebody again."""
    person, ref = ("call", call.callee), str(call.ref)
    return Effect(person=person, number=call.callee, over=call.ended, ref=ref, content=ref)


def _of_message(message: Message) -> Effect:
    to, over = message.letter.recipient, message.updated if message.state in DONE else None
    return Effect(person=("message", to), number=to, over=over, ref=str(message.ref))
