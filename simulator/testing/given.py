"""The scenario that a test gives: by name, by file, as YAML text, as a map, or loaded already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

from simulator.engine.known_names import everything_known
from simulator.errors import SimulatorError
from simulator.scenario.building import world_remarks
from simulator.scenario.document import Remark, merged
from simulator.scenario.loading import load_scenario, load_text, with_words
from simulator.scenario.microsyntax import LENGTH, PACE
from simulator.scenario.phrase import Phrase, PhraseError
from simulator.scenario.schema import Scenario
from simulator.telephony.clock import write_length

Value = TypeVar("Value")
GivenScenario = str | Path | Mapping[str, object] | Scenario
INLINE = "scenario given in Python"


def load_given(
    given: GivenScenario, clock: str | None = None, seed: int | None = None, pause: str | None = None
) -> Scenario:
    """Return a scenario with the clock and the seed that a test asks for; raises SimulatorError.

    A map may leave out `sim`; its lengths may be timedeltas, its moments dates, its money Decimals. Text that
    is more than a name or a path is YAML.
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
    scenario = _load(given)
    return with_words(scenario, words) if words else scenario


def read_phrase(phrase: Phrase[Value], text: str, what: str, remedy: str = "") -> Value:
    """Return the value of a phrase; raises SimulatorError, which says what it is that cannot be read."""
    try:
        return phrase.read(text)
    except PhraseError as error:
        raise SimulatorError(f"{what}: {error}", remedy) from None


def _load(given: object) -> Scenario:
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        text = yaml.safe_dump({"sim": 1, **_plain(given)}, sort_keys=False, allow_unicode=True)
        return load_text(text.encode(), INLINE, _remarks, Path())
    if isinstance(given, str) and ("\n" in given or given.lstrip().startswith(("{", "sim:"))):
        return load_text(given.encode(), INLINE, _remarks, Path())
    if not isinstance(given, str | Path):
        what = f"{type(given).__name__} is no scenario"
        raise SimulatorError(what, "give a name, a path, a text of YAML, or a map of its words")
    return load_scenario(given, _remarks)


def _remarks(scenario: Scenario) -> list[Remark]:
    known = everything_known()
    return list(world_remarks(scenario, {name: known.operator(name) for name in known.vendors}, known))


def _plain(value: Any) -> Any:
    """Return a value as a scenario file has it."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, timedelta):
        return write_length(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value


def listed(words: Sequence[str]) -> Sequence[str]:
    """Return several words, where one may be given by itself."""
    return (words,) if isinstance(words, str) else words


def text_of(given: object, what: str, such_as: str) -> str:
    """Return what is given as it is; raises SimulatorError where that is no text."""
    if not isinstance(given, str):
        raise SimulatorError(f"{what}: {given!r} is no text", f"give text, such as {such_as!r}")
    return given
