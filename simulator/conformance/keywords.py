"""What a schema's keyword asks for, in words, how sure it is, and where the document says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance.document import escape, lookup
from simulator.conformance.names import advise, find_look_alikes
from simulator.conformance.schemas import BASE
from simulator.errors import BrokenContract

Json = Any

MARKS = ("documented", "observed", "inferred")
"""How sure a document is, the surest first."""

MARKED = frozenset({
    "pattern", "enum", "const", "format", "multipleOf", "uniqueItems", "additionalProperties",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties",
})  # fmt: skip
"""Keywords that narrow a value, each of which has a mark of its own under `x-provenance-of`."""

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_FORMATS = {
    "date-time": "an instant such as 2024-04-24T17:42:28Z",
    "date": "a day such as 2024-04-24",
    "uri": "a whole address such as https://example.com/path",
    "email": "an e-mail address",
    "uuid": "a UUID",
    "binary": "a file",
}
_PHRASES = {
    "required": "`{property}` is required",
    "additionalProperties": "only keys that the document has",
    "multipleOf": "a multiple of {multiple_of}",
    "uniqueItems": "each item once",
    "anyOf": "one of the forms of the document",
    "oneOf": "one of the forms of the document",
}
_UNITS = {"Length": " characters", "Items": " items", "Properties": " keys"}
_MOST_SHOWN = 300


def schema_of(document: Json, error: SchemaRefused) -> dict[str, Json]:
    """Return the schema that holds the refusing keyword; empty where it was made, not read."""
    pointer = unquote((error.absolute_keyword_location or "").removeprefix(BASE))
    try:
        node = lookup(document, pointer.rpartition("/")[0]) if pointer.startswith("#/") else {}
    except BrokenContract:
        return {}
    return node if isinstance(node, dict) else {}


def leaf_of(error: SchemaRefused) -> SchemaRefused:
    """Return the refusal that explains a choice of forms best: the deepest one that is not about the type."""
    if error.kind.name not in ("anyOf", "oneOf"):
        return error
    branches = error.kind.as_dict().get("context") or ()
    leaves = [leaf_of(part) for branch in branches for part in branch]
    apart = [leaf for leaf in leaves if leaf.kind.name != "type"] or leaves
    if len(apart) > 1 and apart is leaves:
        return error
    return max(apart, key=lambda leaf: len(leaf.instance_path), default=error)


def mark_of(document: Json, error: SchemaRefused, mark: str) -> str:
    """Return how sure the document is of the refusing keyword, and at most as sure as of what it belongs to.

    A keyword that narrows a value is inferred where nothing marks it; others are marked by the nearest
    `x-provenance` around them, else by `mark`.
    """
    if error.kind.name in MARKED:
        own = schema_of(document, error).get("x-provenance-of", {})
        default = document.get("x-provenance-of", {}).get(error.kind.name, "inferred")
        return weakest(mark, own.get(error.kind.name, default))
    return weakest(mark, _mark_around(document, error) or mark)


def weakest(*marks: str) -> str:
    """Return the least sure of some marks."""
    return max(marks, key=MARKS.index)


def _mark_around(document: Json, error: SchemaRefused) -> str | None:
    pointer = unquote((error.absolute_keyword_location or "").removeprefix(BASE))
    node, mark = document, None
    for step in pointer.split("/")[1:-1] if pointer.startswith("#/components/schemas/") else ():
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
        mark = node.get("x-provenance", mark) if isinstance(node, dict) else mark
    return mark if isinstance(mark, str) else None


def look_alike_in(error: SchemaRefused) -> str | None:
    """Name the foreign letters of a value that only looks like one that the keyword allows, or None."""
    kind = error.kind.as_dict()
    options = kind.get("options", kind.get("expected_value"))
    return find_look_alikes(error.instance, options if isinstance(options, list) else [options])


def list_values(values: Sequence[Json]) -> str:
    """Return allowed values in words: the only one, or `one of` several."""
    listed = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    return listed if len(values) == 1 else f"one of {listed}"


def asked_by(error: SchemaRefused, schema: dict[str, Json]) -> str:
    """Return what the refusing keyword asks, in the words of the schema that holds it, such as `1..50`."""
    name, kind = error.kind.name, error.kind.as_dict()
    if name == "pattern":
        asked = str(schema.get("description") or f"text that matches {kind['pattern']}")
    elif name == "type":
        asked = " or ".join(_TYPES.get(kind_name, kind_name) for kind_name in _types(kind["types"]))
    elif name == "enum":
        asked = list_values(kind["options"])
    elif name == "const":
        asked = list_values([kind["expected_value"]])
    elif name == "format":
        asked = _FORMATS.get(str(kind["format"]), f"a {kind['format']}")
    elif name.startswith(("min", "max", "exclusiveM")):
        asked = _range(name, schema, kind.get("limit"))
    elif name in ("anyOf", "oneOf") and (parts := [leaf for leaf in _leaves(error) if leaf is not error]):
        asked = " or ".join(dict.fromkeys(asked_by(part, {}) for part in parts))
    else:
        asked = _PHRASES.get(name, f"what `{name}` says").format_map(kind)
    return asked if len(asked) <= _MOST_SHOWN else f"{asked[:_MOST_SHOWN]}..."


def fix_by(error: SchemaRefused, schema: dict[str, Json], sample: str | None = None) -> str:
    """Return what to send instead; `sample` is a value that keeps the contract, as it is written.

    A schema whose form is hard to guess tells by `x-fix` what keeps it.
    """
    if look_alike := look_alike_in(error):
        return look_alike
    name, asked = error.kind.name, asked_by(error, schema)
    if name == "pattern" and (advice := schema.get("x-fix")):
        return str(advice)
    like = f" like {sample}" if sample else ""
    if name == "enum" and isinstance(error.instance, str):
        options = [option for option in error.kind.as_dict()["options"] if isinstance(option, str)]
        return advise(error.instance, options) or f"send {asked}"
    if name == "pattern" and schema.get("description"):
        return f"send it{like or ' in that form'}"
    if name == "type":
        return f"send {asked}{_quotes(error)}"
    return f"send {asked}" if name in MARKED or name == "required" else f"send it{like or ' as asked'}"


def _quotes(error: SchemaRefused) -> str:
    """Return a word on the quotes where the value would do and only they are wrong."""
    types, value = _types(error.kind.as_dict()["types"]), error.instance
    if isinstance(value, str) and {"integer", "number", "boolean"} & set(types):
        return ", without quotes"
    if not isinstance(value, str) and types == ["string"]:
        return ", in quotes"
    return ", also for a single value" if types == ["array"] and not isinstance(value, dict) else ""


def _leaves(error: SchemaRefused) -> list[SchemaRefused]:
    branches = error.kind.as_dict().get("context") or ()
    return [leaf_of(part) for branch in branches for part in branch]


def _range(name: str, schema: dict[str, Json], limit: Json) -> str:
    if name.startswith("exclusive"):
        return f"{'more' if name.endswith('Minimum') else 'less'} than {limit}"
    kind = name[len("min") :]
    low, high = schema.get(f"min{kind}"), schema.get(f"max{kind}")
    if low is None and high is None:
        low, high = (limit, None) if name.startswith("min") else (None, limit)
    return write_range(low, high, _UNITS.get(kind, ""))


def write_range(low: Json, high: Json, unit: str) -> str:
    """Return two bounds in words, such as `1..50 items`; None, of one of them, is none."""
    if low is None or high is None:
        return f"at least {low}{unit}" if high is None else f"at most {high}{unit}"
    return f"{low}{unit}" if low == high else f"{low}..{high}{unit}"


def _types(value: Json) -> list[str]:
    """Return the types that a schema takes; null only where that is all, for whoever sends means a value."""
    types = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    return [name for name in types if name != "null"] or types


def pointer_of(error: SchemaRefused) -> str:
    """Return the JSON pointer of the refused value; empty for the whole body."""
    return "".join(f"/{escape(str(step))}" for step in error.instance_path)


def source_of(source: str, error: SchemaRefused) -> str:
    """Return where the refusing keyword stands: the document's name and a pointer into it."""
    return source + unquote((error.absolute_keyword_location or "").removeprefix(BASE))
