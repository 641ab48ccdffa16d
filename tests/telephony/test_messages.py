from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from simulator.telephony.accounts import Account
from simulator.telephony.errors import AccountSuspended, NobodyThere
from simulator.telephony.messages import Alphabet, Letter, Message, MessageState, alphabet_of, spell
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona
from simulator.telephony.world import World
from tests.telephony.exchange_office import CALLER, OWN, SERIES, Office, open_office
from tests.telephony.network import START, PlainOperator

PRICE = Decimal("0.05")


def send(office: Office, text: str = "Hello") -> Message:
    return office.world.messages.send(office.account, Letter("SHOP", CALLER, text, alphabet_of(text)), PRICE)


def test_a_message_takes_five_steps_to_its_recipient() -> None:
    office = open_office()
    message = send(office)

    office.advance(minutes=1)

    assert [state for state, _ in message.history] == ["created", "pending", "sent", "queued", "delivered"]
    assert len(office.news("message.updated")) == 5


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (Disposition.INVALID, "failed"),
        (Disposition.CONGESTION, "expired"),
        (Disposition.STOP_LISTED, "error"),
    ],
)
def test_a_message_ends_as_its_recipient_treats_what_reaches_them(fate: Disposition, state: str) -> None:
    office = open_office((CALLER, Persona(name="odd", attempts=(fate,))))
    message = send(office)

    office.advance(days=3)

    assert message.state == state
    assert message.reason


def test_each_part_of_a_message_is_paid_for() -> None:
    office = open_office()
    before = office.account.balance

    message = send(office, "a" * 161)

    assert (message.parts, before - office.account.balance) == (2, 2 * PRICE)


def test_a_suspended_account_sends_nothing() -> None:
    office = open_office()
    office.account.suspended = True

    with pytest.raises(AccountSuspended):
        send(office)


def test_what_somebody_writes_reaches_the_owner_of_the_number() -> None:
    office = open_office()
    office.world.numbers.give(office.account, OWN, SERIES)

    message = office.world.messages.receive(CALLER, OWN, "Hi", Alphabet.GSM)

    assert (message.state, message.letter.sender) == (MessageState.DELIVERED, CALLER)
    assert office.news("message.received") == [message]


def test_a_number_that_nobody_owns_receives_nothing() -> None:
    with pytest.raises(NobodyThere):
        open_office().world.messages.receive(CALLER, OWN, "Hi", Alphabet.GSM)


def test_gsm_shows_a_question_mark_for_what_it_lacks() -> None:
    assert spell("Да, 5€", Alphabet.GSM) == "??, 5€"


def test_a_message_to_whom_the_stop_list_names_errs_and_costs_nothing() -> None:
    office = open_office()
    before = office.account.balance
    office.account.stop_list[CALLER] = office.world.clock.now

    message = send(office)
    office.advance(minutes=1)

    assert [state for state, _ in message.history] == ["created", "pending", "error"]
    assert (message.reason, office.account.balance) == ("the recipient is on the stop list", before)


class TellingOperator(PlainOperator):
    """One that tells of messages by a plain request each time."""

    def callbacks(self, world: World, event: NetworkEvent) -> Iterable[Any]:
        if isinstance(event.subject, Message):
            yield f"{event.subject.ref} is {event.subject.state}"


def test_a_callback_about_a_message_is_a_plain_request_or_a_webhook_as_of_a_call() -> None:
    world = World(START, {"plain": TellingOperator()})
    account = Account(name="tenant", vendor="plain", credential="key", opened=world.clock.now)
    message = world.messages.send(
        world.open_account(account), Letter("SHOP", CALLER, "Hello", alphabet_of("Hello")), PRICE
    )

    (delivery,) = world.outbox.deliveries.values()

    assert (delivery.request, delivery.subject) == (f"{message.ref} is created", str(message.ref))
    assert (delivery.event, delivery.born) == ("message.updated", message.born)
