"""Sending a request from the page, as a client would, to read the very answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, current_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

from simulator.admin.page.visit import Visit
from simulator.admin.problems import unusable
from simulator.engine.sandbox import MAIN

_START = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD) (/[!-~]{0,4000})")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,100}): ?(.{0,4000})")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]{0,60})\}")


def send_request(visit: Visit) -> Response:
    """Send what the form says to its vendor, with placeholders filled in, and go to the exchange."""
    vendor, text = visit.form.get("vendor", ""), visit.form.get("request", "").replace("\r\n", "\n")
    if vendor not in visit.worlds.vendors:
        raise unusable([f"#/vendor: there is no vendor {vendor[:40]!r}"])
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    start = _START.fullmatch(first.strip())
    headers = [_HEADER.fullmatch(line.strip()) for line in lines if line.strip()]
    if start is None or None in headers:
        example = "such as `POST /v2.0/sms`, then headers, an empty line, and the body"
        raise unusable(["#/request: it begins with a method and a path"], example)
    known = flat(visit.worlds.credentials(vendor, visit.sandbox.world.name))
    prefix = "" if visit.sandbox.world.name == MAIN else f"/@{visit.sandbox.world.name}"
    builder = EnvironBuilder(
        path=f"{prefix}/{vendor}{fill(start[2], known, escape=True)}",
        method=start[1],
        headers=[(line[1], fill(line[2], known)) for line in headers if line is not None],
        data=fill(body.strip("\n"), known, escape="=" in body and "{" not in body[:1]).encode(),
        base_url="http://localhost/",
    )
    _, _, answer_headers = run_wsgi_app(current_app.wsgi_app, builder.get_environ(), buffered=True)
    exchange = answer_headers.get("X-Simulator-Exchange")
    if exchange is None:  # in a simulator that sends nothing of its own
        with visit.sandbox.lock:
            exchange = next(reversed([one.id for one in visit.sandbox.recorder.journal]), "")
    return Response(b"", 303, {"Location": visit.url(f"requests/{exchange}")})


def flat(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Return credentials by name; of those that have several by campaign, the first."""
    return {
        name: str(next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)
        for name, value in credentials.items()
    }


def fill(text: str, known: Mapping[str, str], *, escape: bool = False) -> str:
    """Return a text with the placeholders filled in that are known."""

    def value_of(match: re.Match[str]) -> str:
        value = known.get(match[1])
        return match[0] if value is None else quote(value, safe="") if escape else value

    return _PLACEHOLDER.sub(value_of, text)


def draft(example: str, known: Mapping[str, str], schemes: Mapping[str, Any]) -> str:
    """Return a contract's example as a request to edit, with placeholders for what opens the account.

    `schemes` are the ways in that the contract names.
    """
    method, _, rest = example.partition(" ")
    path, _, body = rest.partition(" ")
    headers: list[str] = []
    filled = False
    for name in known:
        body, times = re.subn(rf"(?<![\w-])({re.escape(name)})=[^&\s]*", rf"\1={{{name}}}", body)
        path, more = re.subn(rf"(?<=[?&])({re.escape(name)})=[^&\s]*", rf"\1={{{name}}}", path)
        filled = filled or bool(times + more)
    key = next((name for name in known if "key" in name or "token" in name), None)
    header = next((scheme["name"] for scheme in schemes.values() if scheme.get("in") == "header"), None)
    if key is not None and header is not None and not filled:
        headers.append(f"{header}: {{{key}}}")
    if body:
        json = body.lstrip().startswith(("{", "["))
        headers.append(f"Content-Type: application/{'json' if json else 'x-www-form-urlencoded'}")
    return "\n".join([f"{method} {path}", *headers, "", body])
