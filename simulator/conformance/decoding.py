"""From the bytes of an answer to the value that its schema judges, whatever format they are in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from simulator.conformance.references import follow
from simulator.conformance.schemas import refuse_constant
from simulator.formats.jsonp import read_jsonp
from simulator.formats.plain_lines import read_lines
from simulator.formats.print_r import read_print_r
from simulator.formats.xml_tree import Element, read_xml

Json = Any

_JSON = json.JSONDecoder(parse_constant=refuse_constant)
_WHOLE = frozenset("-0123456789")


def decode_answer(document: Json, media: Json, kind: str, body: bytes) -> Json:
    """Return the value of a body as its `media` object tells it, of the content type `kind`.

    The media type's `x-codec` names a format besides JSON (jsonp, xml, print_r, lines). Formats that know
    only text and nesting take lists, whole numbers and null from the schema; the items of a list are the
    elements that the schema's `xml.name` tells. Without a codec, what is not JSON is its text. Raises
    ValueError.
    """
    read = _CODECS.get(media.get("x-codec", ""))
    if read is not None:
        return read(document, media["schema"], body)
    return _JSON.decode(body.decode()) if kind.endswith("json") else body.decode()


def _read_xml(document: Json, schema: Json, body: bytes) -> Json:
    return _shape_element(document, schema, read_xml(body))


def _read_print_r(document: Json, schema: Json, body: bytes) -> Json:
    return _shape(document, schema, read_print_r(body.decode()))


def _read_lines(document: Json, schema: Json, body: bytes) -> Json:
    return _shape(document, schema, read_lines(body.decode()))


def _read_jsonp(_document: Json, _schema: Json, body: bytes) -> Json:
    return read_jsonp(body.decode())[1]


_CODECS: Mapping[str, Callable[[Json, Json, bytes], Json]] = {
    "xml": _read_xml,
    "print_r": _read_print_r,
    "lines": _read_lines,
    "jsonp": _read_jsonp,
}


def _shape(document: Json, written: Json, value: Json) -> Json:
    """Return nested texts as the types that a schema asks for; what does not fit stays for it to refuse."""
    schema = follow(document, written, "#")[0]
    kinds = _kinds(schema)
    if "object" in kinds and (value == "" or isinstance(value, dict)):
        return {key: _shape(document, _part(schema, key), item) for key, item in (value or {}).items()}
    if "array" in kinds and (value == "" or isinstance(value, dict)):
        items = schema.get("items", {})
        return [_shape(document, items, item) for item in value.values()] if value else []
    return _plain(kinds, value)


def _shape_element(document: Json, written: Json, element: Element) -> Json:
    schema = follow(document, written, "#")[0]
    kinds = _kinds(schema)
    if "object" in kinds:
        return dict(_members(document, schema, element))
    if "array" in kinds:
        items = schema.get("items", {})
        return [_shape_item(document, items, child) for child in element.children]
    return _plain(kinds, element.text) if not element.children else element.name


def _members(document: Json, schema: Json, element: Element) -> Iterator[tuple[str, Json]]:
    numbers = count()
    rows: Json = next(iter(schema.get("patternProperties", {}).values()), {})
    for child in element.children:
        if child.name in schema.get("properties", {}):
            yield child.name, _shape_element(document, schema["properties"][child.name], child)
        elif _row_name(document, rows) == child.name:
            yield str(next(numbers)), _shape_element(document, rows, child)
        else:
            yield child.name, child.text


def _shape_item(document: Json, items: Json, child: Element) -> Json:
    """Return an item of a list; raises ValueError for an element of another name than the items have."""
    row = _row_name(document, items)
    if child.name != row:
        raise ValueError(f"<{child.name}> stands among <{row}>")
    return _shape_element(document, items, child)


def _row_name(document: Json, written: Json) -> str:
    """Return how the schema calls an item; a name beside a reference wins."""
    beside = written.get("xml", {}).get("name")
    return str(beside or follow(document, written, "#")[0].get("xml", {}).get("name"))


def _kinds(schema: Json) -> tuple[str, ...]:
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


def _part(schema: Json, key: str) -> Json:
    named = schema.get("properties", {})
    return named[key] if key in named else next(iter(schema.get("patternProperties", {}).values()), {})


def _plain(kinds: tuple[str, ...], value: Json) -> Json:
    if not isinstance(value, str):
        return value
    if value == "" and "null" in kinds:
        return None
    if "integer" in kinds and value and _WHOLE.issuperset(value) and "-" not in value[1:] and value != "-":
        return int(value[:20])
    return value
