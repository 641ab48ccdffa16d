"""What a tester can do to a world from outside, by name and with plain arguments, so that it is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulator.faults import Fault
from simulator.telephony.accounts import Account
from simulator.telephony.alphabets import alphabet_of
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Person
from simulator.telephony.phone_numbers import parse_number
from simulator.telephony.world import World
from simulator.web.faults import FaultPlan


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a tester can lay hands on."""

    world: World
    faults: FaultPlan


def press(scene: CommandContext, number: str, key: str) -> AnyCall:
    """Press a key, or key in a code, in the call that `number` is talking in; raises NobodyThere."""
    return scene.world.press_key(parse_number(number), key)


def answer(scene: CommandContext, number: str) -> AnyCall:
    """Pick up the phone that rings at `number`; raises NobodyThere."""
    return scene.world.answer_phone(parse_number(number))


def call_in(scene: CommandContext, number: str) -> AnyCall:
    """Let `number` call the service number that a call of theirs waits at, or one that receives calls.

    Raises NobodyThere.
    """
    return scene.world.call_in(parse_number(number))


def call_number(
    scene: CommandContext, number: str, to: str, withheld: bool = False, keys: str = ""
) -> LiveCall:
    """Let `number` call a number that an account owns, or one that takes codes; raises NobodyThere."""
    caller, callee = parse_number(number), parse_number(to)
    return scene.world.switchboard.ring(caller, callee, withheld=withheld, keys=keys)


def text_number(scene: CommandContext, number: str, to: str, text: str) -> Message:
    """Let `number` write to a number that an account owns; raises NobodyThere."""
    sender, recipient = parse_number(number), parse_number(to)
    return scene.world.messages.receive(sender, recipient, text, alphabet_of(text))


def next_outcome(scene: CommandContext, number: str, outcome: str) -> Person:
    """Decide how the next attempt to reach `number` ends."""
    person = scene.world.people.known(parse_number(number))
    person.next_disposition = Disposition(outcome)
    return person


def resend(scene: CommandContext, delivery: str) -> Delivery:
    """Send a callback once more; raises UnknownDelivery."""
    return scene.world.outbox.resend(delivery)


def top_up(scene: CommandContext, vendor: str, credential: str, amount: str) -> Account:
    """Add money to an account, or take it away."""
    account = scene.world.admit(vendor, credential)
    scene.world.credit.top_up(account, Decimal(amount))
    return account


def bar_subscriptions(
    scene: CommandContext, vendor: str, credential: str, barred: bool, event: str | None = None
) -> Account:
    """Switch off what an account is told, of one event or all, or on again."""
    account = scene.world.admit(vendor, credential)
    scene.world.bar_subscriptions(account, event, barred=barred)
    return account


def arm(scene: CommandContext, fault: Fault) -> Fault:
    """Arm a fault before all others."""
    scene.faults.add(fault)
    return fault


def disarm(scene: CommandContext, fault: str) -> None:
    """Disarm a fault by its id."""
    scene.faults.remove(fault)


COMMANDS: Mapping[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (
        press, answer, call_in, call_number, text_number, next_outcome, resend, top_up,
        bar_subscriptions, arm, disarm,
    )
}  # fmt: skip
