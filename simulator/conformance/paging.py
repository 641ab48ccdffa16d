"""Which parameters of an operation lead through pages, by the marks of its contract."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulator.conformance.contract import Contract
from simulator.conformance.document import follow, lookup

Json = Any


class PageParameter(NamedTuple):
    """What a parameter tells of pages: their `number`, the `offset` of the first row, or the `size`.

    `first` is its least value, None where the document has none.
    """

    kind: str
    first: int | None


def find_page_parameter(contract: Contract, operation: str | None, name: str) -> PageParameter | None:
    """Return what a parameter, or a pointer into a JSON body, tells of pages; None if nothing."""
    known = contract.by_id.get(operation or "")
    for form in known.variants if known else ():
        schemas = [group.property(name) for group in (form.query, *form.bodies.values())]
        schemas += [_within(contract, pointer, name) for pointer in form.json_bodies.values()]
        for schema in schemas:
            written = follow(contract.document, schema, "#")[0]
            if kind := written.get("x-pages"):
                return PageParameter(kind, written.get("minimum"))
    return None


def _within(contract: Contract, pointer: str, name: str) -> Json:
    """Return the schema of a key inside a JSON body, or an empty one."""
    schema, at = follow(contract.document, lookup(contract.document, pointer), pointer)
    for key in name.split("/")[1:]:
        schema, at = follow(contract.document, schema.get("properties", {}).get(key, {}), at)
    return schema if "/" in name else {}
