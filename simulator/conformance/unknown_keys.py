"""Keys of a JSON body that its schema does not have, and does not refuse either: nobody reads them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape
from simulator.conformance.references import follow, lookup
from simulator.conformance.violations import plain
from simulator.exchange import Violation

Json = Any
Place = tuple[Json, str, Json, str]
"""A value with its JSON pointer, and the schema that describes it with its own."""

MAX_FINDINGS = 20
CHOICES = ("allOf", "anyOf", "oneOf")
OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties", *CHOICES)


def find_unknown_keys(contract: Contract, pointer: str, value: Json) -> list[Violation]:
    """Return each key that the schema at `pointer` neither names nor speaks of; linear in the value."""
    if pointer not in contract.open_bodies:
        contract.open_bodies[pointer] = _is_open(contract, pointer)
    if not contract.open_bodies[pointer]:
        return []
    schema = lookup(contract.document, pointer)
    return list(islice(_walk(contract, (value, "", schema, pointer)), MAX_FINDINGS))


def _is_open(contract: Contract, pointer: str) -> bool:
    """Return whether any object that the schema describes leaves unsaid what other keys it may have."""
    seen: set[str] = set()
    waiting = [(lookup(contract.document, pointer), pointer)]
    while waiting:
        schema, source = follow(contract.document, *waiting.pop())
        if source in seen or not isinstance(schema, dict):
            continue
        seen.add(source)
        if schema.get("properties") and not any(word in schema for word in OPEN):
            return True
        parts = schema.get("properties", {}).items()
        waiting += [(part, f"{source}/properties/{escape(name)}") for name, part in parts]
        waiting += [(schema["items"], f"{source}/items")] if isinstance(schema.get("items"), dict) else []
    return False


def _walk(contract: Contract, place: Place) -> Iterator[Violation]:
    waiting = [place]
    while waiting:
        value, at, written, pointer = waiting.pop()
        schema, source = follow(contract.document, written, pointer)
        if not isinstance(schema, dict):
            continue
        if isinstance(value, dict):
            yield from _judge(contract, value, at, schema, source)
        waiting += reversed(list(_inner(value, at, schema, source)))


def _judge(contract: Contract, value: Json, at: str, schema: Json, source: str) -> Iterator[Violation]:
    known = schema.get("properties", {})
    if not known or any(word in schema for word in OPEN):
        return
    for name in value:
        if name not in known:
            close = get_close_matches(name[:60], known, 1)
            fix = f"did you mean `{close[0]}`?" if close else "leave it out: nobody reads it"
            yield Violation(
                code="unknown-key",
                where=f"{at}/{escape(plain(name))}",
                asked="only keys of the document",
                arrived="a key it does not have",
                fix=fix,
                source=contract.source + source,
                provenance="inferred",
            )


def _inner(value: Json, at: str, schema: Json, source: str) -> Iterator[Place]:
    """Yield what the schema describes inside a value; what stands in choices is left to the validator."""
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield value[name], f"{at}/{escape(name)}", part, f"{source}/properties/{escape(name)}"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for place, item in enumerate(value):
            yield item, f"{at}/{place}", schema["items"], f"{source}/items"
