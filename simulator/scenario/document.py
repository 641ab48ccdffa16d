"""A scenario file as a plain tree in which every word knows its line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import yaml

from simulator.errors import BrokenScenario
from simulator.scenario.embedded import place_within
from simulator.scenario.remarks import MOST_REMARKS, Path, Remark
from simulator.scenario.scalars import ScalarError, reads_otherwise, resolve

MOST_BYTES = 1_000_000
MOST_NODES = 10_000
DEEPEST = 32

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDTH = 100


Located = tuple[tuple[bool, int, int], str]
"""A finding behind what sorts it: whether a parent says it, its line and its column."""


class HalfRead(BrokenScenario):
    """A file of which some words cannot be read; `document` is the rest."""

    def __init__(self, document: Document) -> None:
        super().__init__(document.findings(()))
        self.document = document


@dataclass(frozen=True, slots=True)
class Source:
    """One file's name and its lines, to point into."""

    name: str
    lines: tuple[str, ...]

    def finding(self, line: int, column: int, what: str) -> str:
        """Say `what` about a place counted from 1: `file:line:column: what`, the line, and a caret."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        start = max(0, column - 1 - _WIDTH // 2)
        shown = "".join(letter if letter.isprintable() else " " for letter in text[start : start + _WIDTH])
        return f"{self.name}:{line}:{column}: {what}\n  {shown}\n  {' ' * (column - 1 - start)}^"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word stands; line and column count from 1."""

    source: Source
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
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

    def position(self, path: Path, of_key: bool = False) -> tuple[int, int]:
        """Return line and column of the value (or the key) at `path`, counted from 1."""
        place = self.place(path, of_key)
        return place.line, place.column

    def finding(self, path: Path, what: str, of_key: bool = False) -> str:
        """Say `what` about the value (or the key) at `path`, with its place and a caret."""
        place = self.place(path, of_key)
        return place.source.finding(place.line, place.column, what)

    def findings(self, remarks: Iterable[Remark]) -> list[str]:
        """Return a finding for each error and remark, in the order of their places; of very many the first.

        Where something could not be read, nothing else is told.
        """
        places = {order for order, _ in self.errors}
        located = [one for one in self._located(remarks) if one[0] not in places]
        return curtailed(finding for _, finding in sorted([*self.errors, *located], key=lambda one: one[0]))

    def _located(self, remarks: Iterable[Remark]) -> list[Located]:
        """Return a finding for each remark with what sorts them: what parents say comes last."""
        return [
            (
                (self.place(path, of_key).source is not self.source, *self.position(path, of_key)),
                self.finding(path, what, of_key),
            )
            for path, what, of_key, _ in remarks
        ]

    def without(
        self, gone: Collection[Path], renamed: Mapping[Path, str]
    ) -> tuple[Document, dict[Path, Path]]:
        """Return this document without some values and with other keys, and what each path was before."""
        builder = _Pruned(whole=self, gone=frozenset(gone), renamed=renamed)
        value: Any = builder.kept(self.value, (), ())
        return replace(self, value=value, places=builder.places, keys=builder.keys), builder.origins

    def extended_by(self, child: Document) -> Document:
        """Return this document with `child` laid over it: maps merge, everything else is replaced."""
        inherited = tuple(((True, *order[1:]), finding) for order, finding in self.errors)
        return Document(
            source=child.source,
            value=merged(self.value, child.value),
            places={**self.places, **child.places},
            keys={**self.keys, **child.keys},
            doubts=self.doubts + child.doubts,
            errors=inherited + child.errors,
        )


@dataclass(slots=True, kw_only=True)
class _Pruned:
    """A part of a document, under construction."""

    whole: Document
    gone: frozenset[Path]
    renamed: Mapping[Path, str]
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    origins: dict[Path, Path] = field(default_factory=dict)

    def kept(self, value: object, old: Path, new: Path) -> object:
        """Return what is kept of a value, and note where it stands."""
        whole = self.whole
        self.origins[new] = old
        if old in whole.places:
            self.places[new] = whole.places[old]
        if old in whole.keys:
            self.keys[new] = whole.keys[old]
        if isinstance(value, dict):
            names = {
                name: self.renamed.get((*old, name), name) for name in value if (*old, name) not in self.gone
            }
            return {
                new_name: self.kept(value[name], (*old, name), (*new, new_name))
                for name, new_name in names.items()
            }
        if isinstance(value, list):
            left = [nth for nth in range(len(value)) if (*old, nth) not in self.gone]
            return [self.kept(value[nth], (*old, nth), (*new, place)) for place, nth in enumerate(left)]
        return value


