"""The reference: what vendors take and answer, the words of scenarios, magic numbers; searchable."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from flask import Response

from simulator.admin import contracts, people
from simulator.admin.context import Json
from simulator.admin.page.forms import SOUND, draft, flat
from simulator.admin.page.visit import Visit
from simulator.conformance.operations import Operation
from simulator.errors import UnknownName
from simulator.scenario.json_schema import schema_document
from simulator.vendor_settings import settings_schema
from simulator.web.masking import Shown

MOST_HITS = 60


def show_reference(visit: Visit) -> Response:
    """Show what there is to be looked up, or what of it a search meets."""
    text = visit.query.get("q", "").strip()
    hits = [*islice(_search(visit, text.casefold().split()), MOST_HITS + 1)] if text else []
    return _show(
        visit,
        "reference",
        "Reference",
        hits=[Shown(hit) for hit in hits[:MOST_HITS]],
        more=len(hits) > MOST_HITS,
        words=len(_words(visit)),
    )


def show_vendor(visit: Visit, vendor: str) -> Response:
    """Show the operations of a vendor."""
    if vendor not in visit.worlds.vendors:
        raise UnknownName("vendor", vendor, list(visit.worlds.vendors))
    plug = visit.worlds.vendors[vendor].vendor
    rows = [_row(vendor, one) for one in visit.worlds.setup.contract(vendor).operations]
    return _show(
        visit,
        "vendor",
        plug.title,
        vendor=Shown(
            name=vendor,
            title=plug.title,
            hosts=list(plug.hosts),
            receiver=plug.receiver,
            base=visit.base_of(vendor),
        ),
        operations=Shown(rows=rows),
    )


def show_words(visit: Visit) -> Response:
    """Show the words of scenarios, part by part."""
    parts: dict[str, list[Json]] = {}
    for word in _words(visit):
        parts.setdefault(word["part"], []).append(word)
    return _show(visit, "words", "Scenario words", parts=Shown(parts))


def show_magic(visit: Visit) -> Response:
    """Show the numbers whose digits say what happens."""
    numbers = people.list_numbers(visit.context)
    return _show(visit, "magic", "Magic numbers", numbers=numbers)


def show_operation(visit: Visit, vendor: str, operation: str) -> Response:
    """Show one operation with its parameters, refusals and provenance, and a form that sends it."""
    listed = contracts.list_operations(visit.context, vendor)["operations"]
    entry = next((one for one in listed if one["operation"] == operation), None)
    if entry is None:
        raise UnknownName("operation", operation, [one["operation"] for one in listed])
    credentials = visit.worlds.credentials(vendor, visit.sandbox.world.name)
    fitting = visit.worlds.vendors[vendor].vendor.fitting(operation, credentials)
    known = flat(credentials)
    schemes = visit.worlds.setup.contract(vendor).document.get("components", {}).get("securitySchemes", {})
    text = draft(entry["example"], known, schemes, flat(fitting))
    request = Shown(text=text, names=[*known, *([SOUND] if f"{{{SOUND}}}" in text else [])])
    return _show(
        visit,
        "operation",
        f"{vendor} {operation}",
        vendor=vendor,
        operation=Shown(entry),
        draft=request,
    )


def _show(visit: Visit, view: str, title: str, **values: Any) -> Response:
    """Return a view beside which the vendors there are can be chosen."""
    vendors = {
        name: {"title": app.vendor.title, "operations": len(visit.worlds.setup.contract(name).operations)}
        for name, app in visit.worlds.vendors.items()
    }
    return visit.show(view, title, vendors=Shown(vendors), **values)


def _row(vendor: str, operation: Operation) -> Json:
    variant, path = operation.variants[0], f"reference/{vendor}/{operation.id}"
    form, title = f"{variant.method} {variant.path}", f"{vendor} {operation.id}"
    return {"id": operation.id, **_hit(path, title, form, operation.summary, operation.provenance)}


def _search(visit: Visit, sought: Iterable[str]) -> Iterator[Json]:
    """Yield what has every word sought in it: operations, their parameters and refusals, scenario words."""
    for hit in chain(_operations(visit), _further(visit)):
        text = " ".join(str(hit[name]) for name in ("title", "form", "summary")).casefold()
        if all(word in text for word in sought):
            yield hit


def _operations(visit: Visit) -> Iterator[Json]:
    for vendor in visit.worlds.vendors:
        yield from (_row(vendor, one) for one in visit.worlds.setup.contract(vendor).operations)


def _further(visit: Visit) -> Iterator[Json]:
    for vendor in visit.worlds.vendors:
        for one in contracts.list_operations(visit.context, vendor)["operations"]:
            path = f"reference/{vendor}/{one['operation']}"
            title = f"{vendor} {one['operation']}"
            for row in one["parameters"]:
                form = f"{row['place']}, {row['type']} {row['limits']}"
                place = f"{path}#parameter-{row['name']}"
                yield _hit(place, f"{title}: {row['name']}", form, row["description"], row["provenance"])
            for error in one["errors"]:
                words = (error["text"], error["when"], error["provenance"])
                yield _hit(f"{path}#refusals", f"{title}: {error['status']}", *words)
    for word in _words(visit):
        title = f"{word['part']}: {word['word']}"
        yield _hit(f"reference/words#{word['part']}", title, word["type"], word["meaning"], "scenario")


def _hit(path: str, title: str, form: str, summary: str, provenance: str) -> Json:
    """Return what a search shows: where it is, what it is called, how it looks, and how sure we are."""
    return {"path": path, "title": title, "form": form, "summary": summary, "provenance": provenance}


def _words(visit: Visit) -> list[Json]:
    """Return the words at the top of a scenario, and those of its parts."""
    document = schema_document(
        *settings_schema({name: app.vendor.settings for name, app in visit.worlds.vendors.items()})
    )
    parts = {"Scenario": document, **document.get("$defs", {})}
    return [
        {"part": part, "word": word, "type": _type_of(schema), "meaning": schema.get("description", "")}
        for part, node in parts.items()
        for word, schema in node.get("properties", {}).items()
    ]


def _type_of(schema: Json) -> str:
    """Return what may stand for a word: the values, where they are few, else their type."""
    if allowed := schema.get("enum"):
        return ", ".join(value if isinstance(value, str) else json.dumps(value) for value in allowed)
    kinds = schema.get("type") or [_type_of(entry) for entry in schema.get("anyOf", ())]
    text = kinds if isinstance(kinds, str) else " or ".join(str(kind) for kind in kinds if kind)
    return text or schema.get("$ref", "").rpartition("/")[2]
