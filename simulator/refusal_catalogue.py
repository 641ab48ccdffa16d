"""Refusals as data: how a vendor words each fact, read once from the refusals.toml beside its code.

The file has a table for each fact, by the name that the vendor's contract has for it. Two more tables are
none of a fact: `details` tells of what stands in {braces}, `words` holds texts that several facts share.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Generic, Self, TypeVar

from msgspec import Struct, field

_DETAIL = re.compile(r"\{(\w+)\}")


class Wording(Struct, frozen=True, kw_only=True):
    """How one fact is worded; vendors derive their own where they say more.

    `message` has {details}, `code` is what programs read, where the vendor has codes, and `provenance` tells
    how sure we are of both. `examples` are details of a refusal that is asked for on demand.
    """

    message: str
    provenance: str
    code: str = ""
    http_status: int = 400
    examples: Mapping[str, str] = field(default_factory=dict)


class Detail(Struct, frozen=True, kw_only=True):
    """One detail of refusals: the most characters of it that are repeated, None for all of them.

    Of a refusal on demand it is what the first of these `parameters` says that a request has, else `example`.
    """

    example: str = ""
    parameters: tuple[str, ...] = ()
    longest: int | None = None


W = TypeVar("W", bound=Wording)


class RefusalCatalogue(Mapping[str, W], Generic[W]):
    """A vendor's wordings by fact; `words` are the texts they share, by name."""

    def __init__(
        self,
        wordings: Mapping[str, W],
        details: Mapping[str, Detail],
        words: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._wordings = wordings
        self._details = details
        self.words = words

    @classmethod
    def load(cls, package: str, kind: type[W]) -> Self:
        """Read the refusals.toml of a package, each fact as a `kind`; raises TypeError for unknown keys."""
        tables = tomllib.loads((files(package) / "refusals.toml").read_text("utf-8"))
        details = {name: Detail(**table) for name, table in tables.pop("details", {}).items()}
        words = tables.pop("words", {})
        return cls(
            {fact: kind(**_with_words(table, words)) for fact, table in tables.items()}, details, words
        )

    def __getitem__(self, fact: str) -> W:
        return self._wordings[fact]

    def __iter__(self) -> Iterator[str]:
        return iter(self._wordings)

    def __len__(self) -> int:
        return len(self._wordings)

    def cut(self, name: str, value: object) -> object:
        """Return a detail as far as it is repeated: as it is, or the beginning of its text."""
        longest = self._details[name].longest if name in self._details else None
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
            for name, detail in self._details.items()
        }
        return {**known, **self._wordings[fact].examples}


def _with_words(table: dict[str, Any], words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the table of a fact with the shared words in it, if it names some."""
    return {**words[table.pop("words")], **table} if "words" in table else table
