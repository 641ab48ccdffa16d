"""From an OpenAPI document to operations, groups and replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from simulator.conformance.document import escape, follow
from simulator.conformance.error_texts import ErrorText, read_error
from simulator.conformance.operations import (
    READERS,
    DocumentedAnswer,
    DocumentedBody,
    Group,
    Operation,
    Reader,
    Variant,
    read_item,
    read_list,
)
from simulator.conformance.schemas import BASE, Schemas, address

Json = Any

VERBS = ("post", "get", "put", "patch", "delete", "head", "options", "trace")
FORM = "application/x-www-form-urlencoded"
FORMS = (FORM, "multipart/form-data")


def read_operations(document: Json, schemas: Schemas, section: str = "paths") -> tuple[Operation, ...]:
    """Return every operation below `paths`, or every event below `webhooks`, in the document's order.

    Forms of one operation are gathered, the one that gives it its name first.
    """
    gathered: dict[str, list[Variant]] = {}
    heads: dict[str, Json] = {}
    for variant, node in _read_variants(document, schemas, section):
        forms = gathered.setdefault(variant.operation, [])
        if "x-operation" in node:
            forms.append(variant)
        else:
            forms.insert(0, variant)
            heads[variant.operation] = node
    return tuple(
        Operation(
            name,
            str(heads[name].get("summary", "")),
            variants[0].provenance,
            tuple(variants),
            twin=str(heads[name].get("x-twin", "")),
        )
        for name, variants in gathered.items()
    )


def _read_variants(document: Json, schemas: Schemas, section: str) -> Iterator[tuple[Variant, Json]]:
    servers = document.get("servers") or [{"url": "/"}]
    root = urlsplit(servers[0]["url"]).path.rstrip("/")
    for path, item in document.get(section, {}).items():
        for verb in VERBS:
            if verb in item:
                source = f"#/{section}/{escape(path)}/{verb}"
                yield _Reader(document, schemas).variant(root + path, verb, item[verb], source), item[verb]


class _Reader:
    """Reads one operation of one document."""

    def __init__(self, document: Json, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def variant(self, path: str, verb: str, node: Json, source: str) -> Variant:
        """Return one verb at one path."""
        body, body_source = self._follow(node.get("requestBody", {}), f"{source}/requestBody")
        schemas = {kind: f"{body_source}/content/{escape(kind)}/schema" for kind in body.get("content", {})}
        mark = body.get("x-provenance", node.get("x-provenance", "inferred"))
        query = self._parameters(node, source, "query")
        bodies = {
            kind: self._group(body["content"][kind]["schema"], pointer, mark, node)
            for kind, pointer in schemas.items()
            if kind in FORMS
        }
        return Variant(
            operation=node.get("x-operation", node.get("operationId", "")),
            method=verb.upper(),
            path=path,
            source=source,
            provenance=node.get("x-provenance", "inferred"),
            merged=bool(node.get("x-parameters-merge")),
            query=query,
            bodies=bodies,
            json_bodies={kind: pointer for kind, pointer in schemas.items() if kind not in FORMS},
            body_required=bool(body.get("required") or body.get("x-required")),
            body_provenance=mark,
            replies=read_replies(self._document, source, node["responses"]),
            selectors=_selectors((query, *bodies.values())),
            caseless=frozenset(
                name
                for group in (query, *bodies.values())
                for name, schema in group.properties.items()
                if schema.get("x-ignore-case")
            ),
            errors=tuple(self._errors(node, source)),
            places=self._parameters(node, source, "path"),
            headers=self._parameters(node, source, "header"),
            editions=tuple(node.get("x-editions", ())),
        )

    def _follow(self, node: Json, pointer: str) -> tuple[Json, str]:
        return follow(self._document, node, pointer)

    def _parameters(self, node: Json, source: str, place: str) -> Group:
        """Return the parameters in one place as one object; an exploded object stands for all of them."""
        schema: Json = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
        sources: dict[str, str] = {}
        lists: list[str] = []
        for index, written in enumerate(node.get("parameters", [])):
            parameter, pointer = self._follow(written, f"{source}/parameters/{index}")
            if parameter["in"] != place:
                continue
            inner = self._follow(parameter["schema"], f"{pointer}/schema")[0]
            if inner.get("type") == "object":
                return self._group(parameter["schema"], f"{pointer}/schema", parameter["x-provenance"], node)
            beside = {key: parameter[key] for key in ("x-provenance", "description") if key in parameter}
            schema["properties"][parameter["name"]] = {"$ref": address(f"{pointer}/schema"), **beside}
            sources[parameter["name"]] = pointer
            if inner.get("type") == "array" and place == "query" and parameter.get("explode", True):
                lists.append(parameter["name"])
            if parameter.get("required"):
                schema["required"].append(parameter["name"])
        mark = node.get("x-provenance", "inferred")
        source = f"{source}/parameters"
        return self._finish(schema, source, mark, node, compiled=schema, sources=sources, lists=lists)

    def _group(self, written: Json, pointer: str, mark: str, node: Json) -> Group:
        schema, source = self._follow(written, pointer)
        properties = {name: f"{source}/properties/{escape(name)}" for name in schema.get("properties", {})}
        compiled = {"$ref": address(source)}
        return self._finish(schema, source, mark, node, compiled=compiled, sources=properties)

    def _finish(
        self,
        schema: Json,
        source: str,
        mark: str,
        node: Json,
        *,
        compiled: Json,
        sources: dict[str, str],
        lists: Sequence[str] = (),
    ) -> Group:
        properties = {name: self._property(schema["properties"][name], at) for name, at in sources.items()}
        patterns = {
            name: self._property(part, source) for name, part in schema.get("patternProperties", {}).items()
        }
        readers = {name: self._reader(part, repeated=name in lists) for name, part in properties.items()}
        return Group(
            source=source,
            provenance=schema.get("x-provenance", mark),
            schema=compiled,
            properties=properties,
            patterns=patterns,
            required=tuple(schema.get("required", ())),
            readers={name: reader for name, reader in readers.items() if reader},
            files=frozenset(name for name, part in properties.items() if part.get("format") == "binary"),
            lists=frozenset(lists),
            one_of=tuple(tuple(names) for names in node.get("x-one-of", ())),
            sources=sources,
            schemas=self._schemas,
        )

    def _property(self, written: Json, pointer: str) -> dict[str, Json]:
        """Return a property's schema, references followed; a mark beside the reference wins."""
        reference = unquote(str(written.get("$ref", "")).removeprefix(BASE))
        schema = self._follow({"$ref": reference} if reference else written, pointer)[0]
        beside = {key: value for key, value in written.items() if key != "$ref"}
        return {**schema, **beside}

    def _reader(self, schema: dict[str, Json], *, repeated: bool = False) -> Reader | None:
        """Return what turns text into the schema's type, or None where text is what it asks for."""
        if schema.get("x-ignore-case"):
            return str.lower
        if schema.get("type") == "array":
            inner = self._reader(self._property(schema.get("items", {}), "#"))
            return partial(read_item if repeated else read_list, inner=inner)
        return READERS.get(str(schema.get("type")))

    def _errors(self, node: Json, source: str) -> Iterator[ErrorText]:
        """Yield the refusals of an operation, then those that the document has for every one."""
        for holder, at in ((node, source), (self._document, "#")):
            for index, written in enumerate(holder.get("x-errors", ())):
                error, pointer = self._follow(written, f"{at}/x-errors/{index}")
                yield read_error(error, pointer, self._translate(str(error["text"])))

    def _translate(self, words: str) -> tuple[str, ...]:
        """Return the same words in the other languages for which the document has some of their parts."""
        languages = self._document.get("x-refusals", {}).get("languages", {})
        translations = []
        for phrases in languages.values():
            other = words
            for phrase, translation in phrases.items():
                other = other.replace(phrase, translation)
            translations.append(other)
        return tuple(other for other in translations if other != words)


