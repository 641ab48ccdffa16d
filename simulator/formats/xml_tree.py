"""XML out of plain values and back into a tree: elements and text, nothing that could reach outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

MAX_DEPTH = 64
MAX_ELEMENTS = 100_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class MalformedXml(ValueError):
    """A text that is not the XML we accept; the message says why and in which line."""


class Element(NamedTuple):
    """One element: its name, the text directly in it, and the elements in it, in order."""

    name: str
    text: str = ""
    children: tuple[Element, ...] = ()


def write_xml(name: str, value: Any, rows: Mapping[str, str]) -> str:
    """Return `value` as the element `name`, without a prolog.

    A dict becomes elements named by its keys, anything else text; None is an empty element. `rows` names the
    elements in which the items of a list stand, by the name of the list; keys that are digits count as items
    and come after the others. Raises ValueError for what XML cannot carry: a control character, a key that
    is no name, a list whose items have no name.
    """
    return "".join(_write(name, value, rows))


def _write(name: str, value: Any, rows: Mapping[str, str]) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name an element")
    yield f"<{name}>"
    if isinstance(value, dict):
        named = [(key, item) for key, item in value.items() if not key.isdecimal()]
        for key, item in named:
            yield from _write(key, item, rows)
        yield from _write_items(name, [item for key, item in value.items() if key.isdecimal()], rows)
    elif isinstance(value, list | tuple):
        yield from _write_items(name, list(value), rows)
    elif value is not None:
        yield _text(str(value))
    yield f"</{name}>"


def _write_items(name: str, items: list[Any], rows: Mapping[str, str]) -> Iterator[str]:
    if items and name not in rows:
        raise ValueError(f"the items of {name!r} have no name")
    for item in items:
        yield from _write(rows[name], item, rows)


def _text(text: str) -> str:
    if _UNSPEAKABLE.search(text):
        raise ValueError("XML cannot carry a control character")
    return escape(text, quote=False).replace("\r", "&#13;")


def read_xml(body: bytes) -> Element:
    """Return the root element of an XML text; whitespace stays where it stands.

    Raises MalformedXml for bad text, a document type (so no entity is ever expanded), attributes, processing
    instructions, more than 64 levels and more than 100,000 elements.
    """
    builder = _Builder()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.ProcessingInstructionHandler = builder.refuse_instruction
    try:
        parser.Parse(body, True)
    except ExpatError as error:
        raise MalformedXml(f"Not XML: {error}.") from error
    return builder.root()


class _Builder:
    """Collects elements as the parser meets them."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[str], list[Element]]] = [("", [], [])]
        self._count = 0

    def root(self) -> Element:
        return self._open[0][2][0]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if attributes:
            raise MalformedXml(f"The element {name[:80]!r} has attributes.")
        if len(self._open) > MAX_DEPTH:
            raise MalformedXml(f"The XML text is nested deeper than {MAX_DEPTH} levels.")
        if self._count > MAX_ELEMENTS:
            raise MalformedXml(f"The XML text holds more than {MAX_ELEMENTS:,} elements.")
        self._open.append((name, [], []))

    def end(self, _name: str) -> None:
        name, texts, children = self._open.pop()
        self._open[-1][2].append(Element(name, "".join(texts), tuple(children)))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def refuse_doctype(self, *_declared: object) -> None:
        raise MalformedXml("A document type is refused: no entity is ever expanded.")

    def refuse_instruction(self, target: str, _text: str) -> None:
        raise MalformedXml(f"The processing instruction {target[:80]!r} is refused.")
