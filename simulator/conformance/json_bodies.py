"""What is wrong with a JSON body: what its schema refuses, and keys that nobody reads, each in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator
from jsonschema_rs import ValidationError as SchemaRefused
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape, follow, lookup
from simulator.conformance.examples import sample_of
from simulator.conformance.keywords import RefusedValue, leaf_of
from simulator.conformance.names import advise
from simulator.conformance.operations import Variant
from simulator.conformance.parameters import MAX_FINDINGS, one_a_value, pair_names, tell_pair
from simulator.conformance.violations import breach, plain, show
from simulator.exchange import Violation

Json = Any

FEW_ITEMS = 1_000


def explain_json(contract: Contract, variant: Variant, pointer: str, value: Json) -> list[Violation]:
    """Return the breaches of a JSON body; each unknown name is one, and pairs with a missing one it fits."""
    breaches: list[Violation] = []
    objects: dict[str, list[RefusedValue]] = {}
    for error in one_a_value(_first_refused(contract.schemas.at(pointer), value)):
        refused = RefusedValue(contract, leaf_of(error))
        if refused.name in ("required", "additionalProperties"):
            objects.setdefault(refused.at, []).append(refused)
        else:
            breaches.append(_explain_value(contract, variant, refused))
    for names in objects.values():
        breaches += _explain_object(contract, variant, names)
    return breaches[:MAX_FINDINGS]


def _first_refused(schema: Draft202012Validator, value: Json) -> list[SchemaRefused]:
    """Return the first breaches; of a long list its beginning is judged first, since all come at once."""
    size = FEW_ITEMS
    while isinstance(value, list) and size < len(value):
        if errors := list(islice(schema.iter_errors(value[:size]), MAX_FINDINGS)):
            return errors
        size *= 10
    return list(islice(schema.iter_errors(value), MAX_FINDINGS))


def _explain_value(contract: Contract, variant: Variant, refused: RefusedValue) -> Violation:
    sample = sample_of(contract, variant, tuple(refused.error.instance_path))
    return breach(
        "bad-body",
        refused.place(variant.body_provenance),
        name=refused.at or "/",
        asked=refused.asked,
        sent=show(refused.value),
        fix=refused.fix(None if sample is None else json.dumps(sample, ensure_ascii=False)),
        rule=refused.name,
    )


def _explain_object(
    contract: Contract, variant: Variant, refusals: list[RefusedValue]
) -> Iterator[Violation]:
    """Yield what is wrong with the names of one object."""
    first = refusals[0]
    at, value, schema = first.at, first.value, first.schema
    properties = schema.get("properties", {})
    missing = {str(one.kind["property"]): one for one in refusals if one.name == "required"}
    unknown = {
        name: one
        for one in refusals
        if one.name == "additionalProperties"
        for name in one.kind["unexpected"][:MAX_FINDINGS]
    }
    sources = {name: f"{first.holder}/properties/{escape(name)}" for name in properties}
    pairs = pair_names(contract, list(missing), {name: value[name] for name in unknown}, sources)
    for name, refused in missing.items():
        words = {"asked": f"`{name}` is required", "sent": "nothing", "fix": f"send `{name}`"}
        words |= tell_pair(name, pairs.get(name))
        place = refused.place(variant.body_provenance)
        yield breach("bad-body", place, name=f"{at}/{escape(name)}", rule="required", **words)
    known = [name for name in properties if name not in value]
    for name, refused in unknown.items():
        if name not in pairs.values():
            meant = _other_depth(contract, sources, name, value[name]) or advise(name, known)
            words = {"asked": refused.asked, "sent": "a name it does not have", "rule": "name"}
            words["fix"] = meant or f"leave `{plain(name)}` out"
            place = refused.place(variant.body_provenance)
            unread = breach("bad-body", place, name=f"{at}/{escape(plain(name))}", **words)
            is_mistake = meant is not None or "x-further-keys" not in schema
            yield unread if is_mistake else replace(unread, severity=schema["x-further-keys"])


def _other_depth(contract: Contract, sources: dict[str, str], name: str, value: Json) -> str | None:
    """Return what to do with a key that is right one step further in, or around right ones; None for others.

    `sources` are the pointers of what is known where the key stands.
    """
    if isinstance(value, dict) and value and value.keys() <= sources.keys():
        return f"put what `{plain(name)}` holds in its place"
    for outer, pointer in sources.items():
        inner = follow(contract.document, lookup(contract.document, pointer), pointer)[0]
        if name in inner.get("properties", {}):
            return f"put `{name}` into `{outer}`"
    return None


# -- keys that nobody reads -----------------------------------------------------------------------------

Described = tuple[Json, str, Json, str]
"""A value with its JSON pointer, and the schema that describes it with its own."""

CHOICES = ("allOf", "anyOf", "oneOf")
OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties", *CHOICES)


def find_unknown_keys(contract: Contract, pointer: str, value: Json) -> list[Violation]:
    """Return each key that the schema at `pointer` neither names nor speaks of; linear in the value."""
    if pointer not in contract.open_bodies:
        contract.open_bodies[pointer] = _is_open(contract, pointer)
    if not contract.open_bodies[pointer]:
        return []
    schema = lookup(contract.document, pointer)
    return list(islice(_walk_keys(contract, (value, "", schema, pointer)), MAX_FINDINGS))


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


def _walk_keys(contract: Contract, described: Described) -> Iterator[Violation]:
    waiting = [described]
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


def _inner(value: Json, at: str, schema: Json, source: str) -> Iterator[Described]:
    """Yield what the schema describes inside a value; what stands in choices is left to the validator."""
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield value[name], f"{at}/{escape(name)}", part, f"{source}/properties/{escape(name)}"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for place, item in enumerate(value):
            yield item, f"{at}/{place}", schema["items"], f"{source}/items"