def read_replies(document: Json, source: str, written: Json) -> Mapping[str, DocumentedAnswer]:
    """Return by status the answers that stand below `source` in the document."""
    replies = {}
    for status, node in written.items():
        reply, pointer = follow(document, node, f"{source}/responses/{status}")
        headers = {
            name: follow(document, header, f"{pointer}/headers/{escape(name)}")
            for name, header in reply.get("headers", {}).items()
        }
        replies[status] = DocumentedAnswer(
            status=status,
            source=pointer,
            provenance=reply.get("x-provenance", "inferred"),
            bodies={
                kind: DocumentedBody(media, f"{pointer}/content/{escape(kind)}/schema")
                for kind, media in reply.get("content", {}).items()
            },
            headers={
                name: f"{where}/schema" for name, (header, where) in headers.items() if header.get("required")
            },
        )
    return replies


def _selectors(groups: tuple[Group, ...]) -> Mapping[str, str | None]:
    """Return the required parameters that have one allowed value, or select by being there at all."""
    selectors: dict[str, str | None] = {}
    for group in groups:
        for name in group.required:
            schema = group.property(name)
            allowed = schema.get("enum", [schema["const"]] if "const" in schema else [])
            if len(allowed) == 1:
                selectors[name] = str(allowed[0])
            elif schema.get("x-selects"):
                selectors[name] = None
    return selectors
