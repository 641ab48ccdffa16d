"""A scenario file as a plain tree in which every word knows its line and column, and remarks on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

import yaml
from msgspec import Struct
from msgspec.structs import astuple, replace

from simulator.errors import guess
from simulator.formats.yaml_text import find_too_deep

Path = tuple[str | int, ...]
"""The keys and places in lists that lead to a value."""

Position = tuple[int, int]
"""Line and column, counted from 1."""

Located = tuple[tuple[bool, int, int], str]
"""A finding behind what sorts it: whether a parent says it, its line and its column."""

MOST_REMARKS = 50
"""More than so many nobody reads."""

_SHOWN = 60
_WIDTH = 100
DEEPEST_TEXT = 64
"""Levels of a text within a scenario that is YAML itself."""
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Remark(NamedTuple):
    """What there is to say about the value at `path`, or about its key, and what key was `meant` instead."""

    path: Path
    what: str
    of_key: bool = False
    meant: str = ""


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that nothing of a kind is called `word`, with a guess and the names there are."""
    return f"unknown {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


def lacks(owner: str, kind: str, word: str, known: Iterable[str]) -> str:
    """Say that `owner` has nothing of a kind that is called `word`, with a guess and the names it has."""
    return f"{owner} has no {kind} {word[:_SHOWN]!r}; {guess(word, known)}"


class Source(Struct, frozen=True):
    """One file's name and its lines, to point into."""

    name: str
    lines: tuple[str, ...]


