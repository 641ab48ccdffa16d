"""The phrases of a scenario, read where they stand: the types of its words tell which is which."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from simulator.scenario import act_phrases, microsyntax
from simulator.scenario.phrase import Phrase
from simulator.scenario.schema import Scenario
from simulator.scenario.words import Words

PHRASES: dict[str, Phrase[object]] = {
    f"simulator-{name.lower().replace('_', '-')}": phrase
    for name, phrase in {**vars(microsyntax), **vars(act_phrases)}.items()
    if isinstance(phrase, Phrase)
}
"""JSON Schema format -> the phrase it names."""


def values_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return the checked content of a scenario file with every phrase as the value it stands for.

    The schema would tell the same, but takes 7 ms to make, which a start without a file of its own can save.
    """
    values: dict[str, Any] = _values(content, Scenario)
    return values


def _values(content: Any, kind: Any) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if phrase := _phrase_of(parts[1:]):
            content = _whole(content)
            return phrase.read(content) if type(content) in (str, int) else content
        return _values(content, parts[0])
    if origin in (Union, UnionType):
        for choice in parts:
            content = _values(content, choice)  # which changes nothing of another kind
    elif isinstance(content, list) and origin is tuple:
        return [_values(entry, parts[0]) for entry in content]
    elif isinstance(content, dict) and origin is dict:
        return {key: _values(entry, parts[1]) for key, entry in content.items()}
    elif isinstance(content, dict) and isinstance(kind, type) and issubclass(kind, Words):
        kinds = _kinds_of(kind)
        return {word: _values(entry, kinds.get(word)) for word, entry in content.items()}
    return _whole(content) if kind is int or origin is Literal else content


def _whole(content: Any) -> Any:
    """Return a whole number as one: JSON Schema takes 7.0 and 1e3 for such, and so lets them pass."""
    return int(content) if isinstance(content, float) and content.is_integer() else content


def _phrase_of(annotations: tuple[Any, ...]) -> Phrase[object] | None:
    names = [(annotation.extra_json_schema or {}).get("x-phrase") for annotation in annotations]
    return next((PHRASES[name] for name in names if name), None)


@cache
def _kinds_of(kind: type[Words]) -> dict[str, Any]:
    """Return the type of each word of a map, by the word as a scenario has it."""
    hints = get_type_hints(kind, include_extras=True)
    words = zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
    return {word: hints[name] for word, name in words}
