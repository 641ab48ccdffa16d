"""Kaleyra's envelope in its five formats: one value, rendered five ways, so that they never disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field, structs
from msgspec.structs import replace

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form
from simulator.formats.json_text import is_function, write_compact_json, write_jsonp
from simulator.formats.nested_text import write_lines, write_print_r
from simulator.formats.xml_tree import write_xml
from simulator.telephony.accounts import Account
from simulator.vendors.kaleyra.settings import KaleyraSettings

OK = "200"
PROLOG = '<?xml version="1.0" encoding="UTF-8" ?>\n'
"""The samples have a space before `?>`; those of voice.status and voice.groupstatus lack the prolog."""

VOICE_FORMATS = ("text", "json", "xml")
OBD_FORMATS = ("text", "json", "jsonp", "xml", "php")

VOICE_ONLY = ("dial", "block", "followup", "monitor", "autodial")

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class Reply(Struct, frozen=True):
    """What an operation answers: its envelope, the name of its rows in XML, and what only text adds.

    A `remark` is the simulator's own, for its header.
    """

    envelope: Mapping[str, Any]
    rows: Mapping[str, str] = field(default_factory=dict)
    prolog: bool = True
    only_in_text: Mapping[str, str] = field(default_factory=dict)
    remark: str | None = None


def success(data: Any = None, message: str = "OK", status: str = OK) -> dict[str, Any]:
    """Return the envelope of a success; without data it has none."""
    envelope: dict[str, Any] = {"status": status, "message": message}
    return envelope if data is None else {**envelope, "data": data}


def keyed(rows: list[dict[str, Any]]) -> dict[str, Any] | list[Any]:
    """Return rows under "0", "1" and so on, as PHP shows such an array; an empty one it shows as a list."""
    return {str(place): row for place, row in enumerate(rows)} or []


def render(reply: Reply, form: Form) -> Answer:
    """Render an envelope in the format a request asked for, text where its operation has no such format."""
    name = format_of(form)
    kind, write = WRITERS[name if name in formats_for(form) else "text"]
    clean = replace(reply, envelope=printable(reply.envelope))
    return Answer(200, write(clean, form), (("Content-Type", kind),), reply.remark)


def format_of(form: Form) -> str:
    """Return the format asked for, in lower case; text is the documented default."""
    return (form.get("format") or "").strip().lower() or "text"


def function_of(form: Form) -> str:
    """Return the function that JSONP calls: `jsonp` names it, else `callback` where that is no address.

    Both are inferred; libraries of browsers send `callback`, which is its name where neither has one.
    """
    names = (form.get(name) or "" for name in ("jsonp", "callback"))
    return next((name for name in names if is_function(name)), "callback")


def formats_for(form: Form) -> tuple[str, ...]:
    """Return the formats of the operation asked for: five where calls go out to many, three elsewhere."""
    method = (form.get("method") or "").strip().lower()
    return VOICE_FORMATS if method.startswith(VOICE_ONLY) else OBD_FORMATS


def printable(value: Any) -> Any:
    """Return a value whose texts are one line each, which every format can carry; controls become spaces."""
    if isinstance(value, Mapping):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [printable(item) for item in value]
    return _CONTROLS.sub(" ", value) if isinstance(value, str) else value


def _write_text(reply: Reply, _form: Form) -> bytes:
    return write_lines({**reply.envelope, **reply.only_in_text}).encode()


def _write_xml(reply: Reply, _form: Form) -> bytes:
    """Write the envelope; XML always has `message` before `data` (the samples)."""
    ordered = {key: reply.envelope[key] for key in ("status", "message", "data") if key in reply.envelope}
    return ((PROLOG if reply.prolog else "") + write_xml("api", ordered, reply.rows)).encode()


WRITERS: Mapping[str, tuple[str, Callable[[Reply, Form], bytes]]] = {
    "text": ("text/plain; charset=utf-8", _write_text),
    "json": ("application/json", lambda reply, _: write_compact_json(reply.envelope)),
    "jsonp": (
        "application/javascript",
        lambda reply, form: write_jsonp(function_of(form), reply.envelope).encode(),
    ),
    "xml": ("application/xml", _write_xml),
    "php": ("text/html; charset=utf-8", lambda reply, _: write_print_r(dict(reply.envelope)).encode()),
}
"""Content types are inferred; print_r comes as HTML, as any PHP script that names no type sends it."""

PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "x-api-key, content-type"),
)


def let_in(answer: Answer, request: Request, account: Account | None) -> Answer:
    """Return an answer with the headers that browsers ask for; a preflight is answered 204 (all inferred)."""
    origin = KaleyraSettings.of(account).cors_origin if account else ""
    if not origin:
        return answer
    allowed = (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))
    if request.method == "OPTIONS":
        return Answer(204, b"", (*allowed, *PREFLIGHT))
    return structs.replace(answer, headers=(*answer.headers, *allowed))