class Place(Struct, frozen=True):
    """Where a word stands; line and column count from 1."""

    source: Source
    line: int
    column: int

    def finding(self, what: str) -> str:
        """Say `what` about it: `file:line:column: what`, the line, and a caret."""
        lines = self.source.lines
        text = lines[self.line - 1] if 0 < self.line <= len(lines) else ""
        start = max(0, self.column - 1 - _WIDTH // 2)
        shown = "".join(letter if letter.isprintable() else " " for letter in text[start : start + _WIDTH])
        caret = " " * (self.column - 1 - start)
        return f"{self.source.name}:{self.line}:{self.column}: {what}\n  {shown}\n  {caret}^"

    def located(self, what: str, inherited: bool = False) -> Located:
        """Say it as `finding` does, behind what sorts it."""
        return (inherited, self.line, self.column), self.finding(what)


class Document(Struct, frozen=True, kw_only=True):
    """A file's content: `value` is plain data, `places` and `keys` tell where each value and key stands.

    `doubts` are findings about words that YAML 1.1 tools read otherwise, `errors` what could not be read and
    was taken as text.
    """

    source: Source
    value: dict[str, object]
    places: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    doubts: tuple[str, ...] = ()
    errors: tuple[Located, ...] = ()

    def text(self, path: Path) -> Any:
        """Return what stands at `path`, as it is written."""
        content: Any = self.value
        for step in path:
            content = content[step]
        return content

    def place(self, path: Path, of_key: bool = False) -> Place:
        """Return where the value (or the key) at `path` stands; the parent's place when missing."""
        if of_key and path in self.keys:
            return self.keys[path]
        known = path
        while known and known not in self.places:
            known = known[:-1]
        place, below = self.places[known], path[len(known) :]
        if below and isinstance(text := self.text(known), str):
            line, column = place_within(place.source.lines, (place.line, place.column), text, below)
            return Place(place.source, line, column)
        return place

    def finding(self, path: Path, what: str, of_key: bool = False) -> str:
        """Say `what` about the value (or the key) at `path`, with its place and a caret."""
        return self.place(path, of_key).finding(what)

    def findings(self, remarks: Iterable[Remark]) -> list[str]:
        """Return a finding for each error and remark, in the order of their places; of very many the first.

        Where something could not be read, nothing else is told.
        """
        places = {order for order, _ in self.errors}
        located = [one for one in map(self._located, remarks) if one[0] not in places]
        return curtailed(finding for _, finding in sorted([*self.errors, *located], key=lambda one: one[0]))

    def _located(self, remark: Remark) -> Located:
        """Return what a remark says where it says it; what parents say comes last."""
        place = self.place(remark.path, remark.of_key)
        return place.located(remark.what, inherited=place.source is not self.source)

    def without(
        self, gone: Collection[Path], renamed: Mapping[Path, str]
    ) -> tuple[Document, dict[Path, Path]]:
        """Return this document without some values and with other keys, and what each path was before."""
        origins: dict[Path, Path] = {}

        def kept(value: Any, old: Path, new: Path) -> Any:
            origins[new] = old
            if isinstance(value, dict):
                left = {name: renamed.get((*old, name), name) for name in value if (*old, name) not in gone}
                return {to: kept(value[name], (*old, name), (*new, to)) for name, to in left.items()}
            if isinstance(value, list):
                places = [nth for nth in range(len(value)) if (*old, nth) not in gone]
                return [kept(value[nth], (*old, nth), (*new, to)) for to, nth in enumerate(places)]
            return value

        return self.moved(kept(self.value, (), ()), origins), origins

    def moved(self, value: dict[str, object], origins: Mapping[Path, Path]) -> Document:
        """Return a document of another value, each path of which was another one here."""
        places, keys = (
            {new: known[old] for new, old in origins.items() if old in known}
            for known in (self.places, self.keys)
        )
        return replace(self, value=value, places=places, keys=keys)

    def extended_by(self, child: Document) -> Document:
        """Return this document with `child` laid over it: maps merge, everything else is replaced."""
        inherited = tuple(((True, *order[1:]), finding) for order, finding in self.errors)
        return replace(
            child,
            value=merged(self.value, child.value),
            places={**self.places, **child.places},
            keys={**self.keys, **child.keys},
            doubts=self.doubts + child.doubts,
            errors=inherited + child.errors,
        )


# -- what there is to say about its entries ----------------------------------------------------------------

Checks = Iterable[tuple[type, Callable[..., Iterator[Remark]]]]
"""What there is to say about each kind of entry, given one, its path, and whatever it is judged by."""

_PLAIN = frozenset({str, int, float, bool, Decimal, timedelta, type(None), Document})
"""Kinds of value that hold nothing, and the document that a scenario was read from."""


def entries_of(value: object, path: Path = ()) -> list[tuple[Path, Any]]:
    """Return a value and what is said inside of it, but for plain text and numbers, each with its path."""
    entries: list[tuple[Path, Any]] = [(path, value)]
    for here, entry in entries:  # which grows meanwhile
        steps: Iterable[tuple[str | int, Any]] = ()
        if isinstance(entry, Struct):
            steps = zip(entry.__struct_encode_fields__, astuple(entry), strict=True)
        elif isinstance(entry, dict):
            steps = entry.items()
        elif isinstance(entry, tuple):
            steps = enumerate(entry)
        entries += [((*here, step), one) for step, one in steps if type(one) not in _PLAIN]
    return entries


def remarks_on(words: object, checks: Checks, *by: object) -> Iterator[Remark]:
    """Yield what each check says about every entry of its kind, one check after the other."""
    entries: dict[type, list[tuple[Path, Any]]] = {}
    for path, entry in entries_of(words):
        entries.setdefault(type(entry), []).append((path, entry))
    for kind, check in checks:
        for path, entry in entries.get(kind, ()):
            yield from check(entry, path, *by)


# -- documents laid over each other, and text that is YAML itself ------------------------------------------


def merged(base: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    """Return `base` with `over` laid over it: maps merge, everything else is replaced."""
    both = dict(base)
    for key, value in over.items():
        below = both.get(key)
        both[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def curtailed(findings: Iterable[str]) -> list[str]:
    """Return the first findings, and a last line when there are more than anybody reads."""
    most = list(islice(findings, MOST_REMARKS + 1))
    return most if len(most) <= MOST_REMARKS else [*most[:MOST_REMARKS], "and more of the same"]


def place_within(lines: Sequence[str], outer: Position, text: str, path: Path) -> Position:
    """Return where `path` leads in `text`, a value that stands at `outer` among `lines`.

    It leads to a key, or to an entry of a list; where it ends early, to the last step there is. A value that
    is not a block of lines is one place.
    """
    line, column = outer
    if not lines[line - 1][column - 1 :].startswith(("|", ">")):
        return outer
    first = next((nth for nth in range(line, len(lines)) if lines[nth].strip()), line)
    indent = len(lines[first]) - len(lines[first].lstrip())
    try:
        mark = find_too_deep(text, DEEPEST_TEXT) or _mark(yaml.compose(text, Loader=_LOADER), path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
    return (line + 1 + mark.line, indent + 1 + mark.column) if mark else outer


def _mark(node: yaml.Node | None, path: Path) -> yaml.Mark | None:
    mark = node.start_mark if node else None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((key, value) for key, value in node.value if key.value == step), (None, None))
            mark = key.start_mark if key else mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
        else:
            break
    return mark
