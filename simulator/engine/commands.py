"""What a tester can do to a world from outside, by name and with plain arguments, so that it is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simulator.faults import Fault
from simulator.scenario.building import read_fault
from simulator.scenario.microsyntax import RATE
from simulator.telephony.accounts import Account
from simulator.telephony.limits import Limit
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message, alphabet_of
from simulator.telephony.outbox import Delivery, HookRule, Signing
from simulator.telephony.outcomes import Disposition, Span
from simulator.telephony.people import Person
from simulator.telephony.phone_numbers import E164
from simulator.telephony.typed_numbers import read_typed_number
from simulator.telephony.world import World
from simulator.web.faults import FaultPlan

LATE = timedelta(minutes=5)

BROKEN: Mapping[str, HookRule] = {
    "late": HookRule(late=Span(LATE, LATE)),
    "twice": HookRule(twice=1.0),
    "lost": HookRule(lose=1.0),
    "wrong signature": HookRule(signing=Signing.WRONG),
    "no signature": HookRule(signing=Signing.NONE),
}
"""How the next callback can be made to go wrong."""


class CommandContext(Struct, frozen=True):
    """The world and its faults, which commands change."""

    world: World
    faults: FaultPlan

    def number(self, text: str) -> E164:
        """Return the number that somebody means by `text` in this world; raises MalformedNumber."""
        return read_typed_number(self.world, text)


def press(context: CommandContext, number: str, key: str) -> AnyCall:
    """Press a key, or key in a code, in the call that `number` is talking in; raises NobodyThere."""
    return context.world.handsets.press(context.number(number), key)


def answer(context: CommandContext, number: str) -> AnyCall:
    """Pick up the phone that rings at `number`; raises NobodyThere."""
    return context.world.handsets.answer(context.number(number))


def call_in(context: CommandContext, number: str) -> AnyCall:
    """Call the service number that a call of this number waits at, or one that receives calls.

    Raises NobodyThere.
    """
    return context.world.handsets.call_in(context.number(number))


def call_number(
    context: CommandContext, number: str, to: str, withheld: bool = False, keys: str = ""
) -> LiveCall:
    """Call, from `number`, one that an account owns or that takes codes; raises NobodyThere."""
    caller, callee = context.number(number), context.number(to)
    return context.world.switchboard.ring(caller, callee, withheld=withheld, keys=keys)


def text_number(context: CommandContext, number: str, to: str, text: str) -> Message:
    """Send a text from `number` to one that an account owns; raises NobodyThere."""
    sender, recipient = context.number(number), context.number(to)
    return context.world.messages.receive(sender, recipient, text, alphabet_of(text))


def take_phone(context: CommandContext, number: str) -> Person:
    """Let nobody but a hand answer `number`, from now on."""
    return context.world.handsets.take(context.number(number))


def put_back_phone(context: CommandContext, number: str) -> Person:
    """Let `number` be answered as it was before it was taken."""
    return context.world.handsets.put_back(context.number(number))


def reject(context: CommandContext, number: str) -> AnyCall:
    """Turn away the call that rings at `number`; raises NobodyThere."""
    return context.world.handsets.reject(context.number(number))


def let_ring(context: CommandContext, number: str) -> AnyCall:
    """Let the phone at `number` ring, to be answered only by hand; raises NobodyThere."""
    return context.world.handsets.let_ring(context.number(number))


def hang_up(context: CommandContext, number: str) -> AnyCall:
    """End the call that `number` is talking in; raises NobodyThere."""
    return context.world.handsets.hang_up(context.number(number))


def speak(context: CommandContext, number: str, text: str) -> AnyCall:
    """Say something in the call that `number` is talking in; raises NobodyThere."""
    return context.world.handsets.speak(context.number(number), text)


def next_outcome(context: CommandContext, number: str, outcome: str) -> Person:
    """Decide how the next attempt to reach `number` ends."""
    person = context.world.people.known(context.number(number))
    person.next_disposition = Disposition(outcome)
    return person


def resend(context: CommandContext, delivery: str) -> Delivery:
    """Send a callback once more; raises UnknownDelivery."""
    return context.world.outbox.resend(delivery)


def break_next(context: CommandContext, how: str, where: str = "*") -> HookRule:
    """Let the next callback to match `where` go wrong: a key of BROKEN says how."""
    rule = replace(BROKEN[how], where=where)
    context.world.outbox.break_next(rule)
    return rule


def top_up(context: CommandContext, vendor: str, credential: str, amount: str) -> Account:
    """Add money to an account, or take it away."""
    account = context.world.admit(vendor, credential)
    context.world.credit.top_up(account, Decimal(amount))
    return account


def bar_subscriptions(
    context: CommandContext, vendor: str, credential: str, barred: bool, event: str | None = None
) -> Account:
    """Switch off what an account is told, of one event or all, or on again."""
    account = context.world.admit(vendor, credential)
    context.world.bar_subscriptions(account, event, barred=barred)
    return account


def arm(
    context: CommandContext,
    *,
    fault: str,
    where: str,
    do: str,
    when: str = "always",
    reply: Mapping[str, object] | None = None,
) -> Fault:
    """Arm a fault before all others, by its id and in the words of a scenario."""
    armed = read_fault(fault, where, do, when, reply)
    context.faults.add(armed)
    return armed


def limit(context: CommandContext, rule: str, where: str, allow: str, by: list[str]) -> Limit:
    """Let in no more than `allow`, in the words of a scenario, besides all limits there are."""
    rate = RATE.read(allow)
    added = Limit(name=rule, where=where, allow=rate.count, per=rate.per, by=tuple(by))
    context.world.limits.add(added)
    return added


def disarm(context: CommandContext, fault: str) -> None:
    """Disarm a fault by its id."""
    context.faults.remove(fault)


COMMANDS: Mapping[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (
        press, answer, call_in, call_number, text_number, next_outcome, resend, top_up,
        bar_subscriptions, arm, disarm, take_phone, put_back_phone, reject, let_ring, hang_up, speak,
        break_next, limit,
    )
}  # fmt: skip
