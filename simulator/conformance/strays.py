"""Requests that no operation answers: what their client probably meant, and the one cause of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from posixpath import commonpath

from msgspec.structs import replace

from simulator.conformance.contract import Contract, candidates, match, verbs_at
from simulator.conformance.examples import example_of
from simulator.conformance.names import advise, find_look_alikes
from simulator.conformance.operations import Variant
from simulator.conformance.reading import FORM, FORMS
from simulator.conformance.violations import breach, plain
from simulator.exchange import Request, Violation
from simulator.formats.json_text import find_json

MOST_OF_A_FORM = 10_000
MOST_LETTERS = 200
MOST_LISTED = 20

_DOUBLED = re.compile("//+")
_NUMBERED = re.compile(r"[^/]*[0-9][^/]*")
_SCHEME = re.compile(r"(?i)\A(?:bearer|token|basic)[ :=]+")


def explain_stray(
    contract: Contract, request: Request, fields: Mapping[str, str]
) -> tuple[Violation, Variant | None]:
    """Return the cause why no operation was found, with the form whose answer is in order all the same."""
    path = request.path
    by_slashes = (match(contract, request.method, turned, fields) for turned in _turns(contract, request))
    if meant := next((form for form in by_slashes if form), None):
        place = (contract.source + meant.source, "inferred")
        shown = meant.plain_path
        return breach("wrong-path", place, path=shown, sent=plain(path), rule=f"slash {shown}"), meant
    verbs = verbs_at(contract, path)
    if forms := candidates(contract, request.method, path):
        by_others = ((verb, match(contract, verb, path, fields)) for verb in verbs)
        if by_other := next(((verb, form) for verb, form in by_others if form), None):
            return _explain_verb(contract, request, [by_other[0]], by_other[1]), None
        return _explain_selection(contract, forms, request, fields), None
    meant = match(contract, verbs[0], path, fields) if verbs else None
    if part := missing_part(contract, request, fields):
        return part, meant  # without its variable the path may be another one's, which refuses the verb
    if verbs:
        form = meant or candidates(contract, verbs[0], path)[0]
        return _explain_verb(contract, request, verbs, form), meant
    return _explain_path(contract, request, fields), None


def _explain_verb(contract: Contract, request: Request, verbs: Sequence[str], meant: Variant) -> Violation:
    place = (contract.source + meant.source, "inferred")
    verb, sent = " or ".join(verbs), plain(f"{request.method} {request.path}")
    words = {"asked": f"{verb} {meant.plain_path}", "verb": verb, "rule": f"verb {meant.path}"}
    return breach("wrong-method", place, sent=sent, **words)


def _turns(contract: Contract, request: Request) -> Iterator[str]:
    """Yield a path with its last slash turned, and with single slashes where no variable is empty."""
    path = request.path
    yield path.rstrip("/") if path.endswith("/") else path + "/"
    if "//" in path and not any(_fill(form, path) == path for form in _forms(contract, request.method)):
        yield _DOUBLED.sub("/", path)


def _explain_selection(
    contract: Contract, forms: Sequence[Variant], request: Request, fields: Mapping[str, str]
) -> Violation:
    """Explain a path that several operations share, where the parameter that tells them apart is wrong."""
    options: dict[str, list[str]] = {}
    for form in forms:
        for name, value in form.selectors.items():
            if value is not None and value not in options.setdefault(name, []):
                options[name].append(value)
    name = next((name for name in options if fields.get(name) not in options[name]), "path")
    known = options.get(name, [])
    listed = f"one of {', '.join(known[:MOST_LISTED])}"
    sent, place = fields.get(name), (f"{contract.source}#/paths", "inferred")
    words = {"asked": f"`{name}`, {listed}", "rule": "selection"}
    if sent is None:
        stray = next((other for other in fields if advise(other, [name])), None)
        missing = f"send `{name}`{_where_it_came(request, name)}"
        fix = missing if stray is None else f"write `{plain(stray)}` as `{name}`"
        return breach("unknown-operation", place, where=name, sent="nothing", fix=fix, **words)
    fix = advise(sent, known) or f"send {listed}"
    return breach("unknown-operation", place, where=name, sent=plain(sent[:MOST_LETTERS]), fix=fix, **words)


def _where_it_came(request: Request, name: str) -> str:
    """Return where a parameter belongs that stands in a body in which nobody looks for it."""
    if f'"{name}"'.encode() in (find_json(request.body) or b""):
        return " in the query or in a form: it is not looked for in JSON"
    if request.media_type not in FORMS and f"&{name}=".encode() in b"&" + request.body[:MOST_OF_A_FORM]:
        return f" with the Content-Type {FORM}: as {request.media_type or 'none'} a form is not read"
    return ""


def missing_part(contract: Contract, request: Request, fields: Mapping[str, str]) -> Violation | None:
    """Explain a path that is one of the document's without one of its variables, or return None."""
    segments = request.path.split("/")
    for variant in _forms(contract, request.method):
        template = variant.plain_path.split("/")
        for index, part in enumerate(template):
            if part.startswith("{") and segments == [*template[:index], *template[index + 1 :]]:
                sent = [(f"header {name}", _SCHEME.sub("", value)) for name, value in request.headers]
                sent += [(f"parameter {name}", value) for name, value in fields.items()]
                return _explain_part(contract, variant, part.strip("{}"), sent)
    return None


