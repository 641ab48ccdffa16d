"""The messages of an account in the order they came, and those of them that fit what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from simulator.telephony.calls import Direction
from simulator.telephony.messages import Message, MessageState
from simulator.telephony.pages import Filters, Picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
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


ALL = Criteria()


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
        if criteria == ALL:
            return Picked(self._messages, range(len(self)))
        folded = replace(criteria, text=criteria.text.casefold())
        places = self._filters.places(
            folded, self._messages, folded.fit, updates=self._changed, place_of=attrgetter("place")
        )
        return Picked(self._messages, places)

    def find_by_update(self, criteria: Criteria) -> list[Message]:
        """Return the messages that fit, the one that changed longest ago first."""
        return sorted(self.find(criteria)[:], key=attrgetter("updated"))
