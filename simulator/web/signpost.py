"""For whoever is lost: where vendors answer, and what is wrong with a base URL whose paths miss."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from simulator.exchange import Answer

LOCAL_SUFFIX = ".localhost"

_UNRESOLVED = (
    "names that end in .localhost lead to this machine in browsers, curl and PHP's curl; where your runtime "
    "does not resolve them, use the URL under `vendors`, or start with --vendor-ports 0, which gives each "
    "vendor a port of its own"
)


def origins(names: Collection[str], root: str, ports: Mapping[str, int]) -> dict[str, str]:
    """Return where each vendor answers at the root, for clients that keep scheme and host alone.

    That is at its own port, where it has one, else at the `root` if it is the only one, else under a name.
    """
    place = urlsplit(root)
    host = place.netloc.removesuffix(f":{place.port}")
    if ports:
        return {name: f"{place.scheme}://{host}:{ports[name]}" for name in names}
    if len(names) == 1:
        return dict.fromkeys(names, root)
    port = f":{place.port}" if place.port else ""
    return {name: f"{place.scheme}://{name}{LOCAL_SUFFIX}{port}" for name in names}


def render_signpost(environ: Mapping[str, Any], names: Collection[str], ports: Mapping[str, int]) -> Answer:
    """Return what a visitor of the bare root sees: where everything is; anywhere else it is a 404.

    A browser is shown a page, anybody else is given JSON.
    """
    mounted = environ.get("SCRIPT_NAME", "")
    root = f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST') or 'localhost'}{mounted}"
    places = {} if mounted else origins(names, root, ports)
    signs = {
        "vendors": {name: f"{root}/{name}" for name in names},
        **({} if mounted else {"at_the_root": places}),
        "page": f"{root}/_simulator/",
        "control": f"{root}/_simulator/v1",
        "openapi": f"{root}/_simulator/openapi.json",
    }
    if any(LOCAL_SUFFIX in place for place in places.values()):
        signs["hint"] = _UNRESOLVED
    is_root = environ.get("PATH_INFO") in ("", "/")
    if "text/html" in environ.get("HTTP_ACCEPT", ""):
        return _page(200 if is_root else 404, signs)
    if is_root:
        return _json(200, "application/json", signs)
    return _json(404, "application/problem+json", {"title": "no vendor answers here", "status": 404, **signs})


def _json(status: int, kind: str, value: Mapping[str, Any]) -> Answer:
    headers = (("Content-Type", kind), ("Vary", "Accept"))
    return Answer(status, json.dumps(value, indent=2).encode() + b"\n", headers)


def _page(status: int, signs: Mapping[str, Any]) -> Answer:
    """Return the signs for people: a page that runs nothing."""
    rows = [
        ("look at it, with telephones to answer", signs["page"]),
        *((f"stands for {name}", url) for name, url in signs["vendors"].items()),
        ("the control API", signs["control"]),
        ("its OpenAPI document", signs["openapi"]),
    ]
    links = "".join(
        f'<li>{escape(what)}: <a href="{escape(url)}">{escape(url)}</a></li>' for what, url in rows
    )
    title = "Vendor simulator" if status == 200 else "No vendor answers here"
    text = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    text += f"<h1>{title}</h1><ul>{links}</ul>\n"
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Vary", "Accept"),
    )
    return Answer(status, text.encode(), headers)


Known = Callable[[str], bool]
"""Tells whether anything answers at a path."""

TOO_EARLY = "your base URL ends too early: add {}"
TWICE = "your base URL holds {} twice: leave one out"


def missing_prefix(path: str, prefixes: Iterable[str], knows: Known) -> str | None:
    """Return what is wrong with the base URL in front of a path that nobody knows, or None.

    `prefixes` are what base URLs of the vendor end in, such as `/v2.0`; the first one that helps is named,
    with the others that would help as well.
    """
    advice: dict[str, None] = {}
    for prefix in prefixes:
        advice.update(dict.fromkeys(_advice(path, prefix.strip("/").split("/"), knows)))
    first, *others = advice or (None,)
    same = [other for other in others if first and other.split(":")[0] == first.split(":")[0]]
    return first and " or ".join((first, *(other.partition(": add ")[2] or other for other in same)))


def _advice(path: str, prefix: list[str], knows: Known) -> Iterator[str]:
    steps = path.removeprefix("/").split("/")
    if steps == [""]:  # the root: what lives right at the prefix is meant
        steps = []
    for start in range(len(prefix)):  # it lacks what stands before `start`
        kept = _shared(steps, prefix[start:])
        if start and kept and knows(_join(prefix[:start] + steps)):
            yield TOO_EARLY.format(_join(prefix[:start]))
            return
    kept = _shared(steps, prefix)
    if kept < len(prefix) and knows(_join(prefix + (steps[kept:] or [""]))):
        yield TOO_EARLY.format(_join(prefix[kept:]))
    elif kept == len(prefix):
        yield from _doubled(steps, prefix, knows)


def _doubled(steps: list[str], prefix: list[str], knows: Known) -> Iterator[str]:
    for start in range(len(prefix)):
        again, after = prefix[start:], steps[len(prefix) :]
        if after[: len(again)] == again and knows(_join(prefix + (after[len(again) :] or [""]))):
            yield TWICE.format(_join(again))
            return


def _shared(steps: list[str], prefix: list[str]) -> int:
    """Return how many steps two paths have in common from their beginning."""
    pairs = enumerate(zip(steps, prefix, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(steps), len(prefix)))


def _join(steps: list[str]) -> str:
    return "/" + "/".join(steps)
