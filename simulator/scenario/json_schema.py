"""The JSON Schema of scenario files: for editors, and for checking."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import msgspec

from simulator.scenario.schema import Scenario
from simulator.scenario.words import PHRASES, Words

NOTHING: Mapping[str, Any] = MappingProxyType({})
SCHEMA_ID = "urn:vendor-simulator:scenario:1"
MOST_COUNTED = 999_999_999
"""As many digits as a count has in a phrase."""

SET_BY_LOADING = ("id", "document")
KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a map",
    "array": "a list",
    "null": "nothing",
}
"""What a type of JSON Schema is called."""


def schema_document(
    settings: Mapping[str, Any] = NOTHING, parts: Mapping[str, Any] = NOTHING
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file, with a title and a description for every word.

    Vendors' own settings may be anything, but for those whose schema `settings` holds by the vendor's name;
    these may refer to `parts`.
    """
    exported = _tidy(msgspec.json.schema(Scenario, schema_hook=lambda _kind: {"type": "string"}))
    maps = {kind.__name__: kind for kind in Words.__subclasses__()}
    shapes = {name: shape for name, shape in exported["$defs"].items() if name in maps or "enum" in shape}
    for name, shape in shapes.items():
        shape["title"] = name.removesuffix("Words")
        defaults = _defaults(maps[name]) if name in maps else {}
        for word in SET_BY_LOADING:
            shape.get("properties", {}).pop(word, None)
        for word, entry in shape.get("properties", {}).items():
            if defaults[word] is not None:
                entry.setdefault("default", defaults[word])
            entry.setdefault("title", word)
    for owner, word in (("AccountWords", "profile"), ("Scenario", "profiles")) if settings else ():
        shapes[owner]["properties"][word]["properties"] = dict(settings)
    for name, shape in parts.items():
        shapes[name] = shape | {"title": name}
        for word, entry in shape.get("properties", {}).items():
            entry.setdefault("title", word)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Scenario of the vendor simulator",
        **exported,
        "$defs": shapes,
    }


@cache
def plain_schema() -> dict[str, Any]:
    """Return the schema in which vendors' settings may be anything, made once; nobody may change it."""
    return schema_document()


def _defaults(kind: type[Words]) -> dict[str, Any]:
    """Return the default of every word of a map, as a scenario writes it; None where there is none."""
    return {known.encode_name: _default(known) for known in msgspec.structs.fields(kind)}


def _default(known: msgspec.structs.FieldInfo) -> Any:
    match known.default_factory:
        case partial(args=(text,)):
            return text
        case type() as kind:
            return _defaults(kind) if issubclass(kind, Words) else kind()
    return None if known.default is msgspec.NODEFAULT else known.default


def _tidy(shape: Any) -> Any:
    """Say simply what msgspec says safely: no `or null`, one list of plain types, no empty defaults."""
    if isinstance(shape, list | tuple):
        return [_tidy(entry) for entry in shape]
    if not isinstance(shape, dict):
        return shape
    if phrase := shape.get("x-phrase"):
        return _phrase(phrase, shape)
    tidied = {key: _tidy(value) for key, value in shape.items() if (key, value) != ("default", None)}
    if tidied.get("format") == "decimal":
        del tidied["format"]
        tidied["type"] = "number"
    choices = [choice for choice in tidied.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **tidied}
    if choices and all(choice.keys() == {"type"} for choice in choices):
        return {**tidied, "type": [choice["type"] for choice in choices]}
    return {**tidied, "anyOf": choices} if choices else tidied


def _phrase(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a phrase: text (a count may be a number), however msgspec describes its value."""
    more: dict[str, Any] = {"description": shape["description"]} if "description" in shape else {}
    if shape.keys() - {"x-phrase", "description"}:  # the name of a property is text anyway
        more |= (
            {"type": ["integer", "string"], "minimum": 0, "maximum": MOST_COUNTED}
            if name in ("simulator-counts", "simulator-quantity")
            else {"type": "string"}
        )
    return {"format": name, "examples": list(PHRASES[name].forms), **more}
