"""Who picks up: the people behind numbers, and how each treats calls: how they end, how long they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from simulator.telephony.clock import write_length
from simulator.telephony.ivr import Conduct
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.magic_numbers import DEFAULT, MagicBlock
from simulator.telephony.messages import TextEnd
from simulator.telephony.outcomes import PICKED_UP, Disposition, Span, seconds
from simulator.telephony.phone_numbers import E164

Shares = Mapping[Disposition, float]
TextShares = Mapping[TextEnd, float]


RINGING = seconds(4, 15)
"""How long it rings at somebody of whom nothing else is known."""


class Persona(Struct, frozen=True, kw_only=True):
    """How somebody treats calls.

    `attempts` holds one entry an attempt, the last one repeating: a disposition, or shares to choose by.
    `texts` likewise holds one entry a message of an account to them; without any, messages end as calls
    would. `conclusion` and `notes` are what a script makes of a talk with them: its result and its headers.
    """

    name: str
    attempts: tuple[Disposition | Shares, ...] = (Disposition.ANSWERED,)
    texts: tuple[TextEnd | TextShares, ...] = ()
    ring: Span = RINGING
    talk: Span = seconds(20, 60)
    presses: tuple[str, ...] = ()
    says: str = ""
    code: str = ""
    calls_in: Span | None = seconds(10, 40)
    conclusion: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Return what equal personas have in common; notes have no hash."""
        return hash((self.name, self.attempts, self.texts))

    def disposition(self, random: KeyedRandom, attempt: int, *subject: object) -> Disposition:
        """Return how attempt number `attempt`, counted from 1, of the call `subject` ends."""
        entry = self.attempts[min(attempt, len(self.attempts)) - 1]
        if isinstance(entry, Disposition):
            return entry
        return random.choose(entry, "disposition", *subject, attempt)

    def text_end(self, random: KeyedRandom, nth: int, *subject: object) -> TextEnd | None:
        """Return how message number `nth`, counted from 1, to `subject` ends; None where calls tell."""
        if not self.texts:
            return None
        entry = self.texts[min(nth, len(self.texts)) - 1]
        if isinstance(entry, TextEnd):
            return entry
        return random.choose(entry, "text", *subject, nth)

    def conduct(self, random: KeyedRandom, *subject: object) -> Conduct:
        """Return what this persona does on the line in the attempt `subject`."""
        talk = random.within(self.talk, "talk", *subject)
        return Conduct(
            patience=talk,
            presses=self.presses,
            says=self.says,
            code=self.code,
            conclusion=self.conclusion,
            notes=self.notes,
        )


class Person(Struct):
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

    def disposition(self, random: KeyedRandom, attempt: int, *subject: object) -> Disposition:
        """Return how an attempt to reach them ends: as a tester wants it, else as their persona has it."""
        return self.take_disposition() or self.persona.disposition(random, attempt, *subject)


class NumberBlock(Struct, frozen=True):
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


def _always(disposition: Disposition, **conduct: object) -> Persona:
    return Persona(name=f"always {disposition}", attempts=(disposition,), **conduct)  # type: ignore[arg-type]


def _after(first: Disposition, times: int) -> Persona:
    return Persona(
        name=f"{first} x{times}, then answered", attempts=(first,) * times + (Disposition.ANSWERED,)
    )


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
"""Outcome code -> persona, the same in every block: the two digits after the stem choose what happens.

Dispositions are only ever appended, so that codes keep their meaning.
"""


def magic_persona(number: E164, blocks: Sequence[MagicBlock] = DEFAULT) -> Persona | None:
    """Return the persona behind a number of one of `blocks`, or None."""
    for block in blocks:
        if (code := block.code_of(number)) is not None:
            return MAGIC_PERSONAS.get(code)
    return None


def magic_catalogue(blocks: Sequence[MagicBlock] = DEFAULT) -> list[dict[str, str]]:
    """Return every outcome code as `{code, numbers, persona}`, with its numbers in the first of `blocks`."""
    return [
        {
            "code": f"{code:02}",
            "numbers": blocks[0].numbers(code) if blocks else "",
            "persona": persona.name + _aside(persona),
        }
        for code, persona in sorted(MAGIC_PERSONAS.items())
    ]


def first_outcomes() -> Iterator[tuple[int, Disposition]]:
    """Yield each outcome code with how the first attempt ends; magic personas draw nothing."""
    for code, persona in sorted(MAGIC_PERSONAS.items()):
        entry = persona.attempts[0]
        if isinstance(entry, Disposition):
            yield code, entry


def _aside(persona: Persona) -> str:
    entry = persona.attempts[-1]
    if not isinstance(entry, Disposition) or entry not in PICKED_UP:
        return ""
    pressed = f", presses {persona.presses[0]}" if persona.presses and not persona.says else ""
    speech = f", says {persona.says}" if persona.says else ""
    code = {"": "", "none": ", keys no code in"}.get(persona.code, f", keys a {persona.code} code in")
    silent = ", never calls in" if persona.calls_in is None else ""
    long = f", rings {write_length(persona.ring.high)}, talks {write_length(persona.talk.high)}"
    return pressed + speech + code + silent + (long if persona.ring != RINGING else "")


class People(Struct, kw_only=True):
    """Everybody who can be called: listed people first, then blocks, magic numbers, residents, strangers.

    `magic` are the blocks of numbers whose digits say what happens; `residents` come with what a vendor sets
    up.
    """

    strangers: Persona
    listed: dict[E164, Person] = field(default_factory=dict)
    blocks: list[NumberBlock] = field(default_factory=list)
    magic: Sequence[MagicBlock] = DEFAULT
    residents: dict[E164, Persona] = field(default_factory=dict)
    _stems: tuple[str, ...] = ()

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
