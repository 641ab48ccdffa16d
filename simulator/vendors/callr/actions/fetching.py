"""The action fetch: a script's own request to anybody, and what it learns of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from simulator.exchange import Answer, CallbackRequest
from simulator.formats.json_text import MalformedJson, read_json
from simulator.vendors.callr.actions.values import to_json, to_text

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
LONGEST = 30
_URL_LETTERS = "%/:?#[]@!$&'()*+,;=~"


def read_fetch(params: Mapping[str, Any]) -> CallbackRequest | str:
    """Return the request, or why there is none; the names of the parameters are observed."""
    url, method = params.get("url"), str(params.get("method") or "GET").upper()
    if not isinstance(url, str) or not _is_url(url):
        return f"{url!r} is not a URL"
    if method not in METHODS:
        return f"the method {method!r}"
    fields = params.get("headers") or {}
    if not isinstance(fields, dict):
        return "headers that are no map"
    headers = tuple((str(name), to_text(value)) for name, value in fields.items())
    body = params.get("body")
    content = b""
    if body is not None:
        content = (body if isinstance(body, str) else to_json(body)).encode()
        if not isinstance(body, str) and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (*headers, ("Content-Type", "application/json"))
    patience = params.get("timeout")
    seconds = patience if isinstance(patience, int | float) and 0 < patience <= LONGEST else LONGEST
    escaped = quote(url, safe=_URL_LETTERS)
    length = timedelta(seconds=seconds)
    return CallbackRequest(method, escaped, headers, content, patience=length, reads_reply=True)


def render_outcome(status: int | None, error: str | None, reply: Answer | None) -> dict[str, Any]:
    """Return what a script learns (observed names); `json` is null where the body is none.

    An answer that could not be read whole is no good one, whatever its status: `statusText` says why.
    """
    known = error is None and status in {code.value for code in HTTPStatus}
    return {
        "ok": error is None and status is not None and 200 <= status < 300,
        "status": status or 0,
        "statusText": HTTPStatus(status).phrase if status and known else (error or ""),
        "headers": {name.lower(): value for name, value in reply.headers} if reply else {},
        "body": reply.body.decode(errors="replace") if reply else None,
        "json": _json(reply.body) if reply else None,
    }


def _json(body: bytes) -> Any:
    try:
        return read_json(body)
    except MalformedJson:
        return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
