"""Requests that keep a contract, from the document's own examples: whole, in one line, or one value."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from simulator.conformance.contract import Contract
from simulator.conformance.document import follow, lookup
from simulator.conformance.operations import Variant
from simulator.exchange import Request

Json = Any
MULTIPART = "multipart/form-data"


def example_of(contract: Contract, variant: Variant) -> str:
    """Return a request of this form that keeps the contract, in one line."""
    path, chosen = variant.plain_path, _chosen(contract, variant)
    query: dict[str, Json] = {}
    for parameter in _parameters(contract, variant):
        shown = _named(parameter)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(parameter.get("example")), safe=""))
        elif parameter["in"] == "query" and (
            parameter.get("required") or parameter["name"] not in shown or parameter["name"] in chosen
        ):
            query |= shown
    body = _body(contract, variant)
    content = f" {_line(contract, variant, body)}" if body is not None else ""
    return f"{variant.method} {path}{f'?{_form(query)}' if query else ''}{content}"


def sample_of(contract: Contract, variant: Variant, steps: tuple[str | int, ...]) -> Json:
    """Return the value that an example has for a parameter, or deeper inside a body, or None.

    Every item of a list is shown by the first one.
    """
    parameters: dict[str, Json] = {}
    for parameter in _parameters(contract, variant):
        parameters |= _named(parameter)
    return next(
        (value for root in (_body(contract, variant), parameters) if (value := _at(root, steps))), None
    )


def _at(value: Json, steps: tuple[str | int, ...]) -> Json:
    for step in steps:
        try:
            value = value[0 if isinstance(step, int) else step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _parameters(contract: Contract, variant: Variant) -> list[Json]:
    written = lookup(contract.document, variant.source).get("parameters", ())
    return [follow(contract.document, parameter, "")[0] for parameter in written]


def _named(parameter: Json) -> dict[str, Json]:
    """Return the example of a parameter by its name; an exploded object is an example of many."""
    shown = parameter.get("example")
    if shown is None:
        return {}
    return shown if isinstance(shown, dict) else {parameter["name"]: shown}


def _body(contract: Contract, variant: Variant) -> Json:
    return _media(contract, variant)[1].get("example")


def _media(contract: Contract, variant: Variant) -> tuple[str, Json]:
    """Return the first content type that a body may have, and what the document says of it."""
    node = lookup(contract.document, variant.source)
    body = follow(contract.document, node.get("requestBody", {}), "")[0]
    return next(iter(body.get("content", {}).items()), ("", {}))


def _chosen(contract: Contract, variant: Variant) -> list[str]:
    """Return the parameters that need not come each, but without which a request says too little.

    The first of several of which one has to come, and what picks those that are changed, else all are.
    """
    first = [names[0] for names in lookup(contract.document, variant.source).get("x-one-of", ())]
    if variant.method not in ("PATCH", "DELETE"):
        return first
    return [*first, *(one["name"] for one in _parameters(contract, variant) if one["in"] == "query")]


def _line(contract: Contract, variant: Variant, body: Json) -> str:
    """Return a body in a line; the parts of a form that takes files as curl has them."""
    if _media(contract, variant)[0] != MULTIPART:
        return _content(variant, body)[1]
    files = _files(contract, variant)
    parts = (f"{name}=@sound.wav" if name in files else f"{name}={value}" for name, value in body.items())
    return " ".join(f"-F {shlex.quote(part)}" for part in parts)


def _files(contract: Contract, variant: Variant) -> list[str]:
    """Return the names of what is uploaded."""
    schema = follow(contract.document, _media(contract, variant)[1].get("schema", {}), "")[0]
    kinds = schema.get("properties", {}).items()
    return [name for name, one in kinds if follow(contract.document, one, "")[0].get("format") == "binary"]


def _content(variant: Variant, body: Json) -> tuple[str, str]:
    """Return the content type and the text of a body: a form, or JSON."""
    if not variant.json_bodies and isinstance(body, dict):
        return "application/x-www-form-urlencoded", _form(body)
    return "application/json", json.dumps(body, ensure_ascii=False)


def example_request(contract: Contract, variant: Variant, known: Mapping[str, Json]) -> Request | None:
    """Return a request of this form by the document's examples, what is required of it; None without one.

    No document has the bytes of a file, so there is none that uploads one.
    Values that are `known`, by their names in small letters without `-` and `_`, are put in their places.
    """
    path = variant.plain_path
    query: dict[str, Json] = {}
    chosen = _chosen(contract, variant)
    for parameter in _parameters(contract, variant):
        name = parameter["name"]
        if parameter["in"] == "path":
            value = known.get(plain_name(name), parameter.get("example"))
            if value is None:
                return None
            path = path.replace(f"{{{name}}}", str(value))
        elif parameter["in"] == "query":
            shown = _named(parameter)
            needed = {*chosen, *(one for one in shown if plain_name(one) in known)}
            if parameter.get("required"):
                needed |= {name, *parameter.get("schema", {}).get("required", ())}
            query |= {one: value for one, value in _filled(shown, known).items() if one in needed}
    if _media(contract, variant)[0] == MULTIPART:
        return None
    body, text = _filled(_body(contract, variant), known), _form(query)
    if body is None:
        return Request(variant.method, path, text)
    kind, content = _content(variant, body)
    return Request(variant.method, path, text, (("Content-Type", kind),), content.encode())


def _filled(value: Json, known: Mapping[str, Json]) -> Json:
    """Return an example with what is known in its places, however deep."""
    if isinstance(value, list):
        return [_filled(entry, known) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _filled(entry, known) if isinstance(entry, dict | list) else known.get(plain_name(name), entry)
        for name, entry in value.items()
    }


def plain_name(name: str) -> str:
    """Return a name without what spellings differ in: `x-api-key` is `api_key`."""
    return name.lower().removeprefix("x-").replace("-", "").replace("_", "")


def _form(values: dict[str, Json]) -> str:
    texts = {name: value if isinstance(value, list) else str(value) for name, value in values.items()}
    return urlencode(texts, doseq=True)
