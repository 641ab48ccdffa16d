"""Text messages on their way, step by step on the clock, and those that come in."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Direction
from simulator.telephony.errors import AccountSuspended, NobodyOwns
from simulator.telephony.messages import (
    _ON_THE_WAY,
    WAITS,
    Alphabet,
    Letter,
    Message,
    MessageState,
    ending_of,
)
from simulator.telephony.network import Network
from simulator.telephony.number_store import Numbers
from simulator.telephony.owners import Credit, Owner, Ref
from simulator.telephony.phone_numbers import E164


class Messages:
    """The messages of a world; what happens to each is told as `message.updated` and `message.received`."""

    def __init__(self, network: Network, credit: Credit, numbers: Numbers) -> None:
        self._network = network
        self._credit = credit
        self._numbers = numbers
        self._sent: Counter[tuple[Owner, E164]] = Counter()

    def all(self) -> list[Message]:
        """Return what all accounts sent and received, oldest first."""
        accounts = self._network.accounts.values()
        kept = [message for account in accounts for message in account.messages.values()]
        return sorted(kept, key=lambda message: message.created)

    def send(self, account: Account, letter: Letter, price: Decimal) -> Message:
        """Accept one message, each part for `price`; raises AccountSuspended."""
        if account.suspended:
            raise AccountSuspended
        message = self._note(account, Direction.OUTGOING, letter, MessageState.CREATED)
        message.cost = price * message.parts
        message.route = self._route(message)
        self._credit.charge(account, message.cost)
        self._network.tell(account, "message.updated", message)
        self._step_later(message)
        return message

    def receive(self, sender: E164, recipient: E164, text: str, alphabet: Alphabet) -> Message:
        """Return the message that `sender` writes to a number of some account; raises NobodyOwns."""
        owned = self._numbers.find(recipient)
        if owned is None:
            raise NobodyOwns(recipient, self._numbers.owned)
        letter = Letter(sender, recipient, text, alphabet)
        message = self._note(
            self._network.account_of(owned.account), Direction.INCOMING, letter, MessageState.DELIVERED
        )
        self._network.tell(owned.account, "message.received", message)
        return message

    def _note(self, account: Account, direction: Direction, letter: Letter, state: MessageState) -> Message:
        network, nth = self._network, len(account.messages)
        ref = network.mint(account, "message", account.messages, letter.recipient, nth)
        now = network.clock.now
        message = Message(
            ref=ref,
            account=account,
            direction=direction,
            letter=letter,
            created=now,
            cost=Decimal(0),
            state=state,
            history=[(state, now)],
            born=network.clock.cause,
        )
        account.messages[ref] = message
        account.message_log.append(message)
        return message

    def _route(self, message: Message) -> tuple[MessageState, ...]:
        """Return the states a message will come to, by how its recipient treats what reaches them."""
        account, recipient = message.account, message.letter.recipient
        if recipient in account.stop_list:
            message.reason = "the recipient is on the stop list"
            return (MessageState.PENDING, MessageState.ERROR)
        end, fate = self._end(account, recipient, message.ref)
        if end is MessageState.ERROR:
            message.reason = f"not accepted: {fate}"
            return (MessageState.PENDING, end)
        if end is MessageState.FAILED:
            message.reason = f"rejected by the carrier: {fate}"
            return (*_ON_THE_WAY, end)
        if end is MessageState.EXPIRED:
            message.reason = "not delivered in time"
        return (*_ON_THE_WAY, MessageState.QUEUED, end)

    def _end(self, account: Owner, recipient: E164, ref: Ref) -> tuple[MessageState, str]:
        """Return how a message ends, and what is behind it: as its recipient treats messages, else calls."""
        person, random = self._network.people.find(recipient), self._network.random
        self._sent[account, recipient] += 1
        if (fate := person.take_disposition()) is None:
            nth = self._sent[account, recipient]
            if (end := person.persona.text_end(random, nth, account.name, recipient)) is not None:
                return MessageState(end), str(end)
            fate = person.persona.disposition(random, 1, account.name, recipient, ref, "message")
        return ending_of(fate), str(fate)

    def _step_later(self, message: Message) -> None:
        if message.route:
            state = message.route[0]
            wait = self._network.random.within(WAITS[state], state, message.account.name, message.ref)
            self._network.clock.after(wait, partial(self._step, message))

    def _step(self, message: Message) -> None:
        message.state, message.route = message.route[0], message.route[1:]
        message.history.append((message.state, self._network.clock.now))
        if message.state is MessageState.ERROR:
            self._credit.refund(message.account, message.cost)
            message.cost = Decimal(0)
        self._network.account_of(message.account).message_log.note(message)
        self._network.tell(message.account, "message.updated", message)
        self._step_later(message)