def merged(base: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    """Return `base` with `over` laid over it: maps merge, everything else is replaced."""
    both = dict(base)
    for key, value in over.items():
        below = both.get(key)
        both[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def read_document(text: bytes, name: str) -> Document:
    """Read one YAML 1.2 core document from UTF-8 bytes; `name` is what findings call the file.

    Accepts plain data only: at most 1 MB, 32 levels and 10,000 nodes, no anchors, aliases, tags or merge
    keys, each key a string that occurs once. Raises BrokenScenario with everything found wrong: HalfRead
    where the file can be read for the rest.
    """
    letters = _decoded(text, name)
    source = Source(name, tuple(_LINE_BREAK.split(letters)))
    builder = _Builder(source=source)
    try:
        value = builder.build(letters)
    except _Hopeless:
        raise BrokenScenario(curtailed(finding for _, finding in builder.findings)) from None
    if not isinstance(value, dict):
        first = source.finding(1, 1, "a scenario is a map that starts with `sim: 1`")
        raise BrokenScenario([finding for _, finding in builder.findings] or [first])
    document = Document(
        source=source,
        value=value,
        places=builder.places,
        keys=builder.keys,
        doubts=tuple(builder.doubts),
        errors=tuple(builder.findings),
    )
    if builder.findings:
        raise HalfRead(document)
    return document


def _decoded(text: bytes, name: str) -> str:
    if len(text) > MOST_BYTES:
        raise BrokenScenario([f"{name}:1:1: {len(text):,} bytes; a scenario has at most {MOST_BYTES:,}"])
    try:
        letters = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        garbled = text.decode("utf-8", "replace")
        at = len(text[: error.start].decode())
        raise BrokenScenario([_finding_at(garbled, name, at, "not UTF-8; save the file as UTF-8")]) from None
    if match := _UNPRINTABLE.search(letters):
        what = f"a control character, U+{ord(match.group()):04X}; a scenario is plain text"
        raise BrokenScenario([_finding_at(letters, name, match.start(), what)])
    return letters


def _finding_at(text: str, name: str, at: int, what: str) -> str:
    before = _LINE_BREAK.split(text[:at])
    return Source(name, tuple(_LINE_BREAK.split(text))).finding(len(before), len(before[-1]) + 1, what)


def curtailed(findings: Iterable[str]) -> list[str]:
    """Return the first findings, and a last line when there are more than anybody reads."""
    most = list(islice(findings, MOST_REMARKS + 1))
    return most if len(most) <= MOST_REMARKS else [*most[:MOST_REMARKS], "and more of the same"]


class _Hopeless(Exception):
    """Reading on would find nothing worth telling."""


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Builds the tree from the parser's events, so that nothing is ever composed, aliased or constructed."""

    source: Source
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    findings: list[Located] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    nodes: int = 0

    def build(self, text: str) -> object:
        """Return the document's value; what is wrong lands in `findings`."""
        events = self._events(text)
        value: object = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                self._directives(event)
            elif not isinstance(event, _FRAME):
                value = self._node(event, events, ())
            if documents > 1:
                self._hopeless(event, "a second document; a scenario file holds one")
        return value

    def _events(self, text: str) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(text, Loader=_PARSER)
        except yaml.MarkedYAMLError as error:
            left_open = (error.context or "").endswith(("flow mapping", "flow sequence", "quoted scalar"))
            cut_short = left_open or "end of stream" in (error.problem or "")
            mark = (error.context_mark if cut_short else None) or error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = "not YAML: " + " ".join(filter(None, (error.context, error.problem)))
            if "nesting depth" in what:  # newer libraries refuse it before they tell of the first level
                what = f"nested deeper than {DEEPEST} levels"
            self.findings.append(((False, line, column), self.source.finding(line, column, what)))
            raise _Hopeless from None

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        self.nodes += 1
        self._refuse_excess(event, path)
        self._refuse_references(event)
        self.places[path] = self._place(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, path)
        return self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def _map(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        built: dict[str, object] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, path)
            if key in built:
                first = self.keys[(*path, key)]
                self._find(event, f"{key!r} is already said on line {first.line}; say it once")
            else:
                self.keys[(*path, key)] = self._place(event)
            built[key] = self._node(next(events), events, (*path, key))
        return built

    def _key(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> str:
        key = self._node(event, events, (*path, ""))
        del self.places[(*path, "")]
        if isinstance(key, str):
            if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                self._find(event, "merge keys are not read; write the words out, or use `extends`")
            return key
        if isinstance(event, yaml.ScalarEvent):
            self._find(event, f'a key is text; write it in quotes: "{event.value}"')
        else:
            self._find(event, "a key is text, not a list or a map")
        return f"\0{self.nodes}"

    def _list(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        built: list[object] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            built.append(self._node(event, events, (*path, len(built))))
        return built

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        if not event.implicit[0]:
            return event.value
        try:
            value = resolve(event.value)
        except ScalarError as error:
            self._find(event, str(error))
            return event.value
        if reads_otherwise(event.value, value):
            what = f'YAML 1.1 tools read {event.value} otherwise; in quotes all agree: "{event.value}"'
            self.doubts.append(self._finding(event, what))
        return value

    def _refuse_excess(self, event: yaml.Event, path: Path) -> None:
        if self.nodes > MOST_NODES:
            self._hopeless(event, f"more than {MOST_NODES:,} words; split the scenario with `extends`")
        if len(path) > DEEPEST:
            self._hopeless(event, f"nested deeper than {DEEPEST} levels")

    def _refuse_references(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._find(event, "aliases are not read; a value that starts with * goes in quotes")
        elif getattr(event, "anchor", None) is not None:
            self._find(event, "anchors are not read; a value that starts with & goes in quotes")
        if getattr(event, "tag", None) is not None:
            self._find(event, "tags are not read; a value that starts with ! goes in quotes")

    def _directives(self, event: yaml.DocumentStartEvent) -> None:
        if event.tags or (event.version and tuple(event.version) != (1, 2)):
            self._find(event, "directives are not read; remove the % lines")

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.source, mark.line + 1, mark.column + 1) if mark else Place(self.source, 1, 1)

    def _finding(self, event: yaml.Event, what: str) -> str:
        place = self._place(event)
        return self.source.finding(place.line, place.column, what)

    def _find(self, event: yaml.Event, what: str) -> None:
        place = self._place(event)
        self.findings.append(((False, place.line, place.column), self._finding(event, what)))

    def _hopeless(self, event: yaml.Event, what: str) -> None:
        self._find(event, what)
        raise _Hopeless


_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)
