"""What a schema's keyword asks for, in words, how sure it is, and where the document says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape, lookup, steps_of
from simulator.conformance.malformed import is_written_json
from simulator.conformance.names import advise, find_look_alikes, find_strange_digits
from simulator.conformance.schemas import BASE
from simulator.conformance.violations import Place
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
MILLION = 1_000_000


class RefusedValue:
    """What a keyword of a contract's schema refuses, in words.

    `name` is the keyword, `kind` what else is known of it, `value` what it refuses; `source` is where it
    stands: the document's name and a pointer into it.
    """

    def __init__(self, contract: Contract, error: SchemaRefused) -> None:
        self.error = error
        self.name: str = error.kind.name
        self.kind: dict[str, Json] = error.kind.as_dict()
        self.value: Json = error.instance
        self._contract, self._document = contract, contract.document
        self._pointer = unquote((error.absolute_keyword_location or "").removeprefix(BASE))
        self.source = contract.source + self._pointer

    @property
    def at(self) -> str:
        """The JSON pointer of the value; empty for the whole body."""
        return "".join(f"/{escape(str(step))}" for step in self.error.instance_path)

    @cached_property
    def schema(self) -> dict[str, Json]:
        """The schema that holds the keyword; empty where it was made, not read."""
        try:
            node = lookup(self._document, self.holder) if self._pointer.startswith("#/") else {}
        except BrokenContract:
            return {}
        return node if isinstance(node, dict) else {}

    @property
    def holder(self) -> str:
        """The pointer of the schema that holds the keyword."""
        return self._pointer.rpartition("/")[0]

    @property
    def asked(self) -> str:
        """What the keyword asks, in the words of the schema that holds it, such as `1..50`."""
        forms = _leaves(self.error)
        if not forms or "description" in self.schema:
            return _asked_by(self.error, self.schema)
        phrases = dict.fromkeys(RefusedValue(self._contract, form).asked.rstrip(".") for form in forms)
        if len(phrases) > 1:
            phrases.pop(_TYPES["null"], None)
        return _shortened(("; or " if ", " in "".join(phrases) else " or ").join(phrases))

    @property
    def look_alike(self) -> str | None:
        """The foreign letters or digits of a value that only looks like one that is allowed, or None."""
        if self.name in ("pattern", "type"):
            return find_strange_digits(self.value)
        options = self.kind.get("options", self.kind.get("expected_value"))
        return find_look_alikes(self.value, options if isinstance(options, list) else [options])

    def place(self, mark: str) -> Place:
        """Return where the keyword stands, and how sure the document is of it.

        It is at most as sure as of what it belongs to, which has the `mark`. One that narrows a value is
        inferred where nothing marks it; others are marked by the nearest `x-provenance` around them, else as
        what they belong to.
        """
        if self.name in MARKED:
            own = self.schema.get("x-provenance-of", {})
            default = self._document.get("x-provenance-of", {}).get(self.name, "inferred")
            return self.source, _weakest(mark, own.get(self.name, default))
        return self.source, _weakest(mark, self._mark_around() or mark)

    def _mark_around(self) -> str | None:
        node, mark = self._document, None
        around = self._pointer.startswith("#/components/schemas/")
        for key in steps_of(self.holder) if around else ():
            node = node[int(key)] if isinstance(node, list) else node[key]
            mark = node.get("x-provenance", mark) if isinstance(node, dict) else mark
        return mark if isinstance(mark, str) else None

    def fix(self, sample: str | None) -> str:
        """Return what to send instead; `sample` is a value that keeps the contract, as it is written.

        A schema whose form is hard to guess tells by `x-fix` what keeps it.
        """
        if look_alike := self.look_alike:
            return look_alike
        name, asked, schema = self.name, self.asked, self.schema
        if name == "pattern" and (advice := schema.get("x-fix")):
            return str(advice)
        like = f" like {sample}" if sample else ""
        if name == "enum" and isinstance(self.value, str):
            options = [option for option in self.kind["options"] if isinstance(option, str)]
            return advise(self.value, options) or f"send {asked}"
        if name == "pattern" and schema.get("description"):
            return f"send it{like or ' in that form'}"
        if name == "type":
            is_twice = is_written_json(self.value, *_containers(self.kind["types"]))
            twice = f"encode it once: this is text that holds {asked}, as JSON within JSON"
            return twice if is_twice else f"send {asked}{_quotes(self.error)}"
        return f"send {asked}" if name in MARKED or name == "required" else f"send it{like or ' as asked'}"


def leaf_of(error: SchemaRefused) -> SchemaRefused:
    """Return the refusal that explains a choice of forms best: the deepest one that is not about the type.

    Where several forms refuse the value itself, each by its own rule, that is the choice.
    """
    if error.kind.name not in ("anyOf", "oneOf"):
        return error
    leaves = _leaves(error)
    apart = [leaf for leaf in leaves if leaf.kind.name != "type"] or leaves
    deepest = max((len(leaf.instance_path) for leaf in apart), default=0)
    if deepest == len(error.instance_path) and len(apart) > 1:
        return error
    return next((leaf for leaf in apart if len(leaf.instance_path) == deepest), error)


def _weakest(*marks: str) -> str:
    return max(marks, key=MARKS.index)


def list_values(values: Sequence[Json]) -> str:
    """Return allowed values in words: the only one, or `one of` several."""
    listed = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    return listed if len(values) == 1 else f"one of {listed}"


def _asked_by(error: SchemaRefused, schema: dict[str, Json]) -> str:
    """Return what the refusing keyword asks, in the words of the schema that holds it, such as `1..50`."""
    name, kind = error.kind.name, error.kind.as_dict()
    if name in ("pattern", "anyOf", "oneOf") and schema.get("description"):
        asked = str(schema["description"])
    elif name == "pattern":
        asked = f"text that matches {kind['pattern']}"
    elif name == "type" and schema.get("format") in _FORMATS:
        asked = _FORMATS[schema["format"]]
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
    else:
        asked = _PHRASES.get(name, f"what `{name}` says").format_map(kind)
    return _shortened(asked)


def _shortened(asked: str) -> str:
    return asked if len(asked) <= _MOST_SHOWN else f"{asked[:_MOST_SHOWN]}..."


def _quotes(error: SchemaRefused) -> str:
    """Return a word on the quotes where the value would do and only they are wrong."""
    types, value = _types(error.kind.as_dict()["types"]), error.instance
    if isinstance(value, str) and {"integer", "number", "boolean"} & set(types):
        return ", without quotes"
    if not isinstance(value, str) and types == ["string"]:
        return ", in quotes"
    return ", also for a single value" if types == ["array"] and not isinstance(value, dict) else ""


def _leaves(error: SchemaRefused) -> list[SchemaRefused]:
    """Return what explains each branch of a choice best; of a choice within that refuses types, each type."""
    branches = error.kind.as_dict().get("context") or ()
    best = [leaf_of(part) for branch in branches for part in branch]
    return [leaf for one in best for leaf in (_leaves(one) or [one])]


def _range(name: str, schema: dict[str, Json], limit: Json) -> str:
    if name.startswith("exclusive"):
        return f"{'more' if name.endswith('Minimum') else 'less'} than {limit}"
    kind = name[len("min") :]
    low, high = schema.get(f"min{kind}"), schema.get(f"max{kind}")
    if low is None and high is None:
        low, high = (limit, None) if name.startswith("min") else (None, limit)
    return write_range(low, high, _UNITS.get(kind, ""))


def write_range(low: Json, high: Json, unit: str) -> str:
    """Return two bounds in words, such as `1..50 items`; None, of one of them, is none.

    A large one has commas, as it is easier to read so, and cannot be taken for a telephone number.
    """
    low, high = (
        f"{bound:,}" if isinstance(bound, int) and bound >= MILLION else bound for bound in (low, high)
    )
    if low is None or high is None:
        return f"at least {low}{unit}" if high is None else f"at most {high}{unit}"
    return f"{low}{unit}" if low == high else f"{low}..{high}{unit}"


def _containers(value: Json) -> Iterator[type]:
    """Yield what JSON in a text may be where one of some types is asked."""
    yield from (kind for name, kind in (("array", list), ("object", dict)) if name in _types(value))


def _types(value: Json) -> list[str]:
    """Return the types that a schema takes; null only where that is all, for whoever sends means a value."""
    types = [str(item) for item in (value if isinstance(value, list) else [value])]
    return [name for name in types if name != "null"] or types
