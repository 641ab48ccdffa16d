"""Is a contract document fit to ship? Everything marked, everything exemplified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape, follow, walk
from simulator.conformance.keywords import MARKED, MARKS, RefusedValue
from simulator.conformance.own_words import OWN_WORDS
from simulator.conformance.reading import VERBS
from simulator.conformance.refusals import BLAMED
from simulator.errors import guess
from simulator.exchange import Cause

Json = Any

CAUSES = get_args(Cause)
EFFECTS = ("calls", "messages", "money")


def lint_contract(contract: Contract) -> list[str]:
    """Return findings as `pointer: what`; an empty list means fit to ship.

    Every operation, parameter, body, answer, header and error has its mark, every operation an example, and
    every example fits its schema. A pattern has a description, for nobody reads patterns; each keyword that
    narrows what a client may send has a mark of its own. Every error tells its cause, and a fix where that is
    the client; every loss tells when it happens, a fix and its mark. What calls, writes or spends
    is an operation that changes something. No text is cut at a comma. References and patterns were judged
    when the document was loaded.
    """
    document = contract.document
    marks = ((at, node.get("x-provenance")) for at, node in walk(document))
    wrong = ((at, mark) for at, mark in marks if isinstance(mark, str) and mark not in MARKS)
    return [
        *(line for at, node in _operations(document) for line in _lint_operation(document, at, node)),
        *_lint_examples(contract),
        *_lint_causes(document),
        *_lint_keywords(document),
        *_lint_effects(contract),
        *_lint_words(document),
        *_lint_texts(document),
        *(f"{at}: x-provenance {mark!r} is none of {', '.join(MARKS)}" for at, mark in wrong),
    ]


def _lint_words(document: Json) -> Iterator[str]:
    """Yield words of ours that are none; names of properties and what stands in examples are the vendor's."""
    for at, node in walk(document):
        if not at.endswith("/properties") and "/example" not in at:
            for word in (word for word in node if word.startswith("x-") and word not in OWN_WORDS):
                yield f"{at}: {word!r} is no word of contracts; {guess(word, OWN_WORDS)}"


def _lint_effects(contract: Contract) -> Iterator[str]:
    """Yield effects that nobody asks about, and operations that are none, or that read: both cannot be."""
    known = {operation.id for operation in contract.operations} - contract.reads
    for effect, names in contract.effects.items():
        if effect not in EFFECTS:
            yield f"#/x-effects/{effect}: is none of {', '.join(EFFECTS)}"
        for name in sorted(names - known):
            yield f"#/x-effects/{effect}: {name!r} is no operation that changes anything"


def _lint_texts(document: Json) -> Iterator[str]:
    """Yield texts that a comma ended, for they stand in braces without quotes: the rest is a key there."""
    for at, node in walk(document):
        for key in (key for key, value in node.items() if value is None and " " in key):
            if "/example" not in at:
                yield f"{at}: {key!r} is the end of a text that has a comma: put it in quotes"


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for section in ("paths", "webhooks"):
        for path, item in document.get(section, {}).items():
            verbs = (verb for verb in VERBS if verb in item)
            yield from ((f"#/{section}/{escape(path)}/{verb}", item[verb]) for verb in verbs)


def _lint_operation(document: Json, at: str, node: Json) -> Iterator[str]:
    parts = [
        (at, node),
        *_each(document, f"{at}/parameters", node.get("parameters", ())),
        *_each(document, f"{at}/responses", node["responses"]),
        *(errors := _each(document, f"{at}/x-errors", node.get("x-errors", ()))),
        *_each(document, at, {"requestBody": node["requestBody"]} if "requestBody" in node else {}),
    ]
    for pointer, part in parts:
        yield from _lint_mark(pointer, part)
        for name, header in _each(document, f"{pointer}/headers", part.get("headers", {})):
            yield from _lint_mark(name, header)
    if at.startswith("#/paths") and not _has_example(document, at, node):
        yield f"{at}: no example of a request"
    for pointer, error in errors:
        missing = [key for key in ("status", "text", "when") if key not in error]
        yield from (f"{pointer}: an error needs `{key}`" for key in missing)


