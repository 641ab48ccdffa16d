"""What a tester can do to a world from outside, by name and with plain arguments, so that it is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.mishaps import Fault
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.outbox import Delivery
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Person
from simulator.telephony.phone_numbers import parse_number

if TYPE_CHECKING:
    from simulator.stage import Stage


def press(stage: Stage, number: str, key: str) -> Call:
    """Press a key, or key in a code, in the call that `number` is talking in; raises NobodyThere."""
    return stage.world.dialer.press(parse_number(number), key)


def answer(stage: Stage, number: str) -> Call:
    """Pick up the phone that rings at `number`; raises NobodyThere."""
    return stage.world.dialer.answer(parse_number(number))


def call_in(stage: Stage, number: str) -> Call:
    """Let `number` call the service number that a call of theirs waits at, or one that receives calls.

    Raises NobodyThere.
    """
    return stage.world.call_in(parse_number(number))


def next_outcome(stage: Stage, number: str, outcome: str) -> Person:
    """Decide how the next attempt to reach `number` ends."""
    person = stage.world.people.known(parse_number(number))
    person.next_disposition = Disposition(outcome)
    return person


def resend(stage: Stage, delivery: str) -> Delivery:
    """Send a callback once more; raises UnknownDelivery."""
    return stage.world.outbox.resend(delivery)


def top_up(stage: Stage, vendor: str, credential: str, amount: str) -> Account:
    """Add money to an account, or take it away."""
    account = stage.world.admit(vendor, credential)
    stage.world.top_up(account, Decimal(amount))
    return account


def arm(stage: Stage, fault: Fault) -> Fault:
    """Arm a fault before all others."""
    stage.faults.add(fault)
    return fault


def disarm(stage: Stage, fault: str) -> None:
    """Disarm a fault by its id."""
    stage.faults.remove(fault)


ACTIONS: Mapping[str, Callable[..., Any]] = {
    action.__name__: action for action in (press, answer, call_in, next_outcome, resend, top_up, arm, disarm)
}
