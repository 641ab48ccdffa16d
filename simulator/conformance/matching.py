"""Which operation a request is meant for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.conformance.contract import Contract
from simulator.conformance.operations import Variant

_DOUBLED = re.compile("//+")


def match(contract: Contract, method: str, path: str, fields: Mapping[str, str]) -> Variant | None:
    """Return the form of the operation that answers this request, or None.

    Same path without fragment or another spelling of it, same verb (HEAD counts as GET), every required
    parameter with a single allowed value equal in `fields`, every one marked `x-selects` there; of several
    forms the one with most such parameters wins.
    """
    verb, path = "GET" if method == "HEAD" else method, contract.same_paths.get(path, path)
    variants = contract.static.get((verb, path))
    if variants is None:
        variants = _match_slowly(contract, verb, path)
    if len(variants) == 1 and not variants[0].selectors:
        return variants[0]
    fitting = [variant for variant in variants if _selected(variant, fields)]
    return max(fitting, key=lambda variant: len(variant.selectors), default=None)


def nearly_match(
    contract: Contract, method: str, path: str, fields: Mapping[str, str], kind: str = ""
) -> Variant | None:
    """Return the form whose telling values are all in `fields`, though a parameter that selects it is not.

    With a `kind` it is one that reads bodies of that content type.
    """
    verb = "GET" if method == "HEAD" else method
    fitting = []
    for variant in candidates(contract, verb, path):
        values = {name: value for name, value in variant.selectors.items() if value is not None}
        readable = not kind or kind in variant.bodies or kind in variant.json_bodies
        if values and readable and _has(values, variant.caseless, fields):
            fitting.append(variant)
    return max(fitting, key=lambda variant: len(variant.selectors), default=None)


def verbs_at(contract: Contract, path: str) -> list[str]:
    """Return the verbs that answer at `path`, in the document's order, each once."""
    verbs = (verb for operation in contract.operations for verb in operation.verbs)
    return [verb for verb in dict.fromkeys(verbs) if candidates(contract, verb, path)]


def _selected(variant: Variant, fields: Mapping[str, str]) -> bool:
    return _has(variant.selectors, variant.caseless, fields)


def _has(selectors: Mapping[str, str | None], caseless: frozenset[str], fields: Mapping[str, str]) -> bool:
    for name, value in selectors.items():
        sent = fields.get(name, "")
        if value is None and not sent:
            return False
        if value is not None and value != (sent.lower() if name in caseless else sent):
            return False
    return True


def candidates(contract: Contract, verb: str, path: str) -> tuple[Variant, ...]:
    """Return every form that answers to a verb at a path, whatever the parameters."""
    path = contract.same_paths.get(path, path)
    return contract.static.get((verb, path)) or _match_slowly(contract, verb, path)


def _match_slowly(contract: Contract, verb: str, path: str) -> tuple[Variant, ...]:
    if contract.doubled_slashes and "//" in path:
        return candidates(contract, verb, _DOUBLED.sub("/", path))
    hits = [
        variant for pattern, variant in contract.templates if variant.method == verb and pattern.match(path)
    ]
    return tuple(
        variant for variant in hits if variant.path.partition("#")[0] == hits[0].path.partition("#")[0]
    )
