"""One cause, one finding: breaches of a request that follow from another are folded under it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus

from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.document import follow, lookup
from simulator.conformance.operations import Variant
from simulator.conformance.violations import breach, plain
from simulator.exchange import Request, Violation

_VARIABLE = re.compile(r"\{\w+\}\Z")
_STRAYS = ("unknown-parameter", "repeated-parameter")
_LACKS = ("missing-choice", "missing-parameter")
_BRACKETS = re.compile(r"(\w+)\[\d*\]")
_ADDRESS = ("http://", "https://")


def fold(
    contract: Contract, variant: Variant, request: Request, breaches: list[Violation]
) -> list[Violation]:
    """Return the breaches of a client's request, each cause once with the count of what follows from it."""
    breaches = _fold_address(variant, request, _fold_places(contract, variant, request, breaches))
    return _fold_brackets(variant, _name_cuts(variant, request, breaches))


def _fold_places(
    contract: Contract, variant: Variant, request: Request, breaches: list[Violation]
) -> list[Violation]:
    """Join a parameter that is unknown in one place with its being missing in the other."""
    if variant.merged or not breaches:
        return breaches
    in_bodies = {name for group in variant.bodies.values() for name in group.properties}
    for pointer in variant.json_bodies.values():
        schema = follow(contract.document, lookup(contract.document, pointer), pointer)[0]
        in_bodies |= schema.get("properties", {}).keys()
    in_query = {unquote_plus(piece.partition("=")[0]) for piece in request.query.split("&")}
    for stray in [one for one in breaches if one.rule == "name"]:
        name = stray.where.removeprefix("/")
        follows = [one for one in breaches if one.where in (name, f"/{name}") and one.rule == "required"]
        to_query = name in variant.query.properties
        if "/" in name or not (to_query or name in in_bodies) or (to_query and name in in_query):
            continue
        right, wrong = ("query", "body") if to_query else ("body", "query")
        if not to_query and stray.where.startswith("/"):  # in a body, though of another type
            forms = (kind for kind, group in variant.bodies.items() if name in group.properties)
            right, wrong = f"{next(forms, variant.readable[0])} body", f"{request.media_type} body"
        known = follows[0] if follows else stray
        words = {"right": right, "wrong": wrong, "rule": "place"}
        words["fix"] = f"send `{name}` in the {right}: it is not looked for in the {wrong}"
        cause = breach("misplaced-parameter", (known.source, known.provenance), name=name, **words)
        follows += [one for one in breaches if one.code == "missing-body" and right == "body"]
        rest = [one for one in breaches if one is not stray and one not in follows]
        breaches = [cause, *rest]
    return breaches


def _fold_address(variant: Variant, request: Request, breaches: list[Violation]) -> list[Violation]:
    """Find an address with a query of its own that was not encoded, so that its end became parameters."""
    for pieces in _pieces(variant, request):
        for index, piece in enumerate(pieces):
            value = piece.partition("=")[2]
            if value.lower().startswith(_ADDRESS) and "?" in value:
                return _without_tail(pieces[index:], breaches)
    return breaches


def _pieces(variant: Variant, request: Request) -> tuple[list[str], list[str]]:
    """Return the parameters in the query and in a form as they were written."""
    body = request.body.decode("latin-1") if "urlencoded" in request.content_type and variant.bodies else ""
    return request.query.split("&"), body.split("&")


def _name_cuts(variant: Variant, request: Request, breaches: list[Violation]) -> list[Violation]:
    """Say of unknown parameters that look like the rest of a value, behind an & in it, that they do."""
    odd = [one.where for one in breaches if one.code == "unknown-parameter"]
    fixes: dict[str, str] = {}
    for pieces in _pieces(variant, request) if odd else ():
        whole = ""
        for piece in pieces:
            written, is_pair, _ = piece.partition("=")
            name = plain(unquote_plus(written))
            is_words = " " in name.rstrip()
            if name not in odd or (is_pair and not is_words):
                whole = name
            elif whole:
                leave = "" if is_words else f"leave `{name}` out, or "
                fixes[name] = f"{leave}encode the & before it as %26, if it is the rest of `{whole}`"
    return [replace(one, fix=fixes.get(one.where, one.fix)) for one in breaches]


def _fold_brackets(variant: Variant, breaches: list[Violation]) -> list[Violation]:
    """Join what a list written as `name[0]=` or `name[]=` brought about: one breach for each name."""
    groups = (variant.query, *variant.bodies.values())
    lists: dict[str, list[Violation]] = {}
    for one in breaches:
        written = _BRACKETS.fullmatch(one.where) if one.code in _STRAYS else None
        if written and any(written[1] in group.properties for group in groups):
            lists.setdefault(written[1], []).append(one)
    for name, strays in lists.items():
        follows = [one for one in breaches if one.code in _LACKS and name in one.where.split(",")]
        sent = ", ".join(dict.fromkeys(one.where for one in strays))
        stray = next(one for one in (*follows, *strays) if one.code != "repeated-parameter")
        cause = replace(stray, arrived=sent) if follows else replace(stray, where=f"{name}[]")
        repeated = any(name in group.lists for group in groups)
        how = (
            f"`{name}=a&{name}=b`"
            if repeated
            else f"one `{name}`, several values of which have commas between"
        )
        cause = replace(cause, fix=f"write {how}: names with brackets are not read")
        breaches = [cause, *[one for one in breaches if one not in strays and one not in follows]]
    return breaches


def _without_tail(pieces: list[str], breaches: list[Violation]) -> list[Violation]:
    """Return `breaches` with what the end of an address brought about as one breach, if it did."""
    name, address = (unquote_plus(part) for part in pieces[0].split("=", 1))
    tail = [[unquote_plus(part) for part in piece.partition("=")[::2]] for piece in pieces[1:]]
    odd = {one.where for one in breaches if one.code in _STRAYS and not one.fix.startswith("did you mean")}
    cut = [key for key, value in tail if key in odd or _VARIABLE.match(value)]
    if not cut:
        return breaches
    follows = [one for one in breaches if one.where == name or one.where in cut]
    end = max(index for index, (key, _) in enumerate(tail) if key == cut[-1])
    whole = "&".join([address, *[f"{key}={value}" for key, value in tail[: end + 1]]])
    parts = " and ".join(f"`{plain(key)}`" for key in dict.fromkeys(cut))
    became = "a parameter" if len({*cut}) == 1 else "parameters"
    cause = breach(
        "unencoded-address",
        (breaches[0].source if breaches else "", "inferred"),
        name=plain(name),
        sent=f"an address that ends at its first &: {parts} became {became} of the request",
        fix=f"encode the whole address: {plain(name)}={plain(quote(whole, safe=''))}",
        rule="encoding",
    )
    rest = [one for one in breaches if one not in follows]
    return [replace(cause, consequences=max(len(follows) - 1, 0)), *rest]
