"""Where a live vendor says something else than its document, and how the document could be mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from simulator.conformance.contract import Contract
from simulator.conformance.document import escape, lookup, steps_of
from simulator.errors import BrokenContract
from simulator.exchange import Exchange, Violation

Json = Any
OBSERVED = "observed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One change of a document, as in a JSON Patch: `path` is a pointer into it."""

    op: str
    path: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing that a vendor answered and its document does not say."""

    operation: str
    violation: Violation
    exchange: Exchange
    summary: str
    patches: tuple[Patch, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it has in common with the same drift in another answer."""
        return (self.violation.source, *self.violation.key)


def find_drift(contract: Contract, exchange: Exchange, on: date) -> list[Drift]:
    """Return what of an answer the document does not say; what the request got wrong is left out."""
    broken = [one for one in exchange.violations if one.blame != "client"]
    return [_drift(contract, exchange, violation, on) for violation in broken]


def _drift(contract: Contract, exchange: Exchange, violation: Violation, on: date) -> Drift:
    drift = Drift(
        operation=exchange.operation or "no operation",
        violation=violation,
        exchange=exchange,
        summary=f"{violation.asked}; arrived: {violation.arrived}",
    )
    if (describe := _KINDS.get(violation.rule or violation.code)) is not None:
        pointer = violation.source.removeprefix(contract.source)
        parent = pointer.rpartition("/")[0]
        with suppress(BrokenContract):
            schema, instance = lookup(contract.document, parent), _instance(exchange, violation.where)
            summary, patches = describe(_Place(pointer, parent, schema, instance, drift, on))
            return replace(drift, summary=summary, patches=tuple(patches))
    return drift


class _Place(NamedTuple):
    """Where a document stands against an answer, and what came there."""

    pointer: str
    parent: str
    schema: Json
    instance: Json
    drift: Drift
    on: date


Described = tuple[str, list[Patch]]


def _unknown_names(place: _Place) -> Described:
    known = place.schema.get("properties", {})
    sent = place.instance if isinstance(place.instance, dict) else {}
    names = [name for name in sent if name not in known]
    patches = [
        Patch(op="add", path=f"{place.parent}/properties/{escape(name)}", value=_schema_of(sent[name]))
        for name in names
    ]
    gone = [name for name in place.schema.get("required", ()) if name not in sent]
    renamed = f"; {_listed(gone)} is missing there, so it may be renamed" if gone else ""
    return f"{_listed(names)} is not in the document{renamed}", patches


def _missing_names(place: _Place) -> Described:
    sent = place.instance if isinstance(place.instance, dict) else {}
    required = place.schema.get("required", [])
    gone = [name for name in required if name not in sent]
    kept = [name for name in required if name in sent]
    return f"{_listed(gone)} is required and missing", [Patch(op="replace", path=place.pointer, value=kept)]


def _type(place: _Place) -> Described:
    known = place.schema.get("type")
    types = known if isinstance(known, list) else [known]
    arrived = _schema_of(place.instance)["type"]
    summary = f"{' or '.join(map(str, types))} is documented, {arrived} arrived"
    return summary, [Patch(op="replace", path=place.pointer, value=[*types, arrived])]


def _status(place: _Place) -> Described:
    status = place.drift.exchange.answer.status
    value = {"description": f"Met on {place.on:%F}.", "x-provenance": OBSERVED}
    summary = f"status {status} is not documented ({place.drift.violation.asked} are)"
    return summary, [Patch(op="add", path=f"{place.pointer}/{status}", value=value)]


def _error(place: _Place) -> Described:
    text = place.drift.violation.arrived.strip('"')
    value = {
        "status": place.drift.exchange.answer.status,
        "text": text,
        "when": f"met on {place.on:%F}; say when it comes",
        "x-provenance": OBSERVED,
        "x-cause": "request",
    }
    return f"no refusal has these words: {text}", [Patch(op="add", path=f"{place.pointer}/-", value=value)]


_KINDS: dict[str, Callable[[_Place], Described]] = {
    "additionalProperties": _unknown_names,
    "unevaluatedProperties": _unknown_names,
    "required": _missing_names,
    "type": _type,
    "undocumented-status": _status,
    "unknown-error-text": _error,
}


def _instance(exchange: Exchange, where: str) -> Json:
    """Return what stands at a JSON pointer of the answer; None where that is no JSON, or nothing is there."""
    try:
        value = json.loads(exchange.answer.body)
        for step in steps_of(where) if where != "/" else ():
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return value


def _schema_of(value: Json) -> dict[str, Json]:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return {"type": kinds.get(type(value), "null"), "x-provenance": OBSERVED}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name[:80]}`" for name in names[:10]) or "something"
