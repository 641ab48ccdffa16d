"""Reading a contract document: plain data from YAML, or a clear refusal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from simulator.errors import BrokenContract

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64

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
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = _line(event)
            raise BrokenContract(
                f"{name}:{line}: anchors and aliases are refused", 'use {$ref: "#/components/..."}'
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = _line(event)
            raise BrokenContract(f"{name}:{line}: nested deeper than {MAX_DEPTH} levels", "flatten it")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


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
