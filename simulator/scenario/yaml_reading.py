"""From the bytes of a scenario file to its document, with everything in it that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from msgspec import Struct, field
from yaml.resolver import Resolver

from simulator.errors import BrokenScenario
from simulator.formats.yaml_text import Scalar, resolve_scalar
from simulator.scenario.document import Document, Located, Path, Place, Source, curtailed

MOST_BYTES = 1_000_000
MOST_NODES = 10_000
DEEPEST = 32

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PHONE = re.compile(r"\+[0-9]{7,}")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BLANK = "[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000]"
_ODD_BLANK = re.compile(f"^{_BLANK}|{_BLANK}$|(?<=:){_BLANK}")
_PLACEHOLDER = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|<%.*%>|\{\{.*\}\}")
_IN_A_TABLE = "many people go in a table, `people: [{file: people.csv}]`, or in a run of `numbers`"
_LONGEST = 36
_INDENTED = "; is this line indented as those around it?"
_IN_QUOTES = "; text that holds or begins with such a sign goes in quotes"
_ADVICE = {
    "scanning an alias": '; a value that starts with * goes in quotes: "*"',
    "scanning an anchor": "; a value that starts with & goes in quotes",
    "mapping values are not allowed": "; text that holds a colon and a blank goes in quotes",
    "cannot start any token": _IN_QUOTES,
    "quoted scalar found unexpected end": "; this quote is never closed",
    "expected ',' or": "; a comma is missing before this, or something is not closed",
    "plain scalar found unexpected ':'": "; a blank stands behind a colon",
    "parsing a block mapping did not find expected key": _INDENTED,
    "parsing a block collection did not find expected": _INDENTED,
}
"""What helps where YAML ends, by what its parser says; the first that fits."""
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)


_ROOT = "a scenario is a map that starts with `sim: 1`"


def read_document(text: bytes, name: str, root: str = _ROOT) -> Document:
    """Read one YAML 1.2 core document from UTF-8 bytes; `name` is what findings call the file.

    What has no map at its `root` is told that there is to be one.

    Accepts plain data only: at most 1 MB, 32 levels and 10,000 nodes, no anchors, aliases, tags or merge
    keys, each key a string that occurs once. Raises BrokenScenario with everything found wrong.
    """
    document = read_in_part(text, name, root)
    if document.errors:
        raise BrokenScenario(document.findings(()))
    return document


def read_in_part(text: bytes, name: str, root: str = _ROOT) -> Document:
    """Read a document as `read_document` does, but for words that cannot be read: its `errors` tell them."""
    letters = _decoded(text, name)
    source = Source(name, tuple(LINE_BREAK.split(letters)))
    builder = _Builder(source=source)
    try:
        value = builder.build(letters)
    except _Hopeless:
        raise BrokenScenario(curtailed(finding for _, finding in builder.findings)) from None
    if not isinstance(value, dict):
        first = Place(source, 1, 1).finding(root)
        raise BrokenScenario([finding for _, finding in builder.findings] or [first])
    return Document(
        source=source,
        value=value,
        places=builder.places,
        keys=builder.keys,
        doubts=tuple(builder.doubts),
        errors=tuple(builder.findings),
    )


def _decoded(text: bytes, name: str) -> str:
    if len(text) > MOST_BYTES:
        raise BrokenScenario([f"{name}:1:1: over {MOST_BYTES:,} bytes, the most that a scenario has"])
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
    before = LINE_BREAK.split(text[:at])
    source = Source(name, tuple(LINE_BREAK.split(text)))
    return Place(source, len(before), len(before[-1]) + 1).finding(what)


class _Hopeless(Exception):
    """Reading on would find nothing worth telling."""


class _Builder(Struct, kw_only=True):
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
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if event.tags or (event.version and tuple(event.version) != (1, 2)):
                    self._find(event, "directives are not read; remove the % lines")
                if self.nodes:
                    self._hopeless(event, "a second document; a scenario file holds one")
            elif not isinstance(event, _FRAME):
                value = self._node(event, events, ())
        return value

    def _events(self, text: str) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(text, Loader=_PARSER)
        except yaml.MarkedYAMLError as error:
            mark = self._mark_of(error)
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = "not YAML: " + " ".join(filter(None, (error.context, error.problem)))
            if letter := self._odd_blank_before(line, column):
                sign = self.source.lines[line - 1][letter - 1]
                column, what = letter, f"{_named(sign)}; YAML indents with blanks only"
            else:
                what += next((advice for words, advice in _ADVICE.items() if words in what), "")
            if "nesting depth" in what:  # newer libraries refuse it before they tell of the first level
                what = f"nested deeper than {DEEPEST} levels"
            if (stopped := Place(self.source, line, column).located(what))[0] not in dict(self.findings):
                self.findings.append(stopped)
            raise _Hopeless from None

    @staticmethod
    def _mark_of(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
        """Return where to point: at what was left open, if that is on another line than what ended it."""
        begun, met = error.context_mark, error.problem_mark
        bracket = (error.context or "").endswith(("flow mapping", "flow sequence"))
        quote = (error.context or "").endswith("quoted scalar") or "end of stream" in (error.problem or "")
        left_open = quote or (bracket and met is not None and begun is not None and begun.line != met.line)
        return (begun if left_open else None) or met

    def _odd_blank_before(self, line: int, column: int) -> int:
        """Return the column of the first blank of another kind that indents what stopped reading, or 0."""
        text = self.source.lines[line - 1][:column] if line <= len(self.source.lines) else ""
        indent = text[: len(text) - len(text.lstrip())]
        return next((nth for nth, sign in enumerate(indent, 1) if sign != " "), 0)

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._hopeless(event, f"more than {MOST_NODES:,} words; {_IN_A_TABLE}")
        if len(path) > DEEPEST:
            self._hopeless(event, f"nested deeper than {DEEPEST} levels")
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
        if isinstance(event, yaml.ScalarEvent) and self._behind_digit_and_comma(event):
            self._find(event, "a comma ends a value here; a number has a point, and no comma: 1000.00")
        elif isinstance(event, yaml.ScalarEvent):
            self._find(event, f'a key is text; write it in quotes: "{event.value}"')
        else:
            self._find(event, "a key is text, not a list or a map")
        return f"\0{self.nodes}"

    def _behind_digit_and_comma(self, event: yaml.ScalarEvent) -> bool:
        place = self._place(event)
        return re.search("[0-9],$", place.source.lines[place.line - 1][: place.column - 1]) is not None

    def _list(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        built: list[object] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            built.append(self._node(event, events, (*path, len(built))))
        return built

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        if _PLACEHOLDER.fullmatch(event.value):
            what = f"nothing is put in for {_short(event.value)}: it stands here as it is"
            self.doubts.append(self._place(event).finding(what))
        if not event.implicit[0]:
            return event.value
        if match := _ODD_BLANK.search(event.value):
            self._find(event, f"{_named(match.group())}; type a plain one")
            return event.value
        try:
            value = resolve(event.value)
        except ScalarError as error:
            self._find(event, str(error))
            return event.value
        if reads_otherwise(event.value, value):
            what = f'YAML 1.1 tools read {event.value} otherwise; in quotes all agree: "{event.value}"'
            self.doubts.append(self._place(event).finding(what))
        return value

    def _refuse_references(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._find(event, "aliases are not read; a value that starts with * goes in quotes")
        elif getattr(event, "anchor", None) is not None:
            self._find(event, "anchors are not read; a value that starts with & goes in quotes")
        if getattr(event, "tag", None) is not None:
            self._find(event, "tags are not read; a value that starts with ! goes in quotes")

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.source, mark.line + 1, mark.column + 1) if mark else Place(self.source, 1, 1)

    def _find(self, event: yaml.Event, what: str) -> None:
        self.findings.append(self._place(event).located(what))

    def _hopeless(self, event: yaml.Event, what: str) -> None:
        self._find(event, what)
        raise _Hopeless


# -- what an unquoted word means: the 1.2 core schema, and where 1.1 tools disagree ---------------------


class ScalarError(ValueError):
    """A word that reads as something nobody means; the text says what to write instead."""


def resolve(text: str) -> Scalar:
    """Return what the unquoted `text` means under YAML 1.2 core: null, true, false, a number, else itself.

    Raises ScalarError for an unquoted phone number (its plus sign would be lost), a leading zero, an
    infinity, and numbers too long to keep.
    """
    if _PHONE.fullmatch(text):
        raise ScalarError(f'unquoted, a phone number loses its plus; write it in quotes: "{_short(text)}"')
    if _NO_NUMBER.fullmatch(text):
        raise ScalarError(f'{text} is no number to count with; as text, write it in quotes: "{text}"')
    if _LEADING_ZERO.fullmatch(text):
        raise ScalarError(f'a number has no leading zero; as text, write it in quotes: "{_short(text)}"')
    try:
        value = resolve_scalar(text)
        if isinstance(value, float) and len(text) > _LONGEST:
            raise OverflowError("too large")
    except (ValueError, OverflowError) as error:
        raise ScalarError(
            f'{error} to keep as a number; as text, write it in quotes: "{_short(text)}"'
        ) from None
    return value


def _named(blank: str) -> str:
    return "a tab" if blank == "\t" else f"a blank that is none to YAML, U+{ord(blank):04X}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def reads_otherwise(text: str, value: Scalar) -> bool:
    """Return whether a YAML 1.1 tool takes the unquoted `text` for another kind of value than `value`."""
    first = text[:1]
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(first, []):
        if pattern.match(text):
            return bool(tag.rpartition(":")[2] != _KINDS[type(value)])
    return not isinstance(value, str)


_KINDS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}
