"""Where in a text the values stand that have a name beside them, and what that name says of them.

The text may be of any format, cut off or malformed; every pass is linear in it.
"""

from __future__ import annotations

import json
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


_KEY = re.compile(
    r"([A-Za-z_](?<![\w-].)[\w-]*+)(?:\]?(?:\[[\w-]{0,40}\]){0,4})"
    r"(?:\\*+[\"']?+\s*+(=>|[:=>])[ \t\r\n]*+"
    r"|\\*+[\"']\s*+,\s*+(?:\\*+[\"']value\\*+[\"']\s*+:\s*+)?+(?=\\*+[\"']))"
)
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\\+[\"'][^\"'\\]*+(?:\\+[\"'])?"
    r"|(?:(?:basic|bearer|token)[ \t]++)?[^\s&\"'<>,;}\]]++",
    re.DOTALL | re.IGNORECASE,
)
_AFTER_EQUALS = re.compile(r"\\*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s&\"'<>;]++)")
_ELEMENT = re.compile(r"<!\[CDATA\[[^\]]*+|[^<]*+")
_LINE = re.compile(r"[^\"'\s][^\r\n]*+")
_PART = re.compile(
    r";[ \t]?name=\"?([^\";\r\n]{1,100}+)[^\r\n]{0,300}+\r?\n(?:[^\r\n]{1,300}+\r?\n){0,8}+\r?\n"
)
_ESCAPED = re.compile(
    r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))|&#(?:x0{0,4}([0-9a-fA-F]{2,4})|0{0,4}(\d{2,4}));"
)
_SCALARS = re.compile(
    r"[\[\"'\\\s]*+\d[\d.]*+(?:T\d{6}(?:[+-]\d{4})?)?(?:[\"'\\\s]*+,[\"'\\\s]*+\d[\d.]*+)*+(?!\d*[ (+-]\d)"
)
_WORDS = frozenset({"checked", "nothing", "null", "None", "undefined", "unknown"})
_SENTENCE = re.compile(
    r"(?:[A-Za-z]{1,20}[ ])?"
    r"(?:an?|the|no|not|is|are|was|has|must|should|cannot|unknown|malformed|invalid|missing|wrong)"
    r"[ ][A-Za-z]{2}",
    re.IGNORECASE,
)
"""A word that stands in sentences comes first or second, bare, and another word follows."""


def readable_text(text: str) -> str:
    r"""Return a text without the escapes that could hide a letter or a digit: `\u0037`, `\x37`, `&#55;`."""
    if "\\" not in text and "&#" not in text:
        return text
    return _ESCAPED.sub(_unescaped, text).replace("\\/", "/")


def _unescaped(match: re.Match[str]) -> str:
    sign = chr(int(match[4]) if match[4] else int(match[1] or match[2] or match[3], 16))
    is_plain = sign.isdecimal() or (sign.isascii() and (sign.isalpha() or sign in "_-+.:/=& ()"))
    return sign if is_plain else match[0]


def secret_values(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where the values of secret names begin and end, none within another, and what hides them."""
    done = 0
    matches = sorted([*_PART.finditer(text), *_KEY.finditer(text)], key=lambda match: match.start())
    for key in matches:
        if key.start() < done or not is_secret(key[1]) or _closes(text, key):
            continue
        start = key.end()
        if key.re is _PART:
            end = text.find("\n--", start)
            end = len(text) if end < 0 else end - (text[end - 1] == "\r")
            instead = HIDDEN
        else:
            end = _end_of_value(text, key)
            instead = _instead_of(text, key, end)
        colon = key.re is _KEY and key[2] == ":"
        if end > start and not _is_prose(text, start, end, colon):
            done = end
            yield start, end, instead


def counted_values(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the values of ids, times and amounts begin and end, none within another."""
    done = 0
    for key in _KEY.finditer(text):
        if key.start() >= done and is_counted(key[1]) and (value := _SCALARS.match(text, key.end())):
            done = value.end()
            yield key.end(), done


def _closes(text: str, key: re.Match[str]) -> bool:
    """Return whether a name is that of a closing tag, after which no value of it stands."""
    return text[key.end() - 1 : key.end()] == ">" and text[max(0, key.start() - 1) : key.start()] == "/"


def _end_of_value(text: str, key: re.Match[str]) -> int:
    """Return where the value after `key` ends, an object or a list with all that is in it."""
    start, mark = key.end(), key[2]
    if text[start : start + 1] in ("[", "{") and mark != ">":
        try:
            return json.JSONDecoder().raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            return len(text)
    shape = {">": _ELEMENT, "=>": _LINE, "=": _AFTER_EQUALS}.get(mark or ":", _VALUE)
    value = shape.match(text, start) or _VALUE.match(text, start)
    return value.end() if value else start


def _instead_of(text: str, key: re.Match[str], end: int) -> str:
    """Return what hides a value, in the quotes that it had; a bare value in JSON becomes a text."""
    value = text[key.end() : end]
    quotes = re.match(r"\\*[\"']", value)
    if quotes is None:
        before = text[max(0, key.end() - 20) : key.end()].rstrip(" \t\r\n:")
        is_json = key[2] == ":" and before.endswith('"')
        return f'"{HIDDEN}"' if is_json else HIDDEN
    closed = value.endswith(quotes[0]) and len(value) > len(quotes[0])
    return quotes[0] + HIDDEN + (quotes[0] if closed else "")


def _is_prose(text: str, start: int, end: int, after_colon: bool) -> bool:
    """Return whether `text` tells of a secret from `start` on, where its value up to `end` would be."""
    if text[start:end].strip("\"'") in _WORDS:
        return True
    return after_colon and _SENTENCE.match(text, start) is not None
