"""The people of a scenario: its personas, the numbers they answer, and everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.scenario import microsyntax as phrases
from simulator.scenario.schema import PersonaWords, PersonWords, Scenario
from simulator.telephony.magic_numbers import DEFAULT, MagicBlock
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import NumberBlock, People, Person, Persona, Shares
from simulator.telephony.phone_numbers import E164

NOBODY = Persona("nobody", (Disposition.INVALID,))
"""Who answers where no stranger was described: the safe choice, since no call gets through."""


def cast_people(scenario: Scenario) -> People:
    """Return everybody who can be called: single numbers, runs of numbers, magic numbers, strangers."""
    personas = {name: cast_persona(name, words) for name, words in scenario.personas.items()}
    strangers = personas[scenario.strangers] if scenario.strangers else NOBODY
    people = People(strangers, magic=magic_blocks(scenario.magic_numbers))
    for words in scenario.people:
        zone = words.zone or scenario.personas[words.persona].zone
        if words.numbers is not None:
            people.blocks.append(_block(words, personas[words.persona], zone))
        elif words.number is not None:
            number = phrases.NUMBER.read(words.number)
            people.listed.setdefault(number, Person(number, personas[words.persona], zone))
    return people


def magic_blocks(words: bool | str | tuple[str, ...]) -> tuple[MagicBlock, ...]:
    """Return the blocks that the words name: countries and patterns, the usual one, or none."""
    if isinstance(words, bool):
        return DEFAULT if words else ()
    named = (words,) if isinstance(words, str) else words
    return tuple(dict.fromkeys(block for word in named for block in phrases.MAGIC.read(word)))


def _block(words: PersonWords, persona: Persona, zone: str | None) -> NumberBlock:
    pattern = phrases.NUMBER_PATTERN.read(words.numbers)
    return NumberBlock(E164(pattern.stem + "0" * pattern.digits), words.count or 1, persona, zone)


def cast_persona(name: str, words: PersonaWords) -> Persona:
    """Return the persona that the words describe; what they leave open stays at its default."""
    told: dict[str, Any] = {
        "ring": words.ring and phrases.SPAN.read(words.ring),
        "talk": words.talk and phrases.SPAN.read(words.talk),
        "presses": tuple(words.press or "") or ((words.says,) if words.says else None),
        "attempts": _attempts(words) or None,
    }
    given = {field: value for field, value in told.items() if value is not None}
    return Persona(name, says=words.says, code=words.pin, conclusion=words.result, notes=words.notes, **given)


def _attempts(words: PersonaWords) -> tuple[Disposition | Shares, ...]:
    if words.attempts is not None:
        return words.attempts
    if words.first is None:
        return ()
    second = words.second or words.first
    return tuple(_shares(entry) for entry in (words.first, second, words.later or second))


def _shares(words: Mapping[Disposition, str]) -> Shares:
    return {outcome: float(phrases.SHARE.read(share)) for outcome, share in words.items()}
