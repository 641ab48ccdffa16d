"""Refusals as data: how a vendor words each fact, read when first needed from the refusals.toml it has.

The file has a table for each fact, by the name that the vendor's contract has for it. Two more tables are
none of a fact: `details` tells of what stands in {braces}, `words` holds texts that several facts share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any, Generic, Self, TypeVar

from msgspec import Struct, field

_DETAIL = re.compile(r"\{(\w+)\}")


class Wording(Struct, frozen=True, kw_only=True):
    """How one fact is worded; vendors derive their own where they say more.

    `message` has {details}, `code` is what programs read, where the vendor has codes, and `provenance` tells
    how sure we are of both. `errors` are those of the network that are told as this fact: their classes by
    name, each with the attribute that holds a detail. `examples` are details of a refusal that is asked for
    on demand.
    """

    message: str
    provenance: str
    code: str = ""
    http_status: int = 400
    errors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)


class Detail(Struct, frozen=True, kw_only=True):
    """One detail of refusals: the most characters of it that are repeated, None for all of them.

    Of a refusal on demand it is what the first of these `parameters` says that a request has, else `example`.
    """

    example: str = ""
    parameters: tuple[str, ...] = ()
    longest: int | None = None


W = TypeVar("W", bound=Wording)


class Refusals(Struct, Generic[W], frozen=True):
    """What a catalogue holds: wordings by fact, their details, and the texts that they share, by name.

    `facts` tells by the name of its class as which fact an error is told.
    """

    wordings: Mapping[str, W] = {}
    details: Mapping[str, Detail] = {}
    words: Mapping[str, Mapping[str, str]] = {}
    facts: Mapping[str, str] = {}


class RefusalCatalogue(Mapping[str, W], Generic[W]):
    """A vendor's wordings by fact, which `read` returns when somebody first looks."""

    def __init__(self, read: Callable[[], Refusals[W]]) -> None:
        self._read = cache(read)

    @classmethod
    def load(cls, package: str, kind: type[W]) -> Self:
        """Return that of a package, from its refusals.toml, each fact as a `kind`.

        The file is read with the first look, which raises TypeError for unknown keys.
        """
        return cls(partial(_read, package, kind))

    def __getitem__(self, fact: str) -> W:
        wordings = self._read().wordings
        if fact not in wordings:
            raise KeyError(f"there are no words for {fact!r}; there are for {', '.join(wordings) or 'none'}")
        return wordings[fact]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read().wordings)

    def __len__(self) -> int:
        return len(self._read().wordings)

    @property
    def words(self) -> Mapping[str, Mapping[str, str]]:
        """The texts that wordings share, by name."""
        return self._read().words

    @property
    def facts(self) -> Mapping[str, str]:
        """As which fact an error is told, by the name of its class."""
        return self._read().facts

    def cut(self, name: str, value: object) -> object:
        """Return a detail as far as it is repeated: as it is, or the beginning of its text."""
        details = self._read().details
        longest = details[name].longest if name in details else None
        return value if longest is None else str(value)[:longest]

    def fill(self, text: str, details: Mapping[str, object]) -> str:
        """Return a text with its details filled in; those that are not told stay in their braces."""
        return _DETAIL.sub(
            lambda gap: str(self.cut(gap[1], details[gap[1]])) if gap[1] in details else gap[0], text
        )

    def examples(self, fact: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return details for a fact that is told on demand to a request with these parameters."""
        known = {
            name: next(filter(None, map(parameters.get, detail.parameters)), detail.example)
            for name, detail in self._read().details.items()
        }
        return {**known, **self[fact].examples}


def _read(package: str, kind: type[W]) -> Refusals[W]:
    import tomllib  # noqa: PLC0415 - 2 ms of a start, in which nothing is refused

    tables = tomllib.loads((files(package) / "refusals.toml").read_text("utf-8"))
    details = {name: Detail(**table) for name, table in tables.pop("details", {}).items()}
    words = tables.pop("words", {})
    wordings = {fact: _worded(kind, fact, _with_words(table, words)) for fact, table in tables.items()}
    facts = {error: fact for fact, wording in wordings.items() for error in wording.errors}
    return Refusals(wordings, details, words, facts)


def _worded(kind: type[W], fact: str, table: dict[str, Any]) -> W:
    try:
        return kind(**table)
    except TypeError as error:
        raise TypeError(f"[{fact}]: {error}") from None


def _with_words(table: dict[str, Any], words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the table of a fact with the shared words in it, if it names some."""
    return {**words[table.pop("words")], **table} if "words" in table else table
