"""A vendor's contract: an OpenAPI document, read once, closed to the outside, ready to judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from simulator.conformance.document import check_references, follow, lookup, read_document
from simulator.conformance.error_texts import ErrorText, LossText, read_errors, read_losses
from simulator.conformance.operations import Operation, Variant, pattern_of
from simulator.conformance.reading import read_operations, read_replies
from simulator.conformance.schemas import Schemas, check_patterns
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Headers
from simulator.formats.json_text import MAX_NODES
from simulator.resources import DOCUMENT, contract_documents, installed_vendors, place_of

Json = Any
UNKNOWN_PATH = "x-unknown-path"
_DOUBLED = re.compile("//+")


class Contract:
    """What one vendor promises; `source` is how messages call its document.

    `forms` are those of all operations: `static` finds the ones at a plain path by verb and path in one
    look-up, `templates` are those with {variables} in their paths, fewest first, in `patterns` by verb.
    What it promises never changes; what is costly is remembered when it was first asked: compiled
    schemas, and what was found sound in `sound_headers`, `sound_polls` and `open_bodies`. `same_paths`
    are other spellings of paths, with what they mean. `downloads` are the paths of files that answers
    link to: nobody asks for them by parameters, so they are no operations and are not judged. `outside`
    are paths that the vendor has beside its document, with what to know of them. `events` are what the
    vendor sends of its own accord, `telling` the fields by which the forms of events are told apart, by
    the place of each. `spared` are the places of requests that are not judged where the vendor took them
    from an account that uses an edition which says so. `reads` are the operations that change nothing:
    those that `x-reads` lists, else those that only GET has. `effects` are what `x-effects` lists:
    operations that cause `calls` or `messages`, or spend `money`. `errors` are all refusals by name,
    `losses` what the vendor drops in silence.
    """

    def __init__(self, vendor: str, document: Json, source: str) -> None:
        self.vendor = vendor
        self.source = source
        self.document = document
        self.schemas = Schemas(document, source)
        self.operations: tuple[Operation, ...] = read_operations(document, self.schemas)
        self.events: tuple[Operation, ...] = read_operations(document, self.schemas, "webhooks")
        self.by_id: Mapping[str, Operation] = {operation.id: operation for operation in self.operations}
        only_got = (operation.id for operation in self.operations if {*operation.verbs} == {"GET"})
        self.reads = frozenset(document.get("x-reads") or only_got)
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
        unknown = {"404": document[UNKNOWN_PATH]} if UNKNOWN_PATH in document else {}
        self.unknown_path = read_replies(document, f"#/{UNKNOWN_PATH}", unknown).get("404")
        self.unselected = read_replies(document, "#/x-unselected", document.get("x-unselected", {}))
        self.downloads = tuple(pattern_of(entry["path"]) for entry in document.get("x-downloads", ()))
        self.outside: dict[str, str] = {
            entry["path"]: entry["summary"] for entry in document.get("x-outside", ())
        }
        self.spared = frozenset(
            (entry["edition"], entry["operation"], entry["where"]) for entry in document.get("x-spared", ())
        )
        self.static: dict[tuple[str, str], tuple[Variant, ...]] = {}
        self.open_bodies: dict[str, bool] = {}
        self.sound_headers: set[tuple[str, Headers]] = set()
        self.sound_polls: set[tuple[object, ...]] = set()
        self._index()

    def _index(self) -> None:
        events = [variant for event in self.events for variant in event.variants]
        self.telling = {variant.source: self._telling_fields(variant) for variant in events}
        self.forms = tuple(form for operation in self.operations for form in operation.variants)
        for form in self.forms:
            if not form.variables:
                key = (form.method, form.plain_path)
                self.static[key] = (*self.static.get(key, ()), form)
        templates = (form for form in self.forms if form.variables)
        self.templates = tuple(sorted(templates, key=lambda form: len(form.variables)))
        self.patterns: dict[str, list[tuple[re.Pattern[str], Variant]]] = {}
        for form in self.templates:
            self.patterns.setdefault(form.method, []).append((form.pattern, form))

    def _telling_fields(self, variant: Variant) -> Mapping[str, Json]:
        """Return the fields of an event that have one allowed value, or None where they only have to come."""
        fields: dict[str, Json] = dict(variant.selectors)
        for pointer in variant.json_bodies.values():
            schema = follow(self.document, lookup(self.document, pointer), pointer)[0]
            for name in schema.get("required", ()):
                allowed = schema.get("properties", {}).get(name, {}).get("enum", ())
                if len(allowed) == 1:
                    fields[name] = allowed[0]
        return fields

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

    def may_refuse(self, status: int) -> bool:
        """Return whether a `status` can be that of a refusal: from 400 on, or where success is a value."""
        return status >= 400 or "success" in self.refusals

    def find(self, operation_id: str) -> Operation:
        """Return one operation; raises UnknownName, which lists those there are."""
        if operation_id not in self.by_id:
            raise UnknownName("operation", operation_id, list(self.by_id))
        return self.by_id[operation_id]


def list_contracts() -> list[str]:
    """Return the vendors that have a contract, sorted."""
    return list(contract_documents())


@cache
def load_contract(vendor: str) -> Contract:
    """Return the contract of a vendor, read once a process: whoever asks shares it.

    Raises UnknownName for a vendor without one, BrokenContract for a document that cannot be used.
    """
    known = contract_documents()
    place = place_of(vendor, DOCUMENT)
    if vendor not in known:
        if vendor in installed_vendors():
            raise SimulatorError(f"the vendor {vendor} has no contract", f"write one into {place}")
        raise UnknownName("contract", vendor, list(known))
    return read_contract(vendor, known[vendor].read_bytes(), place)


def read_contract(vendor: str, text: bytes, source: str) -> Contract:
    """Return a contract from the bytes of its document; raises BrokenContract, naming `source`."""
    document = read_document(text, source)
    check_references(document, source)
    check_patterns(document, source)
    return Contract(vendor, document, source)


# -- which operation a request is meant for -------------------------------------------------------------


def match(contract: Contract, method: str, path: str, fields: Mapping[str, str]) -> Variant | None:
    """Return the form of the operation that answers this request, or None.

    Same path without fragment or another spelling of it, same verb (HEAD counts as GET), every required
    parameter with a single allowed value equal in `fields`, every one marked `x-selects` there; of several
    forms the one with most such parameters wins, and of those the one with most values.
    """
    variants = candidates(contract, method, path)
    if len(variants) == 1 and not variants[0].selectors:
        return variants[0]
    fitting = [variant for variant in variants if _has(variant.selectors, variant.caseless, fields)]
    return max(fitting, key=_narrowness, default=None)


def _narrowness(variant: Variant) -> tuple[int, int]:
    values = variant.selectors.values()
    return len(values), sum(value is not None for value in values)


def nearly_match(
    contract: Contract, method: str, path: str, fields: Mapping[str, str], kind: str = ""
) -> Variant | None:
    """Return the form whose telling values are all in `fields`, though a parameter that selects it is not.

    With a `kind` it is one that reads bodies of that content type.
    """
    fitting = []
    for variant in candidates(contract, method, path):
        values = {name: value for name, value in variant.selectors.items() if value is not None}
        readable = not kind or kind in variant.bodies or kind in variant.json_bodies
        if values and readable and _has(values, variant.caseless, fields):
            fitting.append(variant)
    return max(fitting, key=lambda variant: len(variant.selectors), default=None)


def verbs_at(contract: Contract, path: str) -> list[str]:
    """Return the verbs that answer at `path`, in the document's order, each once.

    Where the document has just this path, they are its own: it is no variable of another one.
    """
    verbs = dict.fromkeys(form.method for form in contract.forms)
    answering = [verb for verb in verbs if candidates(contract, verb, path)]
    return [verb for verb in answering if (verb, path) in contract.static] or answering


def _has(selectors: Mapping[str, str | None], caseless: frozenset[str], fields: Mapping[str, str]) -> bool:
    for name, value in selectors.items():
        sent = fields.get(name, "")
        if value is None and not sent:
            return False
        if value is not None and value != (sent.lower() if name in caseless else sent):
            return False
    return True


def candidates(contract: Contract, method: str, path: str) -> tuple[Variant, ...]:
    """Return every form that answers to a verb at a path, whatever the parameters; HEAD counts as GET."""
    verb, path = "GET" if method == "HEAD" else method, contract.same_paths.get(path, path)
    if known := contract.static.get((verb, path)):
        return known
    if contract.doubled_slashes and "//" in path:
        return candidates(contract, verb, _DOUBLED.sub("/", path))
    hits = [form for pattern, form in contract.patterns.get(verb, ()) if pattern.match(path)]
    return tuple(form for form in hits if form.plain_path == hits[0].plain_path)
