"""A vendor's contract: an OpenAPI document, read once, closed to the outside, ready to judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from simulator.conformance.document import read_document
from simulator.conformance.operations import (
    DocumentedAnswer,
    ErrorText,
    LossText,
    Operation,
    Variant,
    pattern_of,
)
from simulator.conformance.reading import (
    read_errors,
    read_losses,
    read_operations,
    read_replies,
    read_reply,
)
from simulator.conformance.references import check_references, lookup
from simulator.conformance.schemas import Schemas, check_patterns
from simulator.errors import UnknownName
from simulator.exchange import Headers
from simulator.formats.json_text import MAX_NODES
from simulator.resources import contract_documents

Json = Any


class Contract:
    """What one vendor promises; `source` is how messages call its document.

    `static` finds the forms at a plain path by verb and path in one look-up; `templates` are the paths with
    {variables}, those with fewest variables first. Nothing of it changes after it is made, but for schemas
    that are compiled when first needed. `same_paths` are other spellings of paths, with what
    they mean. `downloads` are the paths of files that answers link to: nobody asks
    for them by parameters, so they are no operations and are not judged. `outside` are paths that the vendor
    has beside its document, with what to know of them. `events` are what the vendor sends
    of its own accord. `spared` are the places of requests that are not judged where the vendor took them
    from an account that uses an edition which says so. `reads` are the operations that change nothing:
    those that `x-reads` lists, else those that only GET has. `effects` are what `x-effects` lists: operations
    that cause `calls` or `messages`, or spend `money`. `errors` are all refusals by name, `losses` what
    the vendor drops in silence.
    """

    def __init__(self, vendor: str, document: Json, source: str) -> None:
        self.vendor = vendor
        self.source = source
        self.document = document
        self.schemas = Schemas(document, source)
        self.operations: tuple[Operation, ...] = read_operations(document, self.schemas)
        self.events: tuple[Operation, ...] = read_operations(document, self.schemas, "webhooks")
        self.reads = frozenset(document.get("x-reads") or self._plain_reads())
        self.effects: Mapping[str, frozenset[str]] = {
            effect: frozenset(names) for effect, names in document.get("x-effects", {}).items()
        }
        self.same_paths: dict[str, str] = document.get("x-same-paths", {})
        self.doubled_slashes = document.get("x-doubled-slashes") == "same"
        self.json_by_shape = bool(document.get("x-json-by-shape"))
        self.most_values = int(document.get("x-json-values", MAX_NODES))
        self.errors: Mapping[str, ErrorText] = read_errors(document)
        self.losses: Mapping[str, LossText] = read_losses(document)
        self.refusals: dict[str, Json] = document.get("x-refusals", {})
        text = self.refusals.get("text", [])
        self.refusal_texts: list[str] = [text] if isinstance(text, str) else text
        self.unknown_path: DocumentedAnswer | None = read_reply(document, self.schemas, "x-unknown-path")
        self.unselected = read_replies(document, self.schemas, "x-unselected")
        self.downloads = tuple(pattern_of(entry["path"]) for entry in document.get("x-downloads", ()))
        self.outside: dict[str, str] = {
            entry["path"]: entry["summary"] for entry in document.get("x-outside", ())
        }
        self.spared = frozenset(
            (entry["edition"], entry["operation"], entry["where"]) for entry in document.get("x-spared", ())
        )
        self.static: dict[tuple[str, str], tuple[Variant, ...]] = {}
        self.templates: tuple[tuple[re.Pattern[str], Variant], ...] = ()
        self._media: dict[str, Json] = {}
        self.open_bodies: dict[str, bool] = {}
        self.examples: dict[str, str] = {}
        self.sound_headers: set[tuple[str, Headers]] = set()
        self._index()

    def _index(self) -> None:
        variants = [variant for operation in self.operations for variant in operation.variants]
        templates = []
        for variant in variants:
            path = variant.path.partition("#")[0]
            if "{" in path:
                templates.append((variant.pattern, variant))
            else:
                key = (variant.method, path)
                self.static[key] = (*self.static.get(key, ()), variant)
        self.templates = tuple(sorted(templates, key=lambda pair: len(pair[1].variables)))

    def _plain_reads(self) -> list[str]:
        return [operation.id for operation in self.operations if set(operation.verbs) == {"GET"}]

    def effect_of(self, operation_id: str) -> str:
        """Return what an operation does that cannot be undone, or `changes`; nothing where it only reads."""
        if operation_id in self.reads:
            return ""
        return next((effect for effect, names in self.effects.items() if operation_id in names), "changes")

    def allowed(self, effects: Iterable[str]) -> list[str]:
        """Return the operations that change nothing, and those with these effects."""
        chosen = ("", *effects)
        return [operation.id for operation in self.operations if self.effect_of(operation.id) in chosen]

    def is_download(self, path: str) -> bool:
        """Return whether `path` is that of a file."""
        return any(pattern.match(path) for pattern in self.downloads)

    def media_at(self, schema: str) -> Json:
        """Return the media object around the schema at a pointer."""
        media = self._media.get(schema)
        if media is None:
            media = self._media[schema] = lookup(self.document, schema.removesuffix("/schema"))
        return media

    def may_refuse(self, status: int) -> bool:
        """Return whether a `status` can be that of a refusal: from 400 on, or where success is a value."""
        return status >= 400 or "success" in self.refusals

    def find(self, operation_id: str) -> Operation:
        """Return one operation; raises UnknownName, which lists those there are."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise UnknownName("operation", operation_id, [operation.id for operation in self.operations])


def list_contracts() -> list[str]:
    """Return the vendors that have a contract, sorted."""
    return list(contract_documents())


@cache
def load_contract(vendor: str) -> Contract:
    """Return the contract of a vendor, read once a process: whoever asks shares it.

    Raises UnknownName for a vendor without one, BrokenContract for a document that cannot be used.
    """
    known = contract_documents()
    if vendor not in known:
        raise UnknownName("contract", vendor, list(known))
    return read_contract(vendor, known[vendor].read_bytes(), f"contracts/{vendor}/openapi.yaml")


def read_contract(vendor: str, text: bytes, source: str) -> Contract:
    """Return a contract from the bytes of its document; raises BrokenContract, naming `source`."""
    document = read_document(text, source)
    check_references(document, source)
    check_patterns(document, source)
    return Contract(vendor, document, source)
