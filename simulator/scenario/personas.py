"""The people of a scenario: its personas, the numbers they answer, and everybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from simulator.scenario.schema import PersonaWords, PersonWords, Scenario
from simulator.scenario.values import Magic
from simulator.telephony.magic_numbers import DEFAULT, MagicBlock
from simulator.telephony.messages import TextEnd
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import NumberBlock, People, Person, Persona
from simulator.telephony.phone_numbers import E164

End = TypeVar("End", Disposition, TextEnd)

NOBODY = Persona(name="nobody", attempts=(Disposition.INVALID,))
"""Who answers where no stranger was described: the safe choice, since no call gets through."""


def cast_people(scenario: Scenario) -> People:
    """Return everybody who can be called: single numbers, runs of numbers, magic numbers, strangers."""
    personas = {name: cast_persona(name, words) for name, words in scenario.personas.items()}
    strangers = personas[scenario.strangers] if scenario.strangers else NOBODY
    people = People(strangers=strangers, magic=magic_blocks(scenario.magic_numbers))
    for words in scenario.people:
        name, persona = played_by(scenario, words)
        home = words.zone or persona.zone
        zone = home.key if home else None
        first, count = run_of(words)
        cast = personas[name] if words.persona else cast_persona(name, persona)
        if words.number is None:
            people.blocks.append(NumberBlock(first, count, cast, zone))
        else:
            people.listed.setdefault(first, Person(first, cast, zone))
    return people


def played_by(scenario: Scenario, words: PersonWords) -> tuple[str, PersonaWords]:
    """Return the persona of an entry of `people`, by name and words; raises KeyError for one there is not.

    Who has `attempts` or `texts` of their own is called by their number.
    """
    if words.persona is not None:
        return words.persona, scenario.personas[words.persona]
    name = str(words.number or words.numbers)
    return name, PersonaWords(attempts=words.attempts, texts=words.texts)


def run_of(words: PersonWords) -> tuple[E164, int]:
    """Return the first number that an entry of `people` describes, and how many there are."""
    if words.numbers is None:
        return words.number or E164(""), 1
    return E164(words.numbers.stem + "0" * words.numbers.digits), words.count or 1


def magic_blocks(words: bool | Magic | tuple[Magic, ...]) -> tuple[MagicBlock, ...]:
    """Return the blocks that the words name: countries and patterns, the usual one, or none."""
    if isinstance(words, bool):
        return DEFAULT if words else ()
    named = (words,) if isinstance(words, Magic) else words
    return tuple(dict.fromkeys(block for magic in named for block in magic.blocks))


def cast_persona(name: str, words: PersonaWords) -> Persona:
    """Return the persona that the words describe; what they leave open stays at its default."""
    described: dict[str, Any] = {
        "ring": words.ring,
        "talk": words.talk,
        "presses": tuple(words.press or "") or ((words.says,) if words.says else None),
        "attempts": _attempts(words) or None,
        "texts": _ends(words.texts or ()) or None,
    }
    given = {field: value for field, value in described.items() if value is not None}
    if words.calls_in is not None:
        given["calls_in"] = words.calls_in.after
    return Persona(
        name=name, says=words.says, code=words.pin or "", conclusion=words.result, notes=words.notes, **given
    )


def _attempts(words: PersonaWords) -> tuple[Disposition | Mapping[Disposition, float], ...]:
    if words.attempts is not None or words.first is None:
        return _ends(words.attempts or ())
    second = words.second or words.first
    return _ends((words.first, second, words.later or second))


def _ends(entries: Sequence[End | Mapping[End, Decimal]]) -> tuple[End | Mapping[End, float], ...]:
    return tuple(
        {end: float(share) for end, share in entry.items()} if isinstance(entry, Mapping) else entry
        for entry in entries
    )
