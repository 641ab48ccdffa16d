"""Text messages: their alphabets and parts, the states they come to, and the log in which they are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil
from operator import attrgetter

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.telephony.calls import Direction
from simulator.telephony.outcomes import Disposition, Span, seconds
from simulator.telephony.owners import Entity, Owner, Ref
from simulator.telephony.pages import Filters, Picked
from simulator.telephony.phone_numbers import E164

GSM_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Letters that take two places, for an escape goes before them."""

UNKNOWN = "?"
"""What a phone shows of a letter that its alphabet lacks."""


class Alphabet(StrEnum):
    """How the letters of a message travel."""

    GSM = "gsm"
    UNICODE = "unicode"


PLACES = {Alphabet.GSM: (160, 153), Alphabet.UNICODE: (70, 67)}
"""How many places one part has: alone, and as one of several, which carry a header each (3GPP TS 23.040)."""

BASIC_PLANE = "\uffff"
"""The last letter of Unicode that takes one place in UCS-2; those after it take a surrogate pair."""


def alphabet_of(text: str) -> Alphabet:
    """Return the smallest alphabet that holds all of `text`."""
    return Alphabet.GSM if GSM_LETTERS.issuperset(set(text) - GSM_EXTENSION) else Alphabet.UNICODE


def spell(text: str, alphabet: Alphabet) -> str:
    """Return `text` as it arrives in `alphabet`: letters that GSM lacks become question marks."""
    if alphabet is Alphabet.UNICODE:
        return text
    known = GSM_LETTERS | GSM_EXTENSION
    return "".join(letter if letter in known else UNKNOWN for letter in text)


def parts_of(text: str, alphabet: Alphabet) -> int:
    """Return how many parts `text` takes: at least one, even when it is empty.

    A letter of two places is never cut over the end of a part: it begins the next one, and the place before
    it stays empty (3GPP TS 23.038 and 23.040).
    """
    if alphabet is Alphabet.GSM:
        widths = [2 if letter in GSM_EXTENSION else 1 for letter in text]
    else:
        widths = [2 if letter > BASIC_PLANE else 1 for letter in text]
    alone, joined = PLACES[alphabet]
    places = sum(widths)
    if places <= alone:
        return 1
    if places == len(widths):
        return ceil(places / joined)
    parts = free = 0
    for width in widths:
        if width > free:
            parts, free = parts + 1, joined
        free -= width
    return parts


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


class TextEnd(StrEnum):
    """How a message ends."""

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


class Letter(Struct, frozen=True, gc=False):
    """What a client asks to be sent; `purpose` is the client's own word for why."""

    sender: str
    recipient: E164
    text: str
    alphabet: Alphabet
    purpose: str = ""


class Message(Entity, kw_only=True):
    """One message of an account: `history` tells when it came to each state, `reason` why it ended badly.

    `place` is where it stands in the log of its account, `born` the input that sent it.
    """

    ref: Ref
    account: Owner
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


class Criteria(Struct, frozen=True, kw_only=True):
    """What messages are wanted; None and no text want all. `after` and `before` leave their instants out."""

    state: MessageState | None = None
    direction: Direction | None = None
    purpose: str | None = None
    sender: str | None = None
    recipient: str | None = None
    text: str = ""
    after: datetime | None = None
    before: datetime | None = None
    place: int | None = None

    def fit(self, message: Message) -> bool:
        """Return whether a message is wanted; the text is in small letters here."""
        letter = message.letter
        return (
            (self.state is None or self.state is message.state)
            and (self.direction is None or self.direction is message.direction)
            and (self.purpose is None or self.purpose == letter.purpose)
            and (self.sender is None or self.sender == letter.sender)
            and (self.recipient is None or self.recipient == letter.recipient)
            and (self.place is None or self.place == message.place)
            and (self.after is None or self.after < message.created)
            and (self.before is None or self.before > message.created)
            and (not self.text or self.text in letter.text.casefold())
        )


class MessageLog:
    """The messages of an account, oldest first; it only ever grows."""

    __slots__ = ("_changed", "_filters", "_messages")

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._changed: list[Message] = []
        self._filters = Filters()

    def __repr__(self) -> str:
        """Tell no more than a fingerprint of a world should see: what was looked up is no part of it."""
        return f"MessageLog({len(self)} messages)"

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        """Iterate over them, oldest first."""
        return iter(self._messages)

    def __getitem__(self, rows: slice) -> list[Message]:
        """Return some of them."""
        return self._messages[rows]

    def append(self, message: Message) -> None:
        """Add one message, the newest."""
        message.place = len(self._messages)
        self._messages.append(message)

    def note(self, message: Message) -> None:
        """Note that a message has come to another state."""
        self._changed.append(message)

    def find(self, criteria: Criteria) -> Picked[Message]:
        """Return the messages that fit, whatever the case of a text, oldest first, until the next search."""
        if criteria == Criteria():
            return Picked(self._messages, range(len(self)))
        folded = replace(criteria, text=criteria.text.casefold())
        places = self._filters.places(
            folded, self._messages, folded.fit, updates=self._changed, place_of=attrgetter("place")
        )
        return Picked(self._messages, places)

    def find_by_update(self, criteria: Criteria) -> list[Message]:
        """Return the messages that fit, the one that changed longest ago first."""
        return sorted(self.find(criteria)[:], key=attrgetter("updated"))
