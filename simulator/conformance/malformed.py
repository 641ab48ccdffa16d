"""What makes a body unreadable, as far as it shows, and what to do instead."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from simulator.exchange import Request

MOST_BYTES = 65_536
"""So much of a body is looked at: what is wrong shows at its beginning."""

LONGEST_LETTER = 4

JSON_BY_A_LIBRARY = "write it by json.dumps, JSON.stringify or their like"
_ENCODED = ("gzip", "deflate", "br", "zstd", "compress")
_FORM = re.compile(rb"[A-Za-z_][\w.\[\]-]{0,100}=[^{}]*")
_PYTHON = re.compile(rb"[\[{]\s*(?:\{\s*)?'|[:,\[]\s*(?:None|True|False)\b")
_NO_NUMBER = re.compile(rb"[:,\[]\s*-?(?:NaN|Infinity)\b")
_ESCAPED = re.compile(rb"%[0-9A-Fa-f]{2}")


def advise_on_body(request: Request) -> str | None:
    """Return what to send instead of a body that could not be read, or None where it does not show."""
    body = request.body[:MOST_BYTES] or request.query[:MOST_BYTES].encode("utf-8", "replace")
    coding = (request.header("Content-Encoding") or "").lower()
    if coding in _ENCODED or body.startswith(b"\x1f\x8b"):
        return "send the body as it is: it is compressed, and no document says that it may be"
    advice = _advise_on_type(request, body) or _advise_on_letters(body)
    return advice or (_advise_on_json(body) if "json" in request.media_type else None)


def _advise_on_type(request: Request, body: bytes) -> str | None:
    """Return what is wrong with the Content-Type for what the body is, or None."""
    if request.media_type == "multipart/form-data" and "boundary=" not in request.content_type:
        return "set no Content-Type yourself: what builds the parts writes it, with their boundary"
    if "json" not in request.media_type:
        return None
    if body.startswith(b"--") and b"Content-Disposition" in body:
        return "set no Content-Type yourself: the body is multipart, and its boundary belongs there"
    if looks_like_a_form(body):
        return f"send JSON, as its Content-Type says: this is a form; {JSON_BY_A_LIBRARY}"
    return None


def looks_like_a_form(body: bytes) -> bool:
    """Tell whether a body is a form by its look: `name=value`, joined by `&`."""
    return all(_FORM.fullmatch(pair) for pair in body[:MOST_BYTES].split(b"&")[:20])


def _advise_on_letters(body: bytes) -> str | None:
    """Return what is wrong with how letters became bytes, or None."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body[:4]:
        return "encode it as UTF-8: this is UTF-16"
    if body.startswith(b"\xef\xbb\xbf"):
        return "leave the byte-order mark out: encode as utf-8, not as utf-8-sig"
    octets = _ESCAPED.sub(lambda match: bytes([int(match[0][1:], 16)]), body)
    try:
        octets.decode()
    except UnicodeDecodeError as error:
        if len(body) < MOST_BYTES or error.end < len(octets) - LONGEST_LETTER:  # where it is cut, it is none
            return "encode letters as UTF-8: these are of another charset, such as Windows-1252 or 1251"
    return None


def _advise_on_json(body: bytes) -> str | None:
    """Return what was written in the place of JSON, or None."""
    if body.startswith(b"[object "):
        return f"{JSON_BY_A_LIBRARY}: this is what JavaScript prints for an object"
    if _PYTHON.search(body) and not _is_json(body):
        return f"{JSON_BY_A_LIBRARY}: this is how Python prints it"
    if _NO_NUMBER.search(body):
        return "leave out what has no value, or send null: JSON has no NaN and no Infinity"
    return None


def _is_json(body: bytes) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(body)
        return True
    return False


def is_written_json(value: Any, *types: type) -> bool:
    """Tell whether a value is a text that holds JSON of one of the `types`: it was encoded twice."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return False
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(value[:MOST_BYTES]), types)
    return False
