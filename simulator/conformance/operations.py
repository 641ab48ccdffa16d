"""What a contract says about one operation: its forms, how parameters are read, and its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator
from msgspec import Struct

from simulator.conformance.error_texts import ErrorText
from simulator.conformance.schemas import Schemas
from simulator.formats.forms import Field, Upload

Json = Any
Reader = Callable[[str], Json]

_VARIABLE = re.compile(r"\{([^{}/]+)\}")

# ASCII digits and nothing around them: int() would take "١٢", " 12" and "1_2".
_WHOLE = re.compile(r"-?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?\Z")


def pattern_of(path: str) -> re.Pattern[str]:
    """Return a path template as a pattern with a group for each variable."""
    return re.compile("([^/]+)".join(map(re.escape, _VARIABLE.split(path)[::2])) + r"\Z")


READERS: Mapping[str, Reader] = {
    "integer": lambda text: int(text) if _WHOLE.match(text) else text,
    "number": lambda text: float(text) if _DECIMAL.match(text) else text,
    "boolean": lambda text: {"true": True, "false": False}.get(text, text),
}
"""What turns the text of a parameter into the type that its schema asks for."""


def read_item(text: str, inner: Reader | None) -> list[Json]:
    """Return the one value of a parameter that a list repeats: a comma is a letter of it."""
    return [inner(text) if inner else text]


def read_list(text: str, inner: Reader | None) -> list[Json]:
    """Return what stands between commas, each read by `inner`."""
    first, *others = text.split(",")
    items = [first.rstrip(" "), *(item.strip(" ") for item in others)]  # a blank in front was a bare plus
    return [inner(item) for item in items] if inner else items


class Group(Struct, frozen=True, dict=True, kw_only=True):
    """Parameters judged together as one object.

    `properties` are the schemas by name, references followed; `patterns` those whose names a pattern tells.
    `readers` turn the text of a parameter into the type its schema asks for. `one_of` are names of which
    exactly one must come; `lists` are those whose values come as parameters of one name; `sources` where each
    property stands in the document.
    """

    source: str
    provenance: str
    schema: dict[str, Json]
    properties: Mapping[str, dict[str, Json]]
    patterns: Mapping[str, dict[str, Json]]
    required: tuple[str, ...]
    readers: Mapping[str, Reader]
    files: frozenset[str]
    lists: frozenset[str]
    one_of: tuple[tuple[str, ...], ...]
    sources: Mapping[str, str]
    schemas: Schemas

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The compiled schema, made when first needed."""
        return self.schemas.compile(self.schema)

    def read(self, fields: Sequence[Field], files: Sequence[Upload]) -> dict[str, Json]:
        """Return the values of parameters by name, read as their schemas ask; of a file it says nothing."""
        values: dict[str, Json] = {name: text for name, text, _ in fields}
        for file in files:
            values[file.name] = ""
        readers = self.readers
        for name, text in values.items():
            if (read := readers.get(name)) is not None:
                values[name] = read(text)
        for name in self.lists & values.keys() if self.lists else ():
            texts = [field.value for field in fields if field.name == name]
            values[name] = [item for text in texts for item in readers[name](text)]
        return values

    @cached_property
    def _named(self) -> tuple[tuple[Draft202012Validator, dict[str, Json]], ...]:
        """Patterns of names with their schemas; matched in linear time, for names come from outside."""
        return tuple((self.schemas.compile({"pattern": name}), part) for name, part in self.patterns.items())

    def property(self, name: str) -> dict[str, Json]:
        """Return the schema of one parameter, or an empty one for a name nobody knows."""
        if name in self.properties:
            return self.properties[name]
        return next((schema for pattern, schema in self._named if pattern.is_valid(name)), {})

    def provenance_of(self, name: str) -> str:
        """Return the mark of one parameter, else that of the group."""
        return str(self.property(name).get("x-provenance", self.provenance))


class DocumentedBody(Struct, frozen=True):
    """The body of an answer in one content type; `source` is where its schema stands in the document."""

    media: dict[str, Json]
    source: str


class DocumentedAnswer(Struct, frozen=True):
    """One documented answer, with a body for each content type and the schemas of its headers by pointer."""

    status: str
    source: str
    provenance: str
    bodies: Mapping[str, DocumentedBody]
    headers: Mapping[str, str]


class Variant(Struct, frozen=True, dict=True, kw_only=True):
    """One form of an operation: a verb at a path.

    `selectors` are parameters with a single allowed value (None: they only have to come), which tell
    operations at one path apart; the case of those in `caseless` does not matter. If
    `merged`, query and body are one group. `bodies` are the groups by content type, `json_bodies` pointers to
    schemas of bodies that are not forms; of a body the document is as sure as of `body_provenance`. `places`
    and `headers` are the parameters in path and headers; `editions` those of the vendor's API that have this
    form, none listed meaning all.
    """

    operation: str
    method: str
    path: str
    source: str
    provenance: str
    merged: bool
    query: Group
    bodies: Mapping[str, Group]
    json_bodies: Mapping[str, str]
    body_required: bool
    body_provenance: str
    replies: Mapping[str, DocumentedAnswer]
    selectors: Mapping[str, str | None]
    errors: tuple[ErrorText, ...]
    places: Group
    headers: Group
    editions: tuple[str, ...]
    caseless: frozenset[str] = frozenset()

    @cached_property
    def readable(self) -> tuple[str, ...]:
        """The content types of bodies that it reads."""
        return (*self.bodies, *self.json_bodies)

    @cached_property
    def plain_path(self) -> str:
        """The path without what only tells the forms of one path apart."""
        return self.path.partition("#")[0]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in the path, in order."""
        return tuple(_VARIABLE.findall(self.plain_path))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path as a pattern with a group for each variable, which is one segment or a part of it."""
        return pattern_of(self.plain_path)

    def reply(self, status: int) -> DocumentedAnswer | None:
        """Return what the document says of a status, by its number, its class or `default`."""
        replies = self.replies
        return replies.get(str(status)) or replies.get(f"{status // 100}XX") or replies.get("default")


class Operation(Struct, frozen=True):
    """One operation of a vendor, in one or several forms, the recommended one first.

    `twin` is the operation that does the same at another host of the vendor: who uses one can spare it.
    """

    id: str
    summary: str
    provenance: str
    variants: tuple[Variant, ...]
    twin: str = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs of its forms, the recommended one first."""
        return tuple(variant.method for variant in self.variants)

    @property
    def path(self) -> str:
        """The path template of its recommended form."""
        return self.variants[0].path

    @property
    def errors(self) -> tuple[ErrorText, ...]:
        """The refusals of its recommended form."""
        return self.variants[0].errors
