"""What a client may send with one form of an operation, as rows for people, also deep in a body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.document import follow, lookup
from simulator.conformance.examples import example_of
from simulator.conformance.keywords import MARKED, list_values, write_range
from simulator.conformance.operations import Operation, Variant

Json = Any

DEEPEST = 8

_KINDS = {
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
    "application/json": "JSON",
}
_RANGES = {
    "": ("minimum", "maximum"),
    " characters": ("minLength", "maxLength"),
    " items": ("minItems", "maxItems"),
    " keys": ("minProperties", "maxProperties"),
}
_LIMITS = [word for pair in _RANGES.values() for word in pair]


class Row(Struct, frozen=True, kw_only=True):
    """One parameter or property: its `name` is dotted, and `[]` stands for every item of a list.

    `place` is where it goes: path, query, header, form, multipart, JSON. `type` and `limits` are in words,
    `values` the allowed ones, `marks` how sure each keyword of its schema is.
    """

    name: str
    place: str
    required: bool
    provenance: str
    type: str
    limits: str
    values: tuple[Json, ...]
    default: Json
    description: str
    marks: Mapping[str, str]


def outline(contract: Contract, variant: Variant) -> list[Row]:
    """Return what this form takes: parameters, then what is in bodies; a name in two of them stands once."""
    rows: dict[str, Row] = {}
    node = lookup(contract.document, variant.source)
    for written in node.get("parameters", ()):
        parameter = follow(contract.document, written, "")[0]
        for row in _of_parameter(contract, parameter):
            _add(rows, row)
    body = follow(contract.document, node.get("requestBody", {}), "")[0]
    mark = str(body.get("x-provenance", variant.provenance))
    for kind, media in body.get("content", {}).items():
        for row in _Outline(contract, _KINDS.get(kind, kind)).properties(media.get("schema", {}), "", mark):
            _add(rows, row)
    return list(rows.values())


def _add(rows: dict[str, Row], row: Row) -> None:
    known = rows.get(row.name)
    places = (
        f"{known.place} or {row.place}" if known and row.place not in known.place.split(" or ") else row.place
    )
    rows[row.name] = replace(known or row, place=places)


def _of_parameter(contract: Contract, parameter: Json) -> Iterator[Row]:
    schema = follow(contract.document, parameter["schema"], "")[0]
    mark, outline = str(parameter.get("x-provenance", "inferred")), _Outline(contract, str(parameter["in"]))
    if schema.get("type") == "object" and "properties" in schema:
        yield from outline.properties(schema, "", mark)
        return
    beside = {key: parameter[key] for key in ("description", "x-provenance") if key in parameter}
    required = bool(parameter.get("required"))
    yield outline.row(parameter["name"], required, {**parameter["schema"], **beside}, mark)
    if schema.get("type") == "array":
        yield from outline.items(schema, parameter["name"], mark)


class _Outline(Struct, frozen=True):
    """The rows of what goes to one place of a request."""

    contract: Contract
    place: str

    def properties(self, written: Json, prefix: str, mark: str, depth: int = 0) -> Iterator[Row]:
        """Yield the properties of an object, or of a list's items, each followed by what is inside it."""
        schema = follow(self.contract.document, written, "")[0] if isinstance(written, dict) else {}
        mark = str(schema.get("x-provenance", mark))
        if schema.get("type") == "array" or "items" in schema:
            yield from self.items(schema, prefix, mark, depth)
            return
        named = {**schema.get("properties", {}), **schema.get("patternProperties", {})}
        for key, part in named.items():
            name = next(iter(part.get("x-names", ())), key)
            path = f"{prefix}.{name}" if prefix else name
            yield self.row(path, key in schema.get("required", ()), part, mark)
            if depth < DEEPEST:
                yield from self.properties(part, path, mark, depth + 1)

    def items(self, schema: Json, prefix: str, mark: str, depth: int = 0) -> Iterator[Row]:
        """Yield what is inside the items of a list."""
        items = schema.get("items", {})
        inner = follow(self.contract.document, items, "")[0]
        if "properties" in inner or "items" in inner:
            if depth < DEEPEST:
                yield from self.properties(items, f"{prefix}[]", mark, depth + 1)
        elif inner:
            yield self.row(f"{prefix}[]", False, items, mark)

    def row(self, name: str, required: bool, written: Json, mark: str) -> Row:
        """Return the row of one name, by its schema as it is `written`."""
        contract, schema = self.contract, _resolve(self.contract, written)
        forms = [_resolve(contract, form) for word in ("anyOf", "oneOf") for form in schema.get(word, ())]
        parts = forms or [schema]
        return Row(
            name=name,
            place=self.place,
            required=required,
            provenance=str(schema.get("x-provenance", mark)),
            type=" or ".join(dict.fromkeys(_type(part) for part in parts if _type(part))),
            limits=" or ".join(dict.fromkeys(text for part in parts if (text := _limits(part)))),
            values=tuple(value for part in parts for value in _values(part)),
            default=schema.get("default"),
            description=str(schema.get("description", "")),
            marks={word: kind for part in [schema, *forms] for word, kind in _marks(contract, part).items()},
        )


