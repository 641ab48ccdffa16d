"""What can be asked of a vendor, put together for whoever may not read its contract or its routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.error_texts import ErrorText
from simulator.conformance.operations import Group, Operation
from simulator.conformance.outline import outline
from simulator.scenario.places import Known
from simulator.telephony.operators import Asking, Interface
from simulator.vendor import Vendor
from simulator.vendors import load_vendor, vendor_names

_WORD = re.compile(r"[A-Za-z0-9_.:-]+")
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([A-Za-z_]+)>")


def everything_known() -> Known:
    """Return the names of all vendors that are installed, each with its shipped contract."""
    names = vendor_names()
    return known_to(names, load_contract)


def known_to(present: Collection[str], contract: Callable[[str], Contract]) -> Known:
    """Return the names of all vendors that are installed, of which some are present."""

    @cache
    def interface(vendor: str) -> Interface:
        return interface_of(load_vendor(vendor), contract(vendor))

    return Known(vendor_names(), present, load_vendor, interface)


def interface_of(vendor: Vendor, contract: Contract) -> Interface:
    """Return the operations of a vendor with what they take and refuse, and the events that it sends."""
    variables: dict[str, set[str]] = {}
    for route in vendor.operations():
        variables.setdefault(route.operation, {"key"}).update(_VARIABLE.findall(route.path))
    return Interface(
        {known.id: _asking(contract, known, variables.get(known.id, set())) for known in contract.operations},
        tuple(event.id for event in contract.events),
    )


def _asking(contract: Contract, operation: Operation, variables: set[str]) -> Asking:
    groups: list[Group] = []
    for variant in operation.variants:
        groups += [variant.query, *variant.bodies.values()]
    facts = frozenset(variables.union(*(group.properties for group in groups)))
    rows = (row for variant in operation.variants for row in outline(contract, variant))
    return Asking(
        facts,
        facts.union(row.name.removesuffix("[]").rpartition(".")[2] for row in rows),
        {error.name: _code_of(error) for error in operation.errors if error.name},
    )


def _code_of(error: ErrorText) -> str | None:
    """Return what programs read: the code, or words that are one word and so stand for it."""
    return error.code or (error.text if _WORD.fullmatch(error.text) else None)
