"""Who picks up: personas, the people behind numbers, and the numbers reserved for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.telephony.ivr import Conduct
from simulator.telephony.outcomes import PICKED_UP, Disposition, Fates, Span, seconds
from simulator.telephony.phone_numbers import E164

Shares = Mapping[Disposition, float]


@dataclass(frozen=True, slots=True)
class Persona:
    """How somebody treats calls.

    `attempts` holds one entry an attempt, the last one repeating: a disposition, or shares to choose by.
    `conclusion` and `notes` are what a script makes of a talk with them: its result and its headers.
    """

    name: str
    attempts: tuple[Disposition | Shares, ...] = (Disposition.ANSWERED,)
    ring: Span = seconds(4, 15)
    talk: Span = seconds(20, 60)
    presses: tuple[str, ...] = ()
    says: str = ""
    code: str = "right"
    calls_in: Span | None = seconds(10, 40)
    conclusion: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def disposition(self, fates: Fates, attempt: int, *subject: object) -> Disposition:
        """Return how attempt number `attempt`, counted from 1, of the call `subject` ends."""
        entry = self.attempts[min(attempt, len(self.attempts)) - 1]
        if isinstance(entry, Disposition):
            return entry
        return fates.choose(entry, "disposition", *subject, attempt)

    def conduct(self, fates: Fates, *subject: object) -> Conduct:
        """Return what this persona does on the line in the attempt `subject`."""
        talk = fates.within(self.talk, "talk", *subject)
        return Conduct(talk, self.presses, self.says, self.code, self.conclusion, self.notes)


@dataclass(slots=True)
class Person:
    """One subscriber: number, persona, time zone, and how a tester wants the next attempt to end."""

    number: E164
    persona: Persona
    zone: str | None = None
    next_disposition: Disposition | None = None


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """A run of numbers that share a persona: `first` and the `count` numbers that follow it."""

    first: E164
    count: int
    persona: Persona
    zone: str | None = None

    def __contains__(self, number: E164) -> bool:
        """Tell whether `number` lies in the block."""
        if len(number) != len(self.first):
            return False
        return 0 <= int(number) - int(self.first) < self.count


@dataclass(slots=True)
class People:
    """Everybody who can be called: listed people first, then blocks, magic numbers, strangers."""

    strangers: Persona
    listed: dict[E164, Person] = field(default_factory=dict)
    blocks: list[NumberBlock] = field(default_factory=list)
    magic: bool = True

    def find(self, number: E164) -> Person:
        """Return who answers `number`; the same person each time."""
        if (person := self.listed.get(number)) is None:
            person = self._introduce(number)
        return person

    def describes(self, number: E164) -> bool:
        """Tell whether somebody in particular answers `number`: no stranger."""
        magic = self.magic and magic_persona(number) is not None
        return number in self.listed or magic or any(number in block for block in self.blocks)

    def known(self, number: E164) -> Person:
        """Return who answers `number`, remembering them so that something can happen to them."""
        return self.listed.setdefault(number, self.find(number))

    def _introduce(self, number: E164) -> Person:
        for block in self.blocks:
            if number in block:
                return Person(number, block.persona, block.zone)
        if self.magic and (persona := magic_persona(number)) is not None:
            return Person(number, persona)
        return Person(number, self.strangers)


MAGIC_BLOCK = "+447700900"
"""The 1,000 mobile numbers that the British regulator keeps free for drama: 07700 900000 to 900999."""


def _always(disposition: Disposition, **conduct: object) -> Persona:
    return Persona(f"always {disposition}", (disposition,), **conduct)  # type: ignore[arg-type]


def _after(first: Disposition, times: int) -> Persona:
    return Persona(f"{first} x{times}, then answered", (first,) * times + (Disposition.ANSWERED,))


MAGIC_PERSONAS: Mapping[int, Persona] = {
    **{code: _always(disposition) for code, disposition in enumerate(Disposition)},
    **{30 + digit: _always(Disposition.ANSWERED, presses=(str(digit),)) for digit in range(10)},
    40: _after(Disposition.NO_ANSWER, 1),
    41: _after(Disposition.NO_ANSWER, 2),
    42: _after(Disposition.BUSY, 1),
    43: _after(Disposition.BUSY, 2),
    44: _after(Disposition.CONGESTION, 1),
    50: _always(Disposition.ANSWERED, code="wrong"),
    51: _always(Disposition.ANSWERED, code="none"),
    52: _always(Disposition.ANSWERED, calls_in=None),
    60: _always(Disposition.ANSWERED, says="yes", presses=("yes",)),
    61: _always(Disposition.ANSWERED, says="no", presses=("no",)),
    70: _always(Disposition.ANSWERED, ring=seconds(1), talk=seconds(5)),
    71: _always(Disposition.ANSWERED, ring=seconds(45), talk=seconds(600)),
}
"""Outcome code -> persona: digits seven and eight of the national number choose what happens.

Dispositions are only ever appended, so that codes keep their meaning.
"""


def magic_persona(number: E164) -> Persona | None:
    """Return the persona behind a magic number `+447700900OOx` (OO the outcome code), or None."""
    if not number.startswith(MAGIC_BLOCK) or len(number) != len(MAGIC_BLOCK) + 3:
        return None
    return MAGIC_PERSONAS.get(int(number[-3:-1]))


def magic_catalogue() -> list[dict[str, str]]:
    """Return every magic outcome code as `{code, numbers, persona}` for people to read."""
    return [
        {
            "code": f"{code:02}",
            "numbers": f"{MAGIC_BLOCK}{code:02}0..9",
            "persona": persona.name + _aside(persona),
        }
        for code, persona in sorted(MAGIC_PERSONAS.items())
    ]


def _aside(persona: Persona) -> str:
    entry = persona.attempts[-1]
    if not isinstance(entry, Disposition) or entry not in PICKED_UP:
        return ""
    pressed = f", presses {persona.presses[0]}" if persona.presses else ""
    code = f", keys the code {persona.code}" if persona.code != "right" else ""
    silent = ", never calls in" if persona.calls_in is None else ""
    return pressed + code + silent