def _explain_part(
    contract: Contract, variant: Variant, name: str, sent: Sequence[tuple[str, str]]
) -> Violation:
    source = variant.places.sources[name]
    place = (contract.source + source, variant.places.provenance_of(name))
    where, asked = f"{variant.method} {variant.path}", f"`{name}` in the path, {variant.path}"
    words = {"name": name, "asked": asked, "example": example_of(contract, variant)}
    schema = contract.schemas.at(f"{source}/schema")
    if "pattern" in variant.places.property(name):
        for wrong, value in sent:
            if schema.is_valid(value):
                words |= {"right": "path", "wrong": plain(wrong), "rule": "place"}
                words["fix"] = f"the {name} belongs in the path: {where}"
                return breach("misplaced-parameter", place, **words)
    return breach("missing-parameter", place, fix=f"call {where}", rule="required", **words)


def _explain_path(contract: Contract, request: Request, fields: Mapping[str, str]) -> Violation:
    place = (f"{contract.source}#/paths", "inferred")
    sent = plain(f"{request.method} {request.path}")
    if words := contract.outside.get(request.path):
        place = (f"{contract.source}#/x-outside", "observed")
        known = breach("unknown-operation", place, sent=sent, fix=words, rule=request.path)
        return replace(known, severity="warning")
    path = request.path[:MOST_LETTERS]
    if base := _explain_base(contract, request, fields):
        fix, prefix = base
        return breach("unknown-operation", place, sent=sent, fix=fix, rule=f"base URL {prefix}")
    forms = sorted(contract.forms, key=lambda form: form.method == request.method)
    paths = {_fill(form, path): form for form in forms}
    if letters := find_look_alikes(path, paths):
        return breach("unknown-operation", place, sent=sent, fix=letters, rule=_shape(path))
    by_letters = {name.casefold(): form for name, form in paths.items()}
    close = get_close_matches(path.casefold(), by_letters, n=1, cutoff=0.6)
    if not close:
        return breach("unknown-operation", place, sent=sent, rule=_shape(path))
    meant = by_letters[close[0]]
    fix, example = f"did you mean {meant.method} {meant.plain_path}?", example_of(contract, meant)
    return breach("unknown-operation", place, sent=sent, fix=fix, rule=meant.path, example=example)


def _explain_base(contract: Contract, request: Request, fields: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the advice on a path whose beginning is missing, doubled or too much, and that beginning."""
    segments = request.path[:MOST_LETTERS].rstrip("/").split("/")[1:]
    begins = [] if fields else _beginnings(contract)
    if begins and (not segments or "/" + "/".join(segments) in begins):
        return f"your base URL ends too early: all paths begin with {' or '.join(begins)}", begins[0]
    for variant in _forms(contract, request.method):
        path = variant.plain_path
        template, call = [part for part in path.split("/") if part], f"call {variant.method} {path}"
        is_selected = bool(variant.selectors) and match(contract, request.method, path, fields) is not None
        for count in range(1, len(template) + is_selected):
            if "{" not in "".join(template[:count]) and _is_like(template[count:], segments, is_selected):
                prefix = "/" + "/".join(template[:count])
                return f"your base URL is too short: put `{prefix}` in front, {call}", prefix
        for count in range(1, len(segments)):
            if _is_like(template, segments[count:], False):
                prefix = "/" + plain("/".join(segments[:count]))
                twice = segments[:count] == template[:count]
                cause = "stands twice, in your base URL and in the path" if twice else "is too much"
                return f"`{prefix}` {cause}: {call}", prefix
    return None


def _beginnings(contract: Contract) -> list[str]:
    """Return what paths begin with, the longest that all have in common of those with the same first word.

    Paths that are only ours are left out.
    """
    known = [form for form in contract.forms if form.provenance != "inferred"]
    paths = [form.plain_path.partition("{")[0] for form in known]
    groups = dict.fromkeys(path.split("/")[1] for path in paths)
    return [commonpath([path for path in paths if path.split("/")[1] == first]) for first in groups]


def _is_like(template: list[str], segments: list[str], is_selected: bool) -> bool:
    """Return whether segments fit a template of which one word at least is no variable."""
    if len(template) != len(segments) or not (
        is_selected or any(part and "{" not in part for part in template)
    ):
        return False
    pairs = zip(template, segments, strict=True)
    return all(part == came or ("{" in part and came != "") for part, came in pairs)


def _forms(contract: Contract, method: str) -> Iterator[Variant]:
    verb = "GET" if method == "HEAD" else method
    return (form for form in contract.forms if form.method == verb)


def _fill(variant: Variant, path: str) -> str:
    """Return the path of a form with its variables filled in from `path`, where the two are as long."""
    template, segments = variant.plain_path.split("/"), path.split("/")
    if len(template) != len(segments):
        return variant.plain_path
    return "/".join(came if "{" in part else part for part, came in zip(template, segments, strict=True))


def _shape(path: str) -> str:
    """Return a path without what is likely an id."""
    return plain(_NUMBERED.sub("*", path))
