"""Does a request keep its contract? Parameters and bodies, each breach with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance import violations
from simulator.conformance.contract import Contract
from simulator.conformance.keywords import asked_by, look_alike_in, pointer_of, source_of
from simulator.conformance.operations import Group, Variant
from simulator.conformance.unknown_keys import find_unknown_keys
from simulator.exchange import Request, Violation
from simulator.formats.forms import Field, Form, Upload
from simulator.formats.json_text import MalformedJson, find_json, read_json

Json = Any

MAX_FINDINGS = 20


def check_request(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Return the breaches of a request that was meant for `variant`; `form` holds its parameters."""
    return [*_check_around(contract, variant, request), *_check_content(contract, variant, request, form)]


def _check_around(contract: Contract, variant: Variant, request: Request) -> list[Violation]:
    """Judge what stands in the path and in the headers, of which any that the document lacks may come."""
    found: list[Violation] = []
    if variant.places.properties and (place := variant.pattern.match(request.path)):
        told = zip(variant.variables, place.groups(), strict=True)
        found += _check_group(contract, variant.places, tuple(Field(*pair, "query") for pair in told), ())
    if variant.headers.properties:
        sent = ((name, request.header(name)) for name in variant.headers.properties)
        fields = tuple(Field(name, value, "query") for name, value in sent if value is not None)
        found += _check_group(contract, variant.headers, fields, ())
    return found


