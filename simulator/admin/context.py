"""A request to the control plane, its query and body read strictly: a misspelt word never passes unseen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from inspect import signature
from types import NoneType, UnionType
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

from msgspec import Struct

from simulator.admin.problems import Problem, unusable
from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import nearest
from simulator.exchange import Request
from simulator.formats.json_text import read_json

Json = Any

MOST_LISTED = 1_000

_NAMES = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


class AdminContext(Struct, frozen=True):
    """One request to the control plane, the world it is about, and its query by name."""

    worlds: Worlds
    sandbox: Sandbox
    request: Request
    query: Mapping[str, str]

    @property
    def limit(self) -> int:
        """How many entries to list: 1 to 1,000, by default 100; raises Problem 422."""
        text = self.query.get("limit", "100")
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_LISTED):
            raise unusable([f"?limit: {text[:40]!r} is not a number from 1 to {MOST_LISTED}"])
        return int(text)

    def fields_of(self, handler: Callable[..., Any]) -> dict[str, Any]:
        """Return the members of the JSON body that a handler takes; an empty body counts as an empty object.

        Raises Problem 415 for another type, 422 for unknown, missing and mistyped members; MalformedJson.
        """
        signed = signature_of(handler)
        return check_fields(read_object(self.request), signed.members, signed.required)


class Signature(Struct, frozen=True):
    """What a handler takes: `variables` of its path, and `members` of a JSON body with the types of each."""

    variables: tuple[str, ...]
    members: Mapping[str, tuple[type, ...]]
    required: tuple[str, ...]


@cache
def signature_of(handler: Callable[..., Any]) -> Signature:
    """Return what a handler takes after its context: its keyword-only parameters are members of the body."""
    _, *parameters = signature(handler, eval_str=True).parameters.values()
    keywords = [parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    return Signature(
        variables=tuple(parameter.name for parameter in parameters if parameter not in keywords),
        members={parameter.name: _types_of(parameter.annotation) for parameter in keywords},
        required=tuple(parameter.name for parameter in keywords if parameter.default is parameter.empty),
    )


def _types_of(annotation: Any) -> tuple[type, ...]:
    """Return the types of an annotation, as of `str | int | None` both; None means that nothing is said."""
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return tuple(get_origin(kind) or kind for kind in kinds if kind is not NoneType)


def read_query(request: Request, known: Collection[str]) -> dict[str, str]:
    """Return a query by name; raises Problem for a name that is not `known` or comes twice."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    findings = [f"?{name}: {_unknown(name, known)}" for name in dict.fromkeys(names) if name not in known]
    findings += [f"?{name}: said more than once" for name in dict.fromkeys(names) if names.count(name) > 1]
    if findings:
        raise unusable(findings)
    return dict(pairs)


def check_fields(
    value: dict[str, Any], known: Mapping[str, tuple[type, ...]], required: Collection[str]
) -> dict[str, Any]:
    """Return the members of an object, each of a type that `known` gives; raises Problem 422."""
    findings = [f"#/{_step(name)}: {_unknown(name, known)}" for name in value if name not in known]
    findings += [f"#/{name}: this is required" for name in required if name not in value]
    for name, kinds in known.items():
        if name in value and type(value[name]) not in kinds:
            arrived = _NAMES.get(type(value[name]), "something else")
            findings.append(f"#/{name}: {arrived} stands where {_NAMES[kinds[0]]} is asked for")
    if findings:
        raise unusable(findings)
    return value


def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in a body, an empty one where that is empty; raises Problem 415 and 422."""
    if not request.body:
        return {}
    if request.media_type != "application/json":
        given = f"the body is {request.media_type[:80] or 'of no type'}"
        raise Problem(415, "unsupported media type", given, "send `Content-Type: application/json`")
    value = read_json(request.body)
    if not isinstance(value, dict):
        raise unusable(["#: the body is not a JSON object"])
    return value


def check_known(place: str, word: str, known: Collection[str]) -> None:
    """Raise Problem 422 for a word at a place of the request that is none of those `known`."""
    if word not in known:
        raise unusable([f"{place}: {word[:40]!r} is {_unknown(word, known)}"])


def _unknown(name: str, known: Collection[str]) -> str:
    if meant := nearest(name, known):
        return f"unknown; did you mean `{meant}`?"
    return f"unknown; known: {', '.join(known) or 'nothing'}"


def _step(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")
