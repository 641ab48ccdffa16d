"""The messages of an account in the order they came, found without looking at each.

State, direction and purpose of a message share one byte, so that a search by them runs over bytes; numbers
and senders have lists of places; texts are looked through in blocks, and what was found is remembered.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, compress
from typing import TYPE_CHECKING, Any

from simulator.telephony.pages import Picked

if TYPE_CHECKING:
    from simulator.telephony.calls import Direction
    from simulator.telephony.messages import Message, MessageState

BLOCK = 1_024
REMEMBERED = 4
_PLACES = {"state": (0, 8), "direction": (3, 2), "purpose": (4, 16)}
"""Where in its byte each stands, and how many different ones there may be."""


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


class Marked:
    """Messages whose byte is 1 in `marks`, which were made when the search was."""

    def __init__(self, messages: list[Message], marks: bytes) -> None:
        self._messages, self._marks = messages, marks
        starts = range(0, len(marks), BLOCK)
        self._ends = list(accumulate(marks.count(1, start, start + BLOCK) for start in starts)) or [0]

    def __len__(self) -> int:
        """Return how many there are."""
        return self._ends[-1]

    def __getitem__(self, rows: slice) -> list[Message]:
        """Return some of them, without walking through those before."""
        first, last, _ = rows.indices(len(self))
        messages: list[Message] = []
        if first >= last:
            return messages
        block = bisect_right(self._ends, first)
        behind = first - (self._ends[block - 1] if block else 0)
        place = block * BLOCK - 1
        for nth in range(behind + last - first):
            place = self._marks.index(1, place + 1)
            if nth >= behind:
                messages.append(self._messages[place])
        return messages


class MessageLog:
    """The messages of an account, oldest first; it only ever grows."""

    __slots__ = (
        "_blocks", "_codes", "_latest", "_messages", "_recipients", "_senders", "_texts", "_values",
    )  # fmt: skip

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._codes = bytearray()
        self._values: dict[str, dict[str, int]] = {name: {} for name in _PLACES}
        self._senders: dict[str, array[int]] = {}
        self._recipients: dict[str, array[int]] = {}
        self._latest: dict[int, None] = {}
        self._blocks: list[str] = []
        self._texts: dict[str, tuple[int, list[int]]] = {}

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
        self._codes.append(0)
        self._senders.setdefault(message.letter.sender, array("I")).append(message.place)
        self._recipients.setdefault(message.letter.recipient, array("I")).append(message.place)
        self.note(message)

    def note(self, message: Message) -> None:
        """Note that a message has come to another state."""
        codes = {
            "state": message.state, "direction": message.direction, "purpose": message.letter.purpose,
        }  # fmt: skip
        self._codes[message.place] = sum(
            self._number(name, value) << _PLACES[name][0] for name, value in codes.items()
        )
        self._latest.pop(message.place, None)
        self._latest[message.place] = None

    def _number(self, name: str, value: str) -> int:
        known = self._values[name]
        number = known.setdefault(value, len(known))
        if number >= _PLACES[name][1]:
            raise ValueError(f"more than {_PLACES[name][1]} values of {name}")
        return number

    def find(self, criteria: Criteria) -> Picked[Message] | Marked:
        """Return the messages criteria, oldest first; what happens later changes nothing about them."""
        marks = self._marks(criteria)
        start, end = self._span(criteria)
        if (places := self._listed(criteria)) is not None:
            return Picked(self._messages, self._sift(places, criteria, marks, start, end))
        if marks is None:
            return Picked(self._messages, range(start, end))
        return Marked(self._messages, self._within(marks, start, end))

    def find_by_update(self, criteria: Criteria) -> Picked[Message]:
        """Return the messages criteria, the one that changed longest ago first."""
        marks = self._marks(criteria)
        start, end = self._span(criteria)
        if (places := self._listed(criteria)) is not None:
            places = self._sift(places, criteria, marks, start, end)
            return Picked(self._messages, sorted(places, key=lambda place: self._messages[place].updated))
        order: Sequence[int] = list(self._latest)
        if marks is not None or (start, end) != (0, len(self)):
            kept = self._within(marks or bytes([1]) * len(self), start, end)
            order = [place for place in order if kept[place]]
        return Picked(self._messages, order)

    def _span(self, criteria: Criteria) -> tuple[int, int]:
        """Return the first place in time, and the one behind the last."""
        start, end = 0, len(self)
        if criteria.after is not None:
            start = bisect_right(self._messages, criteria.after, key=_created)
        if criteria.before is not None:
            end = bisect_left(self._messages, criteria.before, key=_created)
        return start, max(start, end)

    def _marks(self, criteria: Criteria) -> bytes | None:
        """Return a byte a message, 1 where it is criteria, or None where its byte does not matter."""
        asked = {name: value for name in _PLACES if (value := getattr(criteria, name)) is not None}
        if not asked:
            return None
        numbers = {name: self._values[name].get(value) for name, value in asked.items()}
        table = bytes(_fits(code, numbers) for code in range(256))
        return bytes(self._codes.translate(table))

    @staticmethod
    def _within(marks: bytes, start: int, end: int) -> bytes:
        if (start, end) == (0, len(marks)):
            return marks
        return bytes(start) + marks[start:end] + bytes(len(marks) - end)

    def _listed(self, criteria: Criteria) -> Sequence[int] | None:
        """Return the shortest list of places that holds all that are criteria, if there is any list."""
        lists: list[Sequence[int]] = []
        if criteria.sender is not None:
            lists.append(self._senders.get(criteria.sender, []))
        if criteria.recipient is not None:
            lists.append(self._recipients.get(criteria.recipient, []))
        if criteria.place is not None:
            lists.append([criteria.place])
        if criteria.text:
            lists.append(self._saying(criteria.text.casefold()))
        return min(lists, key=len) if lists else None

    def _sift(
        self, places: Sequence[int], criteria: Criteria, marks: bytes | None, start: int, end: int
    ) -> Sequence[int]:
        if (start, end) != (0, len(self)):
            places = places[bisect_left(places, start) : bisect_left(places, end)]
        if marks is not None:
            places = array("I", compress(places, map(marks.__getitem__, places)))
        asked = (criteria.sender, criteria.recipient, criteria.text or None, criteria.place)
        if len(asked) - asked.count(None) > 1:
            places = [place for place in places if _says(self._messages[place], criteria)]
        return places

    def _saying(self, text: str) -> list[int]:
        """Return where a text occurs, whatever its case; only what is new since the last time is read."""
        read, places = self._texts.pop(text, (0, []))
        for block in range(len(self._blocks), len(self) // BLOCK):
            rows = self._messages[block * BLOCK : (block + 1) * BLOCK]
            self._blocks.append("\n".join(row.letter.text for row in rows).casefold())
        while read < len(self):
            block, end = read // BLOCK, min((read // BLOCK + 1) * BLOCK, len(self))
            if block >= len(self._blocks) or text in self._blocks[block]:
                rows = self._messages[read:end]
                places += [row.place for row in rows if text in row.letter.text.casefold()]
            read = end
        self._texts[text] = (read, places)
        while len(self._texts) > REMEMBERED:
            del self._texts[next(iter(self._texts))]
        return places


def _created(message: Message) -> datetime:
    return message.created


def _fits(code: int, numbers: Mapping[str, int | None]) -> bool:
    """Return whether a byte says what is asked; what no message has ever been is None and fits none."""
    return all((code >> _PLACES[name][0]) % _PLACES[name][1] == number for name, number in numbers.items())


def _says(message: Message, criteria: Criteria) -> bool:
    letter: Any = message.letter
    return (
        criteria.sender in (None, letter.sender)
        and criteria.recipient in (None, letter.recipient)
        and criteria.text.casefold() in letter.text.casefold()
    )
