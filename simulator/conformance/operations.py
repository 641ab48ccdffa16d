"""What a contract says about one operation: its forms, parameters, answers and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from jsonschema_rs import Draft202012Validator

from simulator.conformance.schemas import Schemas
from simulator.exchange import Cause

Json = Any
Reader = Callable[[str], Json]

_VARIABLE = re.compile(r"\{([^{}/]+)\}")
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_NAMING = ("{name}", "{field}", "{parameter}")
LONGEST_PLACE = 80
_PLACE = re.compile(r"[A-Za-z0-9_.$/\[\]-]{1,80}", re.ASCII)


def pattern_of(path: str) -> re.Pattern[str]:
    """Return a path template as a pattern with a group for each variable."""
    return re.compile("([^/]+)".join(map(re.escape, _VARIABLE.split(path)[::2])) + r"\Z")


def name_in(text: object) -> str:
    """Return the name of a place as it may stand in a header, or nothing where a client chose the letters."""
    return text if isinstance(text, str) and _PLACE.fullmatch(text) else ""


@dataclass(frozen=True, kw_only=True)
class ErrorText:
    """The words of one refusal; `text` has `{placeholders}`, `when` tells what brings it about.

    `code` is what stands beside the words for programs, where the vendor has such codes; `translated` are the
    same words in other languages. `name` is what the document calls it, `cause` whose affair it is (see
    Refusal), `fix` what a client changes, `source` where it stands.
    """

    status: int
    text: str
    when: str
    provenance: str
    code: str | None = None
    translated: tuple[str, ...] = ()
    name: str = ""
    cause: Cause = "request"
    fix: str = ""
    source: str = ""

    @cached_property
    def _wordings(self) -> list[list[str]]:
        return [_PLACEHOLDER.split(text) for text in (self.text, *self.translated)]

    def has_code(self, code: Json) -> bool:
        """Return whether `code` may stand beside these words; one that ends in an ellipsis stands for any."""
        return self.code in (None, code) or self.is_open

    @property
    def is_open(self) -> bool:
        """Whether its code stands for any."""
        return str(self.code).endswith("…")

    @cached_property
    def weight(self) -> int:
        """How many letters of it are fixed: of several that fit, the one with most is meant."""
        return sum(map(len, self._wordings[0]))

    def place_in(self, text: str) -> str:
        """Return the parameter that the text names, where it is the first gap of these words."""
        if not (placeholder := _PLACEHOLDER.search(self.text)) or placeholder[0] not in _NAMING:
            return ""
        before, after = _PLACEHOLDER.split(self.text)[:2]
        if not text.startswith(before):
            return ""
        rest = text.removeprefix(before)[: LONGEST_PLACE + len(after)]
        return name_in(rest.partition(after)[0] if after else rest)

    def matches(self, text: str) -> bool:
        """Return whether `text` is this refusal with its placeholders filled in; linear in its length."""
        return any(_fills(pieces, text) for pieces in self._wordings)


def error_called(errors: Sequence[ErrorText], name: str) -> ErrorText | None:
    """Return the refusal with this name; else the first with this code, or with just these words; or None."""
    by_name = [error for error in errors if error.name == name]
    by_code = [error for error in errors if error.code == name]
    by_text = [error for error in errors if error.text == name]
    return next(iter((*by_name, *by_code, *by_text)), None)


def _fills(pieces: list[str], text: str) -> bool:
    """Return whether `text` has all the pieces in their order, with anything in the gaps."""
    first, *middle = pieces
    if not middle:
        return text == first
    last = middle.pop()
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return False
    at = len(first)
    for piece in middle:
        place = text.find(piece, at, len(text) - len(last))
        if place < 0:
            return False
        at = place + len(piece)
    return True


@dataclass(frozen=True, kw_only=True)
class LossText:
    """What a vendor drops in silence: `when` it does, what a client changes, how sure that is."""

    name: str
    when: str
    fix: str
    provenance: str
    source: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, kw_only=True)
class Group:
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
    schemas: Schemas = field(repr=False)

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The compiled schema, made when first needed."""
        return self.schemas.compile(self.schema)

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


@dataclass(frozen=True)
class DocumentedAnswer:
    """One documented answer: `media` gives the pointer of the schema for each content type."""

    status: str
    source: str
    provenance: str
    media: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One form of an operation: a verb at a path.

    `selectors` are parameters with a single allowed value (None: they only have to come), which tell
    operations at one path apart; the case of those in `caseless` does not matter. If
    `merged`, query and body are one group. `bodies` are the groups by content type, `json_bodies` pointers to
    schemas of bodies that are not forms. `places` and `headers` are the parameters in path and headers;
    `editions` those of the vendor's API that have this form, none listed meaning all.
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
    replies: Mapping[str, DocumentedAnswer]
    selectors: Mapping[str, str | None]
    errors: tuple[ErrorText, ...]
    places: Group
    headers: Group
    editions: tuple[str, ...]
    caseless: frozenset[str] = frozenset()

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in the path, in order."""
        return tuple(_VARIABLE.findall(self.path.partition("#")[0]))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path as a pattern with a group for each variable, which is one segment or a part of it."""
        return pattern_of(self.path.partition("#")[0])

    def reply(self, status: int) -> DocumentedAnswer | None:
        """Return what the document says of a status, by its number, its class or `default`."""
        replies = self.replies
        return replies.get(str(status)) or replies.get(f"{status // 100}XX") or replies.get("default")


@dataclass(frozen=True)
class Operation:
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
