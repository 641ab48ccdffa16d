"""Who picks up: the people behind numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.telephony.magic_numbers import DEFAULT, MagicBlock, magic_persona
from simulator.telephony.outcomes import Disposition
from simulator.telephony.personas import Persona, Shares
from simulator.telephony.phone_numbers import E164

__all__ = ["NumberBlock", "People", "Person", "Persona", "Shares"]


@dataclass(slots=True)
class Person:
    """One subscriber: number, persona, time zone, and how a tester wants the next attempt to end.

    While somebody has their phone in hand, `usual` is the persona that they have otherwise.
    """

    number: E164
    persona: Persona
    zone: str | None = None
    next_disposition: Disposition | None = None
    usual: Persona | None = None

    def take_disposition(self) -> Disposition | None:
        """Return how a tester wants the next attempt to end, which holds for that one attempt."""
        disposition, self.next_disposition = self.next_disposition, None
        return disposition


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """A run of numbers that share a persona: `first` and the `count` numbers that follow it."""

    first: E164
    count: int
    persona: Persona
    zone: str | None = None

    def __contains__(self, number: E164) -> bool:
        """Return whether `number` lies in the block."""
        if len(number) != len(self.first):
            return False
        return 0 <= int(number) - int(self.first) < self.count


@dataclass(slots=True, kw_only=True)
class People:
    """Everybody who can be called: listed people first, then blocks, magic numbers, residents, strangers.

    `magic` are the blocks of numbers whose digits say what happens; `residents` come with what a vendor sets
    up.
    """

    strangers: Persona
    listed: dict[E164, Person] = field(default_factory=dict)
    blocks: list[NumberBlock] = field(default_factory=list)
    magic: Sequence[MagicBlock] = DEFAULT
    residents: dict[E164, Persona] = field(default_factory=dict)
    _stems: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Know how magic numbers begin, for most numbers are none."""
        self._stems = tuple(block.stem for block in self.magic)

    def find(self, number: E164) -> Person:
        """Return who answers `number`; the same person each time."""
        if (person := self.listed.get(number)) is None:
            person = self._introduce(number)
        return person

    def describes(self, number: E164) -> bool:
        """Return whether somebody in particular answers `number`: no stranger."""
        if number in self.listed or any(number in block for block in self.blocks):
            return True
        return self._magic_persona(number) is not None

    def known(self, number: E164) -> Person:
        """Return who answers `number`, remembering them so that something can happen to them."""
        return self.listed.setdefault(number, self.find(number))

    def _introduce(self, number: E164) -> Person:
        for block in self.blocks:
            if number in block:
                return Person(number, block.persona, block.zone)
        persona = self._magic_persona(number) or self.residents.get(number)
        return Person(number, persona or self.strangers)

    def _magic_persona(self, number: E164) -> Persona | None:
        return magic_persona(number, self.magic) if number.startswith(self._stems) else None
