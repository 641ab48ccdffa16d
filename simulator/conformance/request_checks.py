"""Does a request keep its contract? Parameters and bodies, each breach with its place."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from simulator.conformance import violations
from simulator.conformance.contract import Contract
from simulator.conformance.explanations import MAX_FINDINGS, Sent, explain_group, explain_json
from simulator.conformance.operations import Group, Variant
from simulator.conformance.unknown_keys import find_unknown_keys
from simulator.exchange import Request, Violation
from simulator.formats.forms import Field, Form, Upload
from simulator.formats.json_text import MalformedJson, find_json, read_json

Json = Any


def check_request(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Return the breaches of a request that was meant for `variant`; `form` holds its parameters."""
    return [*_check_around(contract, variant, request), *_check_content(contract, variant, request, form)]


def _check_around(contract: Contract, variant: Variant, request: Request) -> list[Violation]:
    """Judge what stands in the path and in the headers, of which any that the document lacks may come."""
    breaches: list[Violation] = []
    if variant.places.properties and (place := variant.pattern.match(request.path)):
        pairs = zip(variant.variables, place.groups(), strict=True)
        breaches += _check_group(
            contract, variant, variant.places, tuple(Field(name, value, "query") for name, value in pairs), ()
        )
    if variant.headers.properties:
        sent = ((name, request.header(name)) for name in variant.headers.properties)
        fields = tuple(Field(name, value, "query") for name, value in sent if value is not None)
        breaches += _check_group(contract, variant, variant.headers, fields, ())
    return breaches


def _check_content(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Judge query and body."""
    kind = type_of(contract, request).partition(";")[0].strip().lower() if request.body else ""
    place = (contract.source + variant.source, variant.provenance)
    readable = [*variant.bodies, *variant.json_bodies]
    if request.body and kind not in readable:  # all else that is missing follows from this
        asked = " or ".join(readable) or "no body"
        words = {"asked": asked, "sent": violations.plain(kind or "none")}
        return [violations.breach("wrong-body-type", (place[0], "inferred"), **words)]
    if variant.body_required and not request.body and (variant.json_bodies or not variant.bodies):
        absent = violations.breach("missing-body", place, asked=" or ".join(readable))
        return [absent, *_check_apart(contract, variant, form, kind)]
    if variant.merged:
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        return _check_group(contract, variant, group, form.fields, form.files)
    breaches = _check_apart(contract, variant, form, kind)
    if kind in variant.json_bodies:
        breaches += _check_json(contract, variant, request, kind)
    return breaches


def type_of(contract: Contract, request: Request) -> str:
    """Return the content type of a body; a vendor may know JSON by its look, whatever the header says."""
    seen = contract.json_by_shape and find_json(request.body) is not None
    return "application/json" if seen else request.content_type


def _check_apart(contract: Contract, variant: Variant, form: Form, kind: str) -> list[Violation]:
    """Judge query and body each by its own group, where the vendor tells them apart."""
    query = tuple(field for field in form.fields if field.place == "query")
    breaches = _check_group(contract, variant, variant.query, query, ())
    if kind in variant.bodies or (variant.body_required and variant.bodies and not variant.json_bodies):
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        body = tuple(field for field in form.fields if field.place == "body")
        breaches += _check_group(contract, variant, group, body, form.files)
    return breaches


def _check_json(contract: Contract, variant: Variant, request: Request, kind: str) -> list[Violation]:
    try:
        text = find_json(request.body) or request.body if contract.json_by_shape else request.body
        value = read_json(text, contract.most_values)
    except MalformedJson as error:
        place = (contract.source + variant.source, variant.provenance)
        return [violations.breach("malformed-body", place, sent=error)]
    pointer = variant.json_bodies[kind]
    return explain_json(contract, variant, pointer, value) + find_unknown_keys(contract, pointer, value)


def _check_group(
    contract: Contract, variant: Variant, group: Group, fields: tuple[Field, ...], files: tuple[Upload, ...]
) -> list[Violation]:
    """Return nothing, quickly, for parameters that are as asked; else say what is wrong with each."""
    values: dict[str, Json] = {field.name: field.value for field in fields}
    for upload in files:
        values[upload.name] = ""
    for name, reader in group.readers.items():
        if name in values:
            values[name] = reader(values[name])
    for name in group.lists & values.keys():
        values[name] = _read_repeated(group, name, fields)
    sent = Sent(values, fields, files)
    once = len(values) == len(fields) + len(files) or not sent.repeated(group)
    parts = not (files or group.files) or not sent.wrong_parts(group)
    if (
        once
        and parts
        and group.validator.is_valid(values)
        and all(_is_one(names, values) for names in group.one_of)
    ):
        return []
    return list(islice(explain_group(contract, variant, group, sent), MAX_FINDINGS))


def _read_repeated(group: Group, name: str, fields: tuple[Field, ...]) -> list[Json]:
    """Return what came as several parameters of one name, each read as an item of the list."""
    reader = group.readers[name]
    return [item for field in fields if field.name == name for item in reader(field.value)]


def _is_one(names: Iterable[str], values: dict[str, Json]) -> bool:
    return sum(name in values for name in names) == 1