def _resolve(contract: Contract, written: Json) -> dict[str, Json]:
    """Return a schema with what stands beside its reference, the words of both."""
    target = follow(contract.document, written, "")[0]
    beside = {key: value for key, value in written.items() if key != "$ref"}
    words, form = str(beside.get("description", "")), str(target.get("description", ""))
    if words and form and "pattern" in target and words != form:
        beside["description"] = f"{words} {form}"
    return {**target, **beside}


def _type(schema: Json) -> str:
    kind = schema.get("type", "")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _values(schema: Json) -> list[Json]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _limits(schema: Json) -> str:
    phrases = [
        write_range(schema.get(least), schema.get(most), unit)
        for unit, (least, most) in _RANGES.items()
        if not (schema.get(least) is None and schema.get(most) is None)
    ]
    return ", ".join(
        re.sub(r"\b(1|at least 1|at most 1) (item|character|key)s", r"\1 \2", part) for part in phrases
    )


def _marks(contract: Contract, schema: Json) -> dict[str, str]:
    default = contract.document.get("x-provenance-of", {})
    own = {**default, **schema.get("x-provenance-of", {})}
    return {word: str(own.get(word, "inferred")) for word in schema if word in MARKED}


def describe_operation(contract: Contract, operation: Operation) -> Iterator[str]:
    """Yield an operation in lines for a terminal: what each form takes and answers, then the refusals."""
    yield f"{operation.id}: {operation.summary}  [{operation.provenance}]"
    for variant in operation.variants:
        yield f"\n{variant.method} {variant.path}"
        for row in outline(contract, variant):
            yield from _describe(row)
        if example := example_of(contract, variant):
            yield f"  for example {example}"
        yield from (f"  answers {status}  [{reply.provenance}]" for status, reply in variant.replies.items())
    for error in operation.errors:
        code = f"{error.code} " if error.code else ""
        yield f"  refuses {error.status} {code}{error.text!r}: {error.when}  [{error.provenance}]"


def _describe(row: Row) -> Iterator[str]:
    """Yield the lines on one name: its type and place, then its limits with their marks, then its words."""
    needed = ", required" if row.required else ""
    yield f"  {row.name:<20} [{row.provenance}{needed}]  {row.type}{' in ' if row.type else ''}{row.place}"
    phrases = [
        _sure(row, row.limits, _LIMITS),
        _sure(row, list_values(row.values) if row.values else "", ("enum", "const")),
    ]
    phrases += [f"{list_values([row.default])} when not told"] if row.default is not None else []
    if limits := "; ".join(filter(None, phrases)):
        yield f"{'':<24}{limits}"
    if row.description:
        sure = f"  [{row.marks['pattern']}]" if "pattern" in row.marks else ""
        yield f"{'':<24}{row.description}{sure}"


def _sure(row: Row, text: str, words: Iterable[str]) -> str:
    """Return limits or values with how sure each of their keywords is, once where all are alike."""
    marks = {word: row.marks[word] for word in words if word in row.marks}
    if not text or not marks:
        return text
    kinds = list(dict.fromkeys(marks.values()))
    phrases = kinds if len(kinds) == 1 else [f"{word} {mark}" for word, mark in marks.items()]
    return f"{text} [{', '.join(phrases)}]"
