"""What a schema's keyword asks for, in words, and where the document says so."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance.document import escape
from simulator.conformance.look_alikes import find_look_alikes
from simulator.conformance.schemas import BASE

Json = Any

_PHRASES = {
    "type": "{types}",
    "pattern": "text that matches {pattern}",
    "enum": "one of {options}",
    "const": "{expected_value}",
    "required": "`{property}` is required",
    "additionalProperties": "no other key than the document's, yet {unexpected} came",
    "minimum": "at least {limit}",
    "maximum": "at most {limit}",
    "minLength": "at least {limit} characters",
    "maxLength": "at most {limit} characters",
    "minItems": "at least {limit} items",
    "maxItems": "at most {limit} items",
    "format": "a {format}",
    "anyOf": "one of the forms of the document",
    "oneOf": "one of the forms of the document",
}


def look_alike_in(error: SchemaRefused) -> str | None:
    """Name the foreign letters of a value that only looks like one that the keyword allows, or None."""
    kind = error.kind.as_dict()
    options = kind.get("options", kind.get("expected_value"))
    return find_look_alikes(error.instance, options if isinstance(options, list) else [options])


def asked_by(error: SchemaRefused) -> str:
    """Return what the refusing keyword asks, such as `at most 200 items`."""
    phrase = _PHRASES.get(error.kind.name, f"what `{error.kind.name}` says")
    words = {name: _word(value) for name, value in error.kind.as_dict().items()}
    return phrase.format_map({"types": "", **words})[:300]


def _word(value: Json) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def pointer_of(error: SchemaRefused) -> str:
    """Return the JSON pointer of the refused value; empty for the whole body."""
    return "".join(f"/{escape(str(step))}" for step in error.instance_path)


def source_of(source: str, error: SchemaRefused) -> str:
    """Return where the refusing keyword stands: the document's name and a pointer into it."""
    return source + unquote((error.absolute_keyword_location or "").removeprefix(BASE))
