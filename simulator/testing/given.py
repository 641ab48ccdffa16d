"""The scenario that a test gives, with the clock and the seed that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from simulator.engine.known_names import everything_known
from simulator.errors import SimulatorError
from simulator.scenario.building import world_remarks
from simulator.scenario.document import Remark, merged
from simulator.scenario.loading import GivenScenario, load_inline, with_words
from simulator.scenario.microsyntax import LENGTH, PACE
from simulator.scenario.phrase import Phrase, PhraseError
from simulator.scenario.schema import Scenario

Value = TypeVar("Value")


def load_given(
    given: GivenScenario, clock: str | None = None, seed: int | None = None, pause: str | None = None
) -> Scenario:
    """Return a scenario with the clock and the seed that a test asks for; raises SimulatorError.

    See `load_inline` for what may be given.
    """
    options: dict[str, tuple[Phrase[Any], str, str | None]] = {
        "clock": (PACE, "mode", clock),
        "pause": (LENGTH, "pause", pause),
    }
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise SimulatorError(f"seed: {seed!r} is not a whole number", "write it without quotes")
    words: dict[str, object] = {} if seed is None else {"seed": seed}
    for option, (phrase, word, text) in options.items():
        if text is not None:
            read_phrase(phrase, text, option)
            words = merged(words, {"clock": {word: text}})
    scenario = load_inline(given, _remarks)
    return with_words(scenario, words) if words else scenario


def read_phrase(phrase: Phrase[Value], text: str, what: str, remedy: str = "") -> Value:
    """Return the value of a phrase; raises SimulatorError, which says what it is that cannot be read."""
    try:
        return phrase.read(text)
    except PhraseError as error:
        raise SimulatorError(f"{what}: {error}", remedy) from None


def _remarks(scenario: Scenario) -> list[Remark]:
    known = everything_known()
    return list(world_remarks(scenario, {name: known.operator(name) for name in known.vendors}, known))


def listed(words: Sequence[str]) -> Sequence[str]:
    """Return several words, where one may be given by itself."""
    return (words,) if isinstance(words, str) else words


def text_of(given: object, what: str, such_as: str) -> str:
    """Return what is given as it is; raises SimulatorError where that is no text."""
    if not isinstance(given, str):
        raise SimulatorError(f"{what}: {given!r} is no text", f"give text, such as {such_as!r}")
    return given
