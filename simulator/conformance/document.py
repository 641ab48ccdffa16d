"""A contract document: plain data from YAML, and references inside it, or a clear refusal.

`$ref` never leaves the document, never circles in place, never multiplies.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import yaml

from simulator.errors import BrokenContract

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_EXPANDED = 100_000

# Keywords that would give a schema another base address, or a meaning that depends on who refers to it.
_REBASING = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef")
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")

Json = Any


class _Loader(yaml.CSafeLoader):
    """Safe loader that refuses a key written twice, which YAML loaders let win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(problem=f"line {line}: merge keys are not used here")
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"line {line}: {key.value!r} stands in line {seen[key.value]} too"
                )
            seen[key.value] = line
        return super().construct_mapping(node, deep)


def read_document(text: bytes, name: str) -> dict[str, Json]:
    """Return the document as JSON values; `name` is how messages call the file.

    Raises BrokenContract for more than 2 MB or 64 levels, aliases, tags, doubled keys and values that
    JSON does not have (an unquoted date, a key that is not a string).
    """
    if len(text) > MAX_BYTES:
        raise BrokenContract(
            f"{name}: larger than {MAX_BYTES // 1024} KB", "split it, or remove what is generated"
        )
    try:
        _refuse_hostile_yaml(text, name)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 (a CSafeLoader, narrowed)
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # newer libraries refuse it before they tell of the first level
            raise BrokenContract(f"{name}: nested deeper than {MAX_DEPTH} levels", "flatten it") from error
        raise BrokenContract(f"{name}: {error}", "mend the YAML at the place named") from error
    if not isinstance(document, dict):
        raise BrokenContract(f"{name}: not an OpenAPI document", "start it with `openapi: 3.1.1`")
    _refuse_foreign_values(document, name, "#")
    return document


def _refuse_hostile_yaml(text: bytes, name: str) -> None:
    """Raise BrokenContract by the event stream: the C loader dies of deep nesting, and aliases multiply."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        where = f"{name}:{event.start_mark.line + 1 if event.start_mark else 0}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BrokenContract(
                f"{where}: anchors and aliases are refused", 'use {$ref: "#/components/..."}'
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BrokenContract(f"{where}: nested deeper than {MAX_DEPTH} levels", "flatten it")


def _refuse_foreign_values(node: Json, name: str, pointer: str) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise BrokenContract(f"{name}{pointer}: the key {key!r} is not a string", "put it in quotes")
            _refuse_foreign_values(value, name, f"{pointer}/{escape(key)}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _refuse_foreign_values(value, name, f"{pointer}/{index}")
    elif not (node is None or isinstance(node, str | int | float)):
        raise BrokenContract(f"{name}{pointer}: {node!r} is not a JSON value", "put it in quotes")


def escape(key: str) -> str:
    """Return `key` as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


# -- references ------------------------------------------------------------------------------------------


def steps_of(pointer: str) -> list[str]:
    """Return the keys and indexes of a JSON pointer, `#/...` or `/...`."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def lookup(document: Json, pointer: str) -> Json:
    """Return what stands at `pointer` (`#/components/...`); raises BrokenContract where nothing does."""
    node = document
    for key in steps_of(pointer):
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise BrokenContract(
                f"nothing stands at {pointer}", "correct the $ref, or add what it names"
            ) from None
    return node


def follow(document: Json, node: Json, pointer: str) -> tuple[Json, str]:
    """Return the node behind any chain of `$ref`, with the pointer where it really stands."""
    for _ in range(32):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node, pointer
        pointer = node["$ref"]
        node = lookup(document, pointer)
    raise BrokenContract(f"{pointer} refers to itself", "let the chain of $ref end in a definition")


def walk(node: Json, pointer: str = "#") -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield every object of the document with its pointer, outermost first."""
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            yield from walk(value, f"{pointer}/{escape(key)}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{pointer}/{index}")


def check_references(document: Json, name: str) -> None:
    """Raise BrokenContract, naming the file, for a reference that is not safe to follow.

    Refused before anything is compiled: other files and addresses, missing targets, circles that never
    reach into a value, and schemas that grow above 100,000 nodes once their references are put in.
    """
    straight: set[str] = set()
    for pointer, node in walk(document):
        reference = node.get("$ref")
        if isinstance(reference, str):
            _check_target(document, reference, f"{name}{pointer}", straight)
        for keyword in _REBASING:
            if isinstance(node.get(keyword), str):
                raise BrokenContract(
                    f"{name}{pointer}: {keyword} is refused", "refer by $ref inside the document"
                )
    sizes: dict[str, int] = {}
    for pointer, node in walk(document):
        if isinstance(node.get("$ref"), str) and _size_of(document, node, sizes, ()) > 1 + MAX_EXPANDED:
            raise BrokenContract(
                f"{name}{pointer}: expands to more than {MAX_EXPANDED:,} nodes", "refer less often"
            )


def _check_target(document: Json, reference: str, where: str, straight: set[str]) -> None:
    if not reference.startswith("#/"):
        raise BrokenContract(
            f"{where}: $ref {reference!r} leaves the document", 'refer to "#/components/..." only'
        )
    try:
        follow(document, lookup(document, reference), reference)
        _refuse_circle(document, reference, (), straight)
    except BrokenContract as error:
        raise BrokenContract(f"{where}: {error.message}", error.remedy) from None


def _refuse_circle(document: Json, pointer: str, above: tuple[str, ...], straight: set[str]) -> None:
    """Add to `straight` what was found free of circles, so that each target is looked at once."""
    if pointer in straight:
        return
    if pointer in above:
        raise BrokenContract(
            f"{pointer} refers to itself in place", "put the reference below a property or an item"
        )
    for reference in _references_in_place(lookup(document, pointer)):
        _refuse_circle(document, reference, (*above, pointer), straight)
    straight.add(pointer)


def _references_in_place(schema: Json) -> Iterator[str]:
    """Yield the targets of references that judge the same value as `schema` does, in order."""
    if isinstance(schema, list):
        for part in schema:
            yield from _references_in_place(part)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for word in _IN_PLACE:
            yield from _references_in_place(schema.get(word))


def _size_of(document: Json, node: Json, sizes: dict[str, int], above: tuple[str, ...]) -> int:
    """Return of how many nodes a value is once its references are put in; one that circles counts as one."""
    if isinstance(node, list):
        return sum(_size_of(document, value, sizes, above) for value in node)
    if not isinstance(node, dict):
        return 1
    pointer = node.get("$ref")
    if not isinstance(pointer, str):
        return 1 + sum(_size_of(document, value, sizes, above) for value in node.values())
    if pointer in above:
        return 2
    if pointer not in sizes:
        sizes[pointer] = _size_of(document, lookup(document, pointer), sizes, (*above, pointer))
    return 1 + sizes[pointer]
