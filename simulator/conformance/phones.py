"""Which names of a contract hold telephone numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from simulator.conformance.contract import load_contract
from simulator.conformance.document import lookup
from simulator.errors import UnknownName

Json = Any


@cache
def phone_names(vendor: str) -> frozenset[str]:
    """Return the names of parameters and properties that are marked as numbers; none without a contract."""
    try:
        document = load_contract(vendor).document
    except UnknownName:
        return frozenset()
    return frozenset(name for name, schema in _named(document) if _is_phone(document, schema))


def _named(node: Json) -> Iterator[tuple[str, Json]]:
    """Yield each parameter and property with its schema."""
    if isinstance(node, list):
        for entry in node:
            yield from _named(entry)
    elif isinstance(node, dict):
        if isinstance(name := node.get("name"), str) and "in" in node:
            yield name, node.get("schema")
        properties = node.get("properties")
        yield from (properties.items() if isinstance(properties, dict) else ())
        for entry in node.values():
            yield from _named(entry)


def _is_phone(document: Json, schema: Json) -> bool:
    """Tell whether a schema is marked, or its items are."""
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return _is_phone(document, lookup(document, schema["$ref"]))
    forms = [schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return bool(schema.get("x-phone")) or any(_is_phone(document, form) for form in forms)
