"""YAML 1.2 in, as plain values: one document of plain data, no tags."""

from __future__ import annotations

import re
from math import isinf
from typing import Any, cast

import yaml

Scalar = str | int | float | bool | None

MAX_DEPTH = 64
MAX_NODES = 20_000
MAX_LETTERS = 1_000_000
MAX_DIGITS = 18

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class _BoundedFlow:
    """A part of a loader in Python: it refuses brackets and braces as they are met.

    Of a word that could be a key the scanner reads a thousand brackets ahead, and looks through all that
    are open at each of them, before anybody is told of the first.
    """

    flow_level: int
    get_mark: Any

    def fetch_flow_collection_start(self, token: Any) -> None:
        """Take a bracket or brace, unless too many are open."""
        if self.flow_level >= MAX_DEPTH:
            problem = f"nested deeper than {MAX_DEPTH} levels"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark())
        super().fetch_flow_collection_start(token)  # type: ignore[misc]


class _Loader(_BoundedFlow, yaml.BaseLoader):
    """Reads every scalar as text."""


class MalformedYaml(ValueError):
    """A text that is not the YAML we accept: `reason` is a phrase, line and column count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")


def read_yaml(text: str) -> Any:
    """Return the value of one YAML document, by the core schema of YAML 1.2 (so `on` and `no` are text).

    An alias is what its anchor names. Raises MalformedYaml, also for keys that are no text or stand twice,
    tags, a second document, numbers of more than 18 digits, and more than 64 levels, 20,000 values or a
    million letters.
    """
    try:
        _scan(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise MalformedYaml(error.problem or "cannot be read", line, column) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        raise MalformedYaml(
            "a character that YAML does not allow", before.count("\n") + 1, len(before) - before.rfind("\n")
        ) from None
    return None if node is None else _Builder().value(node)


def find_too_deep(text: str | bytes, most: int) -> yaml.Mark | None:
    """Return where a text begins to have more levels than `most`, or None; raises YAMLError.

    By its events, one after the other: composers and loaders recurse, and those in C die of deep nesting.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        if depth > most:
            return cast("yaml.Mark | None", event.start_mark)  # that of a C loader has the same fields
    return None


def _scan(text: str) -> None:
    """Refuse what would be too deep or too much to build, before it is built."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        nodes += isinstance(event, (*_STARTS, yaml.ScalarEvent))
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        if getattr(event, "tag", None) not in (None, "!"):
            _refuse("tags are not read", event)
        _check_size(depth, nodes, event)


def _check_size(depth: int, nodes: int, place: Any) -> None:
    if depth > MAX_DEPTH:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", place)
    if nodes > MAX_NODES:
        _refuse(f"more than {MAX_NODES:,} values", place)


class _Builder:
    """Builds values, and counts them: an alias may name what names others, or what it stands in."""

    def __init__(self) -> None:
        self._built = self._letters = 0

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        self._built += 1
        self._letters += len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        _check_size(depth, self._built, node)
        if self._letters > MAX_LETTERS:
            _refuse(f"more than {MAX_LETTERS:,} letters", node)
        if isinstance(node, yaml.MappingNode):
            built: dict[str, Any] = {}
            for key, entry in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    _refuse("a key is text", key)
                if key.value in built:
                    _refuse(f"the key {key.value!r} stands twice", key)
                built[key.value] = self.value(entry, depth + 1)
            return built
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, depth + 1) for entry in node.value]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) and node.style is None else node.value


def _scalar(node: yaml.Node) -> Any:
    try:
        return resolve_scalar(node.value)
    except OverflowError:
        _refuse("a number that is too large", node)
    except ValueError:
        _refuse(f"a number of more than {MAX_DIGITS} digits; quote it to make it text", node)


def resolve_scalar(text: str) -> Scalar:
    """Return what an unquoted word means in YAML 1.2: null, true, false, a number, or text.

    Raises ValueError for a whole number of more than 18 digits, OverflowError for a fraction too large.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) or _BASED.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise ValueError("too many digits")
        return int(text, 0) if _BASED.fullmatch(text) else int(text)
    if not _FLOAT.fullmatch(text):
        return text
    if isinf(number := float(text)):
        raise OverflowError("too large")
    return number


def _refuse(reason: str, place: Any) -> None:
    mark = place.start_mark
    raise MalformedYaml(reason, mark.line + 1, mark.column + 1)
