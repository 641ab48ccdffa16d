"""What a name says of the value beside it: that it is a secret, or an id, a time or an amount."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from functools import lru_cache

from simulator.web.known_secrets import HIDDEN, LONGEST

_SECRET = re.compile(
    r"(?:api|public|private|access|secret)key|secret|token|passw(?:or)?d|signature|authorization|credential"
)
_SECRET_WORDS = frozenset({"key", "auth", "pass", "pwd", "sig", "cookie", "session"})
_SECRET_HEADER = re.compile(r"key|token|secret|auth|passw|cookie|signature|session|credential", re.IGNORECASE)
_PLAIN = frozenset(
    {"idempotencykey", "xidempotencykey", "idempotencekey", "wwwauthenticate", "secwebsocketkey"}
    | {"secretsinurl"}
)
_COUNTED = re.compile(
    r"(?:ids?|refs?|time|stamp|date|amount|balance|cost|price|size|length|bytes|count|total|etag|after)\Z"
)
_COUNTED_WORDS = frozenset({"at", "ts", "sum", "since", "until", "now", "due"})
_ABOUT_NUMBERS = re.compile(r"phone|caller|callee|number|mobile|msisdn|tel\Z")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NOT_LETTER = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=2_000)
def is_secret(name: str) -> bool:
    """Return whether a name is that of a key, a password or another secret."""
    plain = _NOT_LETTER.sub("", name.lower())
    if len(name) > LONGEST or plain in _PLAIN:
        return False
    words = _WORD.findall(name)
    return (
        _SECRET.search(plain) is not None
        or plain in _SECRET_WORDS
        or bool(words and words[-1].lower() in _SECRET_WORDS)
    )


@lru_cache(maxsize=2_000)
def is_counted(name: str) -> bool:
    """Return whether a name is that of an id, a time or an amount, and of no phone number."""
    plain, words = _NOT_LETTER.sub("", name.lower()), _WORD.findall(name)
    if len(name) > LONGEST or _ABOUT_NUMBERS.search(plain):
        return False
    return _COUNTED.search(plain) is not None or bool(words and words[-1].lower() in _COUNTED_WORDS)


def is_secret_header(name: str) -> bool:
    """Return whether a header of that name carries a credential."""
    return _SECRET_HEADER.search(name) is not None and _NOT_LETTER.sub("", name.lower()) not in _PLAIN


def hidden_header(value: str) -> str:
    """Hide a credential and leave its scheme, which is half of most mistakes."""
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.isalpha() and len(scheme) < 12 else HIDDEN


def parts_of_header(value: str) -> Iterator[str]:
    """Yield a credential header's secrets: whole, without its scheme, cookie by cookie, Basic decoded."""
    scheme, _, given = value.partition(" ")
    yield value
    if scheme.lower() == "basic":
        try:
            user, _, password = b64decode(given + "==").decode("utf-8", "replace").partition(":")
        except ValueError:  # not Base64, or not even ASCII
            return
        yield from (given, password, *([user] if len(user) >= 8 else ()))
        return
    for piece in re.split(r"[;,\s]+", value):
        if piece.lower() not in ("bearer", "token", "digest", "path", "httponly", "secure"):
            yield piece.partition("=")[2] or piece
