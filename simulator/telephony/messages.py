"""Text messages: sent on their way step by step, and received at numbers that an account owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.alphabets import Alphabet, parts_of
from simulator.telephony.calls import Direction
from simulator.telephony.errors import AccountSuspended, NobodyThere
from simulator.telephony.outcomes import Disposition, Span, seconds
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.world import World


class MessageState(StrEnum):
    """How far a message has come; the last four are ends."""

    CREATED = "created"
    PENDING = "pending"
    SENT = "sent"
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    ERROR = "error"


VALIDITY = timedelta(hours=48)
"""How long the recipient's network tries."""

WAITS: Mapping[MessageState, Span] = {
    MessageState.PENDING: seconds(0.2, 0.5),
    MessageState.SENT: seconds(0.5, 2),
    MessageState.QUEUED: seconds(0.5, 2),
    MessageState.DELIVERED: seconds(2, 10),
    MessageState.FAILED: seconds(1, 5),
    MessageState.EXPIRED: Span(VALIDITY, VALIDITY),
    MessageState.ERROR: seconds(0.2, 0.5),
}
"""How long after the step before each one is taken."""

_ON_THE_WAY = (MessageState.PENDING, MessageState.SENT)
_UNREACHABLE = frozenset(
    {
        Disposition.INVALID,
        Disposition.FAILED,
        Disposition.NO_ROUTE,
        Disposition.NO_PROVIDER,
        Disposition.BLOCKED_DESTINATION,
    }
)
_OFF = frozenset({Disposition.CONGESTION, Disposition.EXPIRED})
_UNWANTED = frozenset(
    {Disposition.STOP_LISTED, Disposition.GLOBAL_STOP_LISTED, Disposition.NO_CALLER_ID, Disposition.NO_FUNDS}
)


def ending_of(fate: Disposition) -> MessageState:
    """Return how a message ends to somebody whom a call would reach so."""
    if fate in _UNWANTED:
        return MessageState.ERROR
    if fate in _UNREACHABLE:
        return MessageState.FAILED
    return MessageState.EXPIRED if fate in _OFF else MessageState.DELIVERED


@dataclass(frozen=True, slots=True)
class Letter:
    """What a client asks to be sent; `purpose` is the client's own word for why."""

    sender: str
    recipient: E164
    text: str
    alphabet: Alphabet
    purpose: str = ""


@dataclass(slots=True, eq=False)
class Message:
    """One message of an account: `history` tells when it came to each state, `reason` why it ended badly.

    `place` is where it stands in the log of its account, `born` the input that sent it.
    """

    ref: Ref
    account: Account = field(repr=False)
    direction: Direction
    letter: Letter
    created: datetime
    cost: Decimal
    state: MessageState
    history: list[tuple[MessageState, datetime]] = field(default_factory=list)
    route: tuple[MessageState, ...] = ()
    reason: str | None = None
    place: int = 0
    born: int = 0

    @property
    def updated(self) -> datetime:
        """When it came to its present state."""
        return self.history[-1][1]

    @property
    def parts(self) -> int:
        """How many parts it travels in."""
        return parts_of(self.letter.text, self.letter.alphabet)

    def reached(self, state: MessageState) -> datetime | None:
        """Return when it came to `state`, or None."""
        return next((at for known, at in self.history if known is state), None)


class Messages:
    """The messages of a world; what happens to each is told as `message.updated` and `message.received`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, account: Account, letter: Letter, price: Decimal) -> Message:
        """Accept one message, each part for `price`; raises AccountSuspended."""
        if account.suspended:
            raise AccountSuspended
        message = self._note(account, Direction.OUTGOING, letter, MessageState.CREATED)
        message.cost = price * message.parts
        message.route = self._route(message)
        self._world.credit.charge(account, message.cost)
        self._world.tell(account, "message.updated", message)
        self._step_later(message)
        return message

    def receive(self, sender: E164, recipient: E164, text: str, alphabet: Alphabet) -> Message:
        """Let `sender` write to a number that some account owns; raises NobodyThere."""
        owned = self._world.numbers.find(recipient)
        if owned is None:
            raise NobodyThere(recipient)
        letter = Letter(sender, recipient, text, alphabet)
        message = self._note(owned.account, Direction.INCOMING, letter, MessageState.DELIVERED)
        self._world.tell(owned.account, "message.received", message)
        return message

    def _note(self, account: Account, direction: Direction, letter: Letter, state: MessageState) -> Message:
        world, nth = self._world, len(account.messages)
        ref = world.mint(account, "message", account.messages, letter.recipient, nth)
        now = world.clock.now
        message = Message(ref, account, direction, letter, now, Decimal(0), state, [(state, now)])
        message.born = world.clock.cause
        account.messages[ref] = message
        account.message_log.append(message)
        return message

    def _route(self, message: Message) -> tuple[MessageState, ...]:
        """Return the states a message will come to, by how its recipient treats what reaches them."""
        account, recipient = message.account, message.letter.recipient
        if recipient in account.stop_list:
            message.reason = "the recipient is on the stop list"
            return (MessageState.PENDING, MessageState.ERROR)
        person = self._world.people.find(recipient)
        wish, person.next_disposition = person.next_disposition, None
        fate = wish or person.persona.disposition(
            self._world.random, 1, account.name, recipient, message.ref, "message"
        )
        end = ending_of(fate)
        if end is MessageState.ERROR:
            message.reason = f"not accepted: {fate}"
            return (MessageState.PENDING, end)
        if end is MessageState.FAILED:
            message.reason = f"rejected by the carrier: {fate}"
            return (*_ON_THE_WAY, end)
        if end is MessageState.EXPIRED:
            message.reason = "not delivered in time"
        return (*_ON_THE_WAY, MessageState.QUEUED, end)

    def _step_later(self, message: Message) -> None:
        if message.route:
            state = message.route[0]
            wait = self._world.random.within(WAITS[state], state, message.account.name, message.ref)
            self._world.clock.after(wait, partial(self._step, message))

    def _step(self, message: Message) -> None:
        message.state, message.route = message.route[0], message.route[1:]
        message.history.append((message.state, self._world.clock.now))
        message.account.message_log.note(message)
        self._world.tell(message.account, "message.updated", message)
        self._step_later(message)
