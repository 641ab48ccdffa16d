"""Does an answer keep its contract? Status, headers, content type, and the body, whatever format it is in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, islice
from typing import Any

import msgspec

from simulator.conformance import violations
from simulator.conformance.contract import Contract
from simulator.conformance.document import follow
from simulator.conformance.keywords import RefusedValue
from simulator.conformance.operations import DocumentedAnswer, DocumentedBody, Variant
from simulator.conformance.schemas import refuse_constant
from simulator.exchange import Answer, Violation
from simulator.formats.json_text import read_jsonp
from simulator.formats.nested_text import read_lines, read_print_r
from simulator.formats.xml_tree import Element, read_xml

Json = Any

MAX_FINDINGS = 20
MOST_HEADERS = 1_000
MAX_JUDGED = 4 * 1024 * 1024

_JSON = json.JSONDecoder(parse_constant=refuse_constant)
_WHOLE = frozenset("-0123456789")


def check_answer(contract: Contract, variant: Variant, method: str, answer: Answer) -> list[Violation]:
    """Return the breaches of an answer; the body of a HEAD, or one above 4 MB, is not looked at."""
    reply = variant.reply(answer.status)
    if reply is None:
        source = f"{contract.source}{variant.source}/responses"
        return [undocumented_status(answer, variant.replies, (source, variant.provenance))]
    return check_reply(contract, reply, method, answer)


def undocumented_status(answer: Answer, known: Iterable[str], place: violations.Place) -> Violation:
    """Return the breach of an answer whose status is none of the known ones."""
    return violations.breach("undocumented-status", place, asked=", ".join(known), sent=answer.status)


def check_reply(contract: Contract, reply: DocumentedAnswer, method: str, answer: Answer) -> list[Violation]:
    """Return the breaches of an answer against one documented reply."""
    breaches = _check_headers(contract, reply, answer) if reply.headers else []
    kind = answer.media_type
    body = reply.bodies.get(kind)
    if body is None:
        if reply.bodies and (kind or answer.body):
            asked = " or ".join(reply.bodies)
            place = (contract.source + reply.source, reply.provenance)
            breaches.append(violations.breach("wrong-content-type", place, asked=asked, sent=kind or "none"))
        return breaches
    if method == "HEAD" or len(answer.body) > MAX_JUDGED:
        return breaches
    return breaches + _check_body(contract, reply, body, kind, answer.body)


def _check_headers(contract: Contract, reply: DocumentedAnswer, answer: Answer) -> list[Violation]:
    """Judge headers; most come again and again, and are sound."""
    key = (reply.source, answer.headers)
    if key in contract.sound_headers:
        return []
    breaches = list(_judge_headers(contract, reply, answer))
    if not breaches and len(contract.sound_headers) < MOST_HEADERS:
        contract.sound_headers.add(key)
    return breaches


def _judge_headers(contract: Contract, reply: DocumentedAnswer, answer: Answer) -> Iterator[Violation]:
    for name, pointer in reply.headers.items():
        value, place = answer.header(name), (contract.source + pointer, reply.provenance)
        if value is None:
            yield violations.breach("missing-header", place, name=name)
        elif not contract.schemas.at(pointer).is_valid(value):
            errors = contract.schemas.at(pointer).iter_errors(value)
            asked = "; ".join(RefusedValue(contract, error).asked for error in errors)
            yield violations.breach("bad-header", place, name=name, asked=asked, sent=violations.show(value))


def _check_body(
    contract: Contract, reply: DocumentedAnswer, body: DocumentedBody, kind: str, content: bytes
) -> list[Violation]:
    try:
        value = decode_answer(contract.document, body, kind, content)
        schema = contract.schemas.at(body.source)
        refused = [] if schema.is_valid(value) else [*islice(schema.iter_errors(value), MAX_FINDINGS)]
    except (ValueError, RecursionError) as error:
        asked = "UTF-8 JSON" if kind.endswith("json") else "UTF-8 text"
        place, reason = (contract.source + body.source, reply.provenance), str(error).splitlines()[0][:200]
        return [violations.breach("bad-answer", place, name="/", asked=asked, sent=reason)]
    return [_bad_answer(RefusedValue(contract, error), reply) for error in refused]


def _bad_answer(refused: RefusedValue, reply: DocumentedAnswer) -> Violation:
    return violations.breach(
        "bad-answer",
        (refused.source, reply.provenance),
        name=refused.at or "/",
        asked=refused.asked,
        sent=violations.show(refused.value),
        fix=refused.look_alike,
        rule=refused.name,
    )


# -- from bytes to a value ------------------------------------------------------------------------------


def decode_answer(document: Json, body: DocumentedBody, kind: str, content: bytes) -> Json:
    """Return the value of a body as the document describes it, of the content type `kind`.

    Its `x-codec` names a format besides JSON (jsonp, xml, print_r, lines). Formats that know
    only text and nesting take lists, whole numbers and null from the schema; the items of a list are the
    elements that the schema's `xml.name` tells. Without a codec, what is not JSON is its text. Raises
    ValueError.
    """
    read = _CODECS.get(body.media.get("x-codec", ""))
    if read is not None:
        return read(document, body.media["schema"], content)
    return _read_json(content) if kind.endswith("json") else content.decode()


def _read_json(content: bytes) -> Json:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:  # said in the words of the slower parser, which takes lone surrogates as well
        return _JSON.decode(content.decode())


_CODECS: Mapping[str, Callable[[Json, Json, bytes], Json]] = {
    "xml": lambda document, schema, body: _shape_element(document, schema, read_xml(body)),
    "print_r": lambda document, schema, body: _shape(document, schema, read_print_r(body.decode())),
    "lines": lambda document, schema, body: _shape(document, schema, read_lines(body.decode())),
    "jsonp": lambda _document, _schema, body: read_jsonp(body.decode())[1],
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
