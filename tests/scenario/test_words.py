"""Phrases are read where the types of words say that one stands, which is where the schema says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from simulator.scenario.files import list_scenarios
from simulator.scenario.json_schema import schema_document
from simulator.scenario.loading import load_scenario, read_phrases
from simulator.scenario.schema import Scenario
from simulator.scenario.words import PHRASES, Words

MAPS = {kind.__name__: kind for kind in Words.__subclasses__()}
SHAPES: dict[str, Any] = schema_document()["$defs"]


def phrases_in(kind: Any) -> Iterator[str]:
    """Yield the phrases of a type: of a map's values and not of its keys, which stay as they are written."""
    parts = get_args(kind)
    if get_origin(kind) is Annotated:
        named = [(part.extra_json_schema or {}).get("x-phrase") for part in parts[1:]]
        yield from filter(None, named) if any(named) else phrases_in(parts[0])
    else:
        for part in parts[1:] if get_origin(kind) is dict else parts:
            yield from phrases_in(part)


def formats_in(shape: dict[str, Any]) -> Iterator[str]:
    """Yield the phrases of a part of the schema, likewise."""
    if shape.get("format") in PHRASES:
        yield shape["format"]
    for part in (*shape.get("anyOf", ()), shape.get("items"), shape.get("additionalProperties")):
        yield from formats_in(part) if isinstance(part, dict) else ()


@pytest.mark.parametrize("name", sorted(MAPS))
def test_types_and_schema_name_the_same_phrases(name: str) -> None:
    kind, hints = MAPS[name], get_type_hints(MAPS[name], include_extras=True)
    words = zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
    properties = SHAPES[name]["properties"]

    assert {word: {*phrases_in(hints[field])} for word, field in words if word in properties} == {
        word: {*formats_in(shape)} for word, shape in properties.items()
    }


def read_by_schema(content: Any, shape: dict[str, Any]) -> Any:
    """Return content with the phrases read that the schema names."""
    shape = SHAPES[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    for choice in shape.get("anyOf", ()):
        content = read_by_schema(content, choice)
    if isinstance(content, dict):
        words, other = shape.get("properties", {}), shape.get("additionalProperties") or {}
        return {word: read_by_schema(entry, words.get(word, other)) for word, entry in content.items()}
    if isinstance(content, list):
        return [read_by_schema(entry, shape.get("items", {})) for entry in content]
    is_read = shape.get("format") in PHRASES and type(content) in (str, int)
    return PHRASES[shape["format"]].read(content) if is_read else content


@pytest.mark.parametrize("name", list_scenarios())
def test_types_and_schema_read_a_scenario_alike(name: str) -> None:
    content = load_scenario(name).document.value

    assert read_phrases(content, Scenario) == read_by_schema(content, SHAPES["Scenario"])
