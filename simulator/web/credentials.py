"""The literal secrets of one exchange, and every form in which an answer may echo them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_SCHEMES = frozenset({"basic", "bearer", "token", "digest", "path", "httponly", "secure"})


def hidden_header(value: str) -> str:
    """Hide a credential and leave its scheme, which is half of most mistakes."""
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.isalpha() and len(scheme) < 12 else HIDDEN


def parts_of_header(value: str) -> Iterable[str]:
    """Yield a credential header's secrets: whole, without its scheme, cookie by cookie, Basic decoded."""
    _, _, given = value.partition(" ")
    yield value
    if value.lower().startswith("basic "):
        yield from _basic(given)
    for piece in re.split(r"[;,\s]+", value):
        yield piece.partition("=")[2] or piece


def _basic(given: str) -> Iterable[str]:
    try:
        user, _, password = base64.b64decode(given + "==").decode("utf-8", "replace").partition(":")
    except ValueError:  # not Base64, or not even ASCII
        return
    yield password
    if len(user) >= 8:
        yield user


def spellings(credentials: tuple[str, ...]) -> tuple[str, ...]:
    """Return every literal form in which a credential may echo, longest first."""
    found: dict[str, None] = {}
    for secret in credentials:
        if len(secret) < 4 or secret.lower() in _SCHEMES or HIDDEN in secret:
            continue
        found[secret] = None
        if not secret.isalnum():
            quoted = (spell(secret, safe="", errors="surrogateescape") for spell in (quote, quote_plus))
            forms = (*quoted, json.dumps(secret)[1:-1])
            found.update(dict.fromkeys((*forms, forms[-1].replace("/", "\\/"))))
        if len(secret) >= 8:
            found[base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode()] = None
    return tuple(sorted(found, key=len, reverse=True))
