"""How somebody treats calls: how each attempt ends, how long it rings and is talked, what is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.telephony.ivr import Conduct
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.messages import TextEnd
from simulator.telephony.outcomes import Disposition, Span, seconds

Shares = Mapping[Disposition, float]
TextShares = Mapping[TextEnd, float]


RINGING = seconds(4, 15)
"""How long it rings at somebody of whom nothing else is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
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
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

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
