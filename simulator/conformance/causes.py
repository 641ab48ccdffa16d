"""One cause, one finding: breaches of a request that follow from another are folded under it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, unquote_plus

from simulator.conformance.contract import Contract
from simulator.conformance.operations import Variant
from simulator.conformance.references import follow, lookup
from simulator.conformance.violations import breach, plain
from simulator.exchange import Request, Violation

_VARIABLE = re.compile(r"\{\w+\}\Z")
_FROM_TAIL = ("unknown-parameter", "repeated-parameter")
_ADDRESS = ("http://", "https://")


def fold(contract: Contract, variant: Variant, request: Request, found: list[Violation]) -> list[Violation]:
    """Return the breaches of a client's request, each cause once with the count of what follows from it."""
    found = _fold_places(contract, variant, found) if found else found
    return (
        _fold_address(variant, request, found) if "://" in request.query or b"://" in request.body else found
    )


def _fold_places(contract: Contract, variant: Variant, found: list[Violation]) -> list[Violation]:
    """Join a parameter that is unknown in one place with its being missing in the other."""
    if variant.merged:
        return found
    in_bodies = {name for group in variant.bodies.values() for name in group.properties}
    for pointer in variant.json_bodies.values():
        schema = follow(contract.document, lookup(contract.document, pointer), pointer)[0]
        in_bodies |= schema.get("properties", {}).keys()
    for stray in [each for each in found if each.rule == "name"]:
        name = stray.where.removeprefix("/")
        follows = [each for each in found if each.where in (name, f"/{name}") and each.rule == "required"]
        to_query = name in variant.query.properties
        if "/" in name or not (to_query or name in in_bodies):
            continue
        right, wrong = ("query", "body") if to_query else ("body", "query")
        place = (follows[0] if follows else stray).source, (follows[0] if follows else stray).provenance
        fix = f"send `{name}` in the {right}: it is not looked for in the {wrong}"
        cause = breach(
            "misplaced-parameter", place, name=name, right=right, wrong=wrong, fix=fix, rule="place"
        )
        follows += [each for each in found if each.code == "missing-body" and right == "body"]
        rest = [each for each in found if each is not stray and each not in follows]
        found = [cause, *rest]
    return found


def _fold_address(variant: Variant, request: Request, found: list[Violation]) -> list[Violation]:
    """Find an address with a query of its own that was not encoded, so that its end became parameters."""
    body = request.body.decode("latin-1") if "urlencoded" in request.content_type and variant.bodies else ""
    for raw in (request.query, body):
        pieces = raw.split("&")
        for index, piece in enumerate(pieces):
            value = piece.partition("=")[2]
            if value.lower().startswith(_ADDRESS) and "?" in value:
                return _without_tail(pieces[index:], found)
    return found


def _without_tail(pieces: list[str], found: list[Violation]) -> list[Violation]:
    """Return `found` with what the end of an address brought about as one breach, if it did."""
    name, address = (unquote_plus(part) for part in pieces[0].split("=", 1))
    tail = [[unquote_plus(part) for part in piece.partition("=")[::2]] for piece in pieces[1:]]
    odd = {
        each.where for each in found if each.code in _FROM_TAIL and not each.fix.startswith("did you mean")
    }
    cut = [key for key, value in tail if key in odd or _VARIABLE.match(value)]
    if not cut:
        return found
    follows = [each for each in found if each.where == name or each.where in cut]
    end = max(index for index, (key, _) in enumerate(tail) if key == cut[-1])
    whole = "&".join([address, *[f"{key}={value}" for key, value in tail[: end + 1]]])
    parts = " and ".join(f"`{plain(key)}`" for key in dict.fromkeys(cut))
    cause = breach(
        "unencoded-address",
        (found[0].source if found else "", "inferred"),
        name=plain(name),
        sent=f"an address that ends at its first &: {parts} became parameters of the request",
        fix=f"encode the whole address: {plain(name)}={plain(quote(whole, safe=''))}",
        rule="encoding",
    )
    rest = [each for each in found if each not in follows]
    return [replace(cause, consequences=max(len(follows) - 1, 0)), *rest]