def _check_content(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Judge query and body."""
    kind = type_of(contract, request).partition(";")[0].strip().lower() if request.body else ""
    source, mark = contract.source + variant.source, variant.provenance
    readable = [*variant.bodies, *variant.json_bodies]
    if request.body and kind not in readable:  # all else that is missing follows from this
        return [violations.wrong_body_type(kind or "none", readable, source, mark)]
    if variant.body_required and not request.body and (variant.json_bodies or not variant.bodies):
        return [violations.missing_body(readable, source, mark)]
    if variant.merged:
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        return _check_group(contract, group, form.fields, form.files)
    found = _check_apart(contract, variant, form, kind)
    return found + _check_json(contract, variant, request, kind) if kind in variant.json_bodies else found


def type_of(contract: Contract, request: Request) -> str:
    """Return the content type of a body; a vendor may know JSON by its look, whatever the header says."""
    seen = contract.json_by_shape and find_json(request.body) is not None
    return "application/json" if seen else request.content_type


def _check_apart(contract: Contract, variant: Variant, form: Form, kind: str) -> list[Violation]:
    """Judge query and body each by its own group, where the vendor tells them apart."""
    query = tuple(field for field in form.fields if field.place == "query")
    found = _check_group(contract, variant.query, query, ())
    if kind in variant.bodies or (variant.body_required and variant.bodies and not variant.json_bodies):
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        body = tuple(field for field in form.fields if field.place == "body")
        found += _check_group(contract, group, body, form.files)
    return found


def _check_json(contract: Contract, variant: Variant, request: Request, kind: str) -> list[Violation]:
    try:
        text = find_json(request.body) or request.body if contract.json_by_shape else request.body
        value = read_json(text, contract.most_values)
    except MalformedJson as error:
        place = (contract.source + variant.source, variant.provenance)
        return [violations.malformed_body(str(error), *place)]
    refused = contract.schemas.at(variant.json_bodies[kind]).iter_errors(value)
    found = [
        violations.bad_body(
            pointer_of(error),
            asked_by(error),
            violations.show(error.instance),
            source_of(contract.source, error),
            variant.provenance,
            look_alike_in(error),
        )
        for error in islice(refused, MAX_FINDINGS)
    ]
    return found + find_unknown_keys(contract, variant.json_bodies[kind], value)


def _check_group(
    contract: Contract, group: Group, fields: tuple[Field, ...], files: tuple[Upload, ...]
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
    once = len(values) == len(fields) + len(files) or not _repeated(group, fields, files)
    parts = not (files or group.files) or not _wrong_parts(group, fields, files)
    if (
        once
        and parts
        and group.validator.is_valid(values)
        and all(_is_one(names, values) for names in group.one_of)
    ):
        return []
    return list(islice(_explain(contract, group, values, fields, files), MAX_FINDINGS))


def _read_repeated(group: Group, name: str, fields: tuple[Field, ...]) -> list[Json]:
    """Return what came as several parameters of one name, each read as an item of the list."""
    reader = group.readers[name]
    return [item for field in fields if field.name == name for item in reader(field.value)]


def _repeated(group: Group, fields: tuple[Field, ...], files: tuple[Upload, ...]) -> dict[str, int]:
    """Return the parameters that came more often than once, yet are no list, with their counts."""
    counts = Counter([field.name for field in fields] + [part.name for part in files])
    return {name: count for name, count in counts.items() if count > 1 and name not in group.lists}


def _is_one(names: Iterable[str], values: dict[str, Json]) -> bool:
    return sum(name in values for name in names) == 1


def _wrong_parts(group: Group, fields: tuple[Field, ...], files: tuple[Upload, ...]) -> dict[str, bool]:
    """Return the parameters that came as text but should be files (True), or the other way round (False)."""
    texts = {field.name: True for field in fields if field.name in group.files}
    uploads = {
        part.name: False for part in files if part.name not in group.files and group.property(part.name)
    }
    return texts | uploads


def _explain(
    contract: Contract,
    group: Group,
    values: dict[str, Json],
    fields: tuple[Field, ...],
    files: tuple[Upload, ...],
) -> Iterator[Violation]:
    for name, count in _repeated(group, fields, files).items():
        yield violations.repeated_parameter(name, count, *_place(contract, group, name))
    wrong = _wrong_parts(group, fields, files)
    told = [[name] for name in wrong]
    for name, wants_file in wrong.items():
        yield violations.wrong_part(name, wants_file, *_place(contract, group, name))
    for names in group.one_of:
        yield from _explain_choice(contract, group, names, values)
    refused = (error for error in group.validator.iter_errors(values) if error.instance_path[:1] not in told)
    for error in refused:
        yield from _explain_error(contract, group, error, values)


def _place(contract: Contract, group: Group, name: str) -> tuple[str, str]:
    """Return where the document speaks of a parameter, and how sure it is."""
    return contract.source + group.sources.get(name, group.source), group.provenance_of(name)


def _explain_choice(
    contract: Contract, group: Group, names: tuple[str, ...], values: dict[str, Json]
) -> Iterator[Violation]:
    sent = [name for name in names if name in values]
    place = (contract.source + group.source, group.provenance)
    if len(sent) > 1:
        yield violations.exclusive_parameters(sent, *place)
    elif not sent:
        yield violations.missing_choice(names, *place)


def _explain_error(
    contract: Contract, group: Group, error: SchemaRefused, values: dict[str, Json]
) -> Iterator[Violation]:
    kind = error.kind.as_dict()
    if error.instance_path:
        yield _explain_value(contract, group, error, values)
    elif error.kind.name == "required":
        name = str(kind["property"])
        yield violations.missing_parameter(name, *_place(contract, group, name))
    elif error.kind.name == "additionalProperties":
        for name in kind["unexpected"]:
            nearest = _nearest(group, name, values)
            yield violations.unknown_parameter(name, nearest, *_place(contract, group, name))
    elif error.kind.name == "anyOf":
        names = [str(part.kind.as_dict().get("property")) for branch in kind["context"] for part in branch]
        yield violations.missing_choice(names, contract.source + group.source, group.provenance)
    else:
        source, mark = source_of(contract.source, error), group.provenance
        yield violations.bad_parameter(
            "form", asked_by(error), "another form", "see the document", source, mark
        )


def _nearest(group: Group, name: str, values: dict[str, Json]) -> str | None:
    """Return the parameter that a misspelt name probably means; one that came as well is not meant."""
    samples = [sample for schema in group.patterns.values() for sample in schema.get("x-names", ())]
    known = [known for known in (*group.properties, *samples) if known not in values]
    close = get_close_matches(name[:100].lower(), known, n=1, cutoff=0.7)
    return close[0] if close else None


def _explain_value(
    contract: Contract, group: Group, error: SchemaRefused, values: dict[str, Json]
) -> Violation:
    name = str(error.instance_path[0])
    source, mark = _place(contract, group, name)
    if error.kind.name == "maxItems":
        limit = int(error.kind.as_dict()["limit"])
        return violations.too_many_items(name, limit, len(values[name]), source, mark)
    schema = group.property(name)
    arrived = violations.show(error.instance)
    return violations.bad_parameter(name, asked_by(error), arrived, _fix(name, error, schema), source, mark)


def _fix(name: str, error: SchemaRefused, schema: dict[str, Json]) -> str:
    value = error.instance
    if look_alike := look_alike_in(error):
        return look_alike
    if schema.get("x-phone") and isinstance(value, str) and value.startswith(" "):
        return f"encode the + of `{name}` as %2B: a bare + in a query means a space"
    if error.kind.name == "enum":
        return f"send one of the values of `{name}` that the document lists"
    return f"send `{name}` as the document asks"
