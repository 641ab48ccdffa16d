"""Where in a text the values stand that have a name beside them, whatever format the text is of.

The text may be cut off or malformed; every pass is linear in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from simulator.web.known_secrets import HIDDEN
from simulator.web.secret_names import is_counted, is_secret

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