def _each(document: Json, pointer: str, nodes: Json) -> list[tuple[str, Json]]:
    """Return what stands behind each entry of a map or list, under the pointer where it is mentioned."""
    entries = nodes.items() if isinstance(nodes, dict) else enumerate(nodes)
    pairs = [(f"{pointer}/{escape(str(key))}", node) for key, node in entries]
    return [(at, follow(document, node, at)[0]) for at, node in pairs]


def _lint_causes(document: Json) -> Iterator[str]:
    parts = document.get("components", {})
    for name, error in parts.get("x-errors", {}).items():
        at, cause = f"#/components/x-errors/{name}", error.get("x-cause")
        if cause not in CAUSES:
            yield f"{at}: x-cause {cause!r} is none of {', '.join(CAUSES)}"
        if cause in BLAMED and not error.get("fix"):
            yield f"{at}: an error whose cause is the {cause} needs `fix`: what a client has to change"
    for name, loss in parts.get("x-losses", {}).items():
        at = f"#/components/x-losses/{name}"
        yield from _lint_mark(at, loss)
        yield from (f"{at}: a loss needs `{key}`" for key in ("when", "fix") if not loss.get(key))


def _lint_mark(pointer: str, node: Json) -> Iterator[str]:
    if "x-provenance" not in node:
        yield f"{pointer}: no x-provenance"


def _has_example(document: Json, at: str, node: Json) -> bool:
    body = follow(document, node.get("requestBody", {}), at)[0]
    parameters = _each(document, at, node.get("parameters", ()))
    required = [part for _, part in parameters if part.get("required")]
    return all("example" in part for part in [*body.get("content", {}).values(), *required])


def _lint_examples(contract: Contract) -> Iterator[str]:
    for at, node in walk(contract.document):
        if "example" in node and isinstance(node.get("schema"), dict):
            for error in contract.schemas.at(f"{at}/schema").iter_errors(node["example"]):
                refused = RefusedValue(contract, error)
                yield f"{at}/example{refused.at}: {refused.asked}"


def _lint_keywords(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        holds = isinstance(node.get("pattern"), str) and not at.endswith("/x-provenance-of")
        if holds and "description" not in node:
            yield f"{at}: a pattern without a description, which is what a client is told"
        marks = node.get("x-provenance-of")
        for keyword, mark in marks.items() if isinstance(marks, dict) else ():
            if at != "#" and keyword not in node:
                yield f"{at}/x-provenance-of: `{keyword}` is marked and not there"
            if mark not in MARKS:
                yield f"{at}/x-provenance-of/{keyword}: {mark!r} is none of {', '.join(MARKS)}"
    for at, schema in _sent_schemas(document).items():
        marked = {**document.get("x-provenance-of", {}), **schema.get("x-provenance-of", {})}
        unmarked = sorted((MARKED & schema.keys()) - marked.keys())
        yield from (f"{at}: `{word}` has no mark under x-provenance-of" for word in unmarked)


def _sent_schemas(document: Json) -> dict[str, Json]:
    """Return the schemas of all that clients send, by their pointers, references followed."""
    schemas: dict[str, Json] = {}
    for at, node in _operations(document):
        if at.startswith("#/paths"):
            for index, written in enumerate(node.get("parameters", ())):
                parameter, pointer = follow(document, written, f"{at}/parameters/{index}")
                _gather(document, parameter["schema"], f"{pointer}/schema", schemas)
            body, pointer = follow(document, node.get("requestBody", {}), f"{at}/requestBody")
            for kind, media in body.get("content", {}).items():
                source = f"{pointer}/content/{escape(kind)}/schema"
                _gather(document, media.get("schema", {}), source, schemas)
    return schemas


def _gather(document: Json, written: Json, at: str, schemas: dict[str, Json]) -> None:
    schema, at = follow(document, written, at)
    if not isinstance(schema, dict) or at in schemas:
        return
    schemas[at] = schema
    for holder in ("properties", "patternProperties"):
        for name, part in schema.get(holder, {}).items():
            _gather(document, part, f"{at}/{holder}/{escape(name)}", schemas)
    for word in ("items", "additionalProperties", "not", "if", "then", "else"):
        _gather(document, schema.get(word), f"{at}/{word}", schemas)
    for word in ("anyOf", "oneOf", "allOf"):
        for index, part in enumerate(schema.get(word, ())):
            _gather(document, part, f"{at}/{word}/{index}", schemas)
