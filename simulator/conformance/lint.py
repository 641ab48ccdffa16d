"""Is a contract document fit to ship? Everything marked, everything exemplified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape
from simulator.conformance.keywords import asked_by, pointer_of
from simulator.conformance.reading import VERBS
from simulator.conformance.references import follow, walk

Json = Any

MARKS = ("documented", "observed", "inferred")
CAUSES = ("request", "credential", "state", "limit", "server")
BLAMED = ("request", "credential")


def lint_contract(contract: Contract) -> list[str]:
    """Return findings as `pointer: what`; an empty list means fit to ship.

    Every operation, parameter, body, answer, header and error has its mark, every operation an example, and
    every example fits its schema. Every error tells its cause, and a fix where that is the client; every loss
    tells when it happens, a fix and its mark. References and patterns
    were judged when the document was loaded.
    """
    document = contract.document
    findings = [line for at, node in _operations(document) for line in _lint_operation(document, at, node)]
    findings += _lint_examples(contract)
    findings += _lint_causes(document)
    for at, node in walk(document):
        mark = node.get("x-provenance")
        if isinstance(mark, str) and mark not in MARKS:
            findings.append(f"{at}: x-provenance {mark!r} is none of {', '.join(MARKS)}")
    return findings


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for section in ("paths", "webhooks"):
        for path, item in document.get(section, {}).items():
            for verb in VERBS:
                if verb in item:
                    yield f"#/{section}/{escape(path)}/{verb}", item[verb]


def _lint_operation(document: Json, at: str, node: Json) -> Iterator[str]:
    parts = [
        (at, node),
        *_each(document, f"{at}/parameters", dict(enumerate(node.get("parameters", ())))),
        *_each(document, f"{at}/responses", node["responses"]),
        *_each(document, f"{at}/x-errors", dict(enumerate(node.get("x-errors", ())))),
        *_each(document, at, {"requestBody": node["requestBody"]} if "requestBody" in node else {}),
    ]
    for pointer, part in parts:
        yield from _lint_mark(pointer, part)
        for name, header in _each(document, f"{pointer}/headers", part.get("headers", {})):
            yield from _lint_mark(name, header)
    if at.startswith("#/paths") and not _has_example(document, at, node):
        yield f"{at}: no example of a request"
    for pointer, error in _each(document, f"{at}/x-errors", dict(enumerate(node.get("x-errors", ())))):
        yield from (
            f"{pointer}: an error needs `{key}`" for key in ("status", "text", "when") if key not in error
        )


def _each(document: Json, pointer: str, nodes: dict[Any, Json]) -> list[tuple[str, Json]]:
    """Return what stands behind each entry, under the pointer where it is mentioned."""
    pairs = [(f"{pointer}/{escape(str(key))}", node) for key, node in nodes.items()]
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
    parameters = _each(document, at, dict(enumerate(node.get("parameters", ()))))
    required = [part for _, part in parameters if part.get("required")]
    return all("example" in part for part in [*body.get("content", {}).values(), *required])


def _lint_examples(contract: Contract) -> Iterator[str]:
    for at, node in walk(contract.document):
        if "example" in node and isinstance(node.get("schema"), dict):
            for error in contract.schemas.at(f"{at}/schema").iter_errors(node["example"]):
                yield f"{at}/example{pointer_of(error)}: {asked_by(error)}"
