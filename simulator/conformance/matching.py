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
    found = contract.static.get((verb, path))
    if found is None:
        found = _match_slowly(contract, verb, path)
    if len(found) == 1 and not found[0].selectors:
        return found[0]
    fitting = [variant for variant in found if _selected(variant, fields)]
    return max(fitting, key=lambda variant: len(variant.selectors), default=None)


def verbs_at(contract: Contract, path: str) -> list[str]:
    """Return the verbs that answer at `path`, in the document's order, each once."""
    verbs = (verb for operation in contract.operations for verb in operation.verbs)
    return [verb for verb in dict.fromkeys(verbs) if _candidates(contract, verb, path)]


def _selected(variant: Variant, fields: Mapping[str, str]) -> bool:
    for name, value in variant.selectors.items():
        told = fields.get(name, "")
        if value is None and not told:
            return False
        if value is not None and value != (told.lower() if name in variant.caseless else told):
            return False
    return True


def _candidates(contract: Contract, verb: str, path: str) -> tuple[Variant, ...]:
    path = contract.same_paths.get(path, path)
    return contract.static.get((verb, path)) or _match_slowly(contract, verb, path)


def _match_slowly(contract: Contract, verb: str, path: str) -> tuple[Variant, ...]:
    if contract.doubled_slashes and "//" in path:
        return _candidates(contract, verb, _DOUBLED.sub("/", path))
    hits = [
        variant for pattern, variant in contract.templates if variant.method == verb and pattern.match(path)
    ]
    return tuple(
        variant for variant in hits if variant.path.partition("#")[0] == hits[0].path.partition("#")[0]
    )
