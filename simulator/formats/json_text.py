"""JSON in and out: strict on the way in, two spellings on the way out.

A text in which something may be wrong is scanned piece by piece before it is parsed, so the limits, the
reasons and the positions are the same on every Python: the recursion limit of the standard parser moves
between versions, and so do its error messages. Most texts are seen at a glance to be harmless.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_DIGITS = 64
MAX_STRING = 256 * 1024

# A string runs to the end of the text if its quote never closes: one pass, however broken the text. Each
# expression must take an unclosed string as well, or it would be tried again at every quote inside of it.
_PIECE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)
_STRING = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ODD_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""Perhaps half of a surrogate pair, or NUL."""
_DIGIT = re.compile("[0-9]")
_DOUBTFUL = re.compile(rf"[NI]|[0-9.][eE]|[-+.0-9]{{{MAX_DIGITS + 1}}}")
"""Outside strings: perhaps NaN or Infinity, an exponent, or a number that is too long."""

_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(sorted({*range(256)} - {*b"[]{}"}))
_DJANGO = json.JSONEncoder(allow_nan=False)
_COMPACT = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"))


class MalformedJson(ValueError):
    """A text that is not the JSON we accept.

    `reason` is a sentence; `position` counts characters from 0 (bytes, where the body is not UTF-8).
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (at character {position})")
        self.reason = reason


class OversizedJson(MalformedJson):
    """A text that is JSON, and more than we take."""


def read_json(body: bytes, most_values: int = MAX_NODES) -> Any:
    """Return the value of a UTF-8 JSON text.

    Raises MalformedJson for bad UTF-8, a byte-order mark, more than 64 levels, `most_values` values, 64
    digits in a number or 256 KB in a string, NaN, Infinity, numbers that overflow, doubled keys, lone
    surrogates, NUL, trailing text and an empty body.
    """
    text = _decode(body)
    if _is_harmless(text, most_values):
        with suppress(ValueError):  # said below, in words and with its place
            return _QUICK.decode(text)
    _scan(text, most_values)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip())
        reason = "The JSON text ends too early." if ended else _misplaced(text, error)
        raise MalformedJson(reason, error.pos) from error


def find_json(body: bytes) -> bytes | None:
    """Return the JSON text that a body holds by its look, plain or percent-encoded, else None.

    Some clients send JSON under the content type of a form; only an object or a list counts.
    """
    start = body.lstrip()[:3]
    if start[:1] in (b"{", b"["):
        return body
    return unquote_to_bytes(body.replace(b"+", b" ")) if start.upper() in (b"%7B", b"%5B") else None


def write_json(value: object) -> bytes:
    """Return `value` as Django writes it: `", "` and `": "` between, everything but ASCII escaped.

    Raises TypeError for a type that JSON does not have (Decimal and datetime among them).
    """
    return _DJANGO.encode(value).encode("ascii")


def write_compact_json(value: object) -> bytes:
    """Return `value` without spaces, as unescaped UTF-8; raises TypeError like `write_json`."""
    return _COMPACT.encode(value).encode("utf-8")


def _decode(body: bytes) -> str:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise MalformedJson("JSON starts without a byte-order mark and is UTF-8.", 0)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson("The JSON text is not UTF-8.", error.start) from error
    if not text.strip():
        raise MalformedJson("The body is empty where JSON is expected.", 0)
    return text


def _misplaced(text: str, error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Extra data"):
        return "More text follows after the JSON value."
    return f"Not JSON: {text[error.pos : error.pos + 20]!r} in line {error.lineno}, column {error.colno}."


def _is_harmless(text: str, most_values: int) -> bool:
    """Return whether every limit is kept for sure; what is left to find is wrong grammar and doubled keys."""
    escaped = "\\" in text
    pieces = _STRING.split(text) if escaped else text.split('"')
    if max(map(len, pieces[1::2]), default=0) * 4 > MAX_STRING or (escaped and _ODD_ESCAPE.search(text)):
        return False
    outside = "".join(pieces[::2])
    if _DOUBTFUL.search(outside) or sum(map(outside.count, ",[{")) >= most_values:
        return False
    brackets = outside.encode().translate(_BRACKETS, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")  # the innermost level
    return not brackets


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError
    return fields


_QUICK = json.JSONDecoder(object_pairs_hook=_once_each)


def _scan(text: str, most_values: int) -> None:
    """Refuse what the parser would let through, or die of, before it sees the text."""
    open_keys: list[set[str]] = []
    nodes = 0
    previous = string = ""
    for match in _PIECE.finditer(text):
        piece, at = match[0], match.start()
        if piece == ":":
            _add_key(open_keys, string, at)
            nodes -= 1
        elif piece in "]}":
            _close(open_keys, previous, at)
        elif piece != ",":
            nodes += 1
            string = _check_value(piece, at, open_keys)
        if nodes > most_values:
            raise OversizedJson(f"The JSON text holds more than {most_values:,} values.", at)
        previous = piece


def _check_value(piece: str, at: int, open_keys: list[set[str]]) -> str:
    """Return the text of a string piece, and an empty string for anything else."""
    if piece[0] == '"':
        return _check_string(piece, at)
    if piece in "[{":
        open_keys.append(set())
        if len(open_keys) > MAX_DEPTH:
            raise OversizedJson(f"The JSON text is nested deeper than {MAX_DEPTH} levels.", at)
    else:
        _check_number(piece, at)
    return ""


def _add_key(open_keys: list[set[str]], key: str, at: int) -> None:
    if not open_keys:
        return
    if key in open_keys[-1]:
        raise MalformedJson(f"The key {key[:80]!r} stands twice in one object.", at)
    open_keys[-1].add(key)


def _close(open_keys: list[set[str]], previous: str, at: int) -> None:
    if previous == ",":
        raise MalformedJson("A comma stands before a closing bracket.", at)
    if open_keys:
        open_keys.pop()


def _check_string(piece: str, at: int) -> str:
    if len(piece) * 4 > MAX_STRING and len(piece.encode()) - 2 > MAX_STRING:
        raise OversizedJson(f"A string is longer than {MAX_STRING // 1024} KB.", at)
    if "\\" not in piece:
        return piece[1:-1]
    try:
        value = str(json.loads(piece))
    except ValueError:
        return piece  # read_json refuses it with its place
    if "\0" in value:
        raise MalformedJson("A string holds a NUL character.", at)
    if _SURROGATE.search(piece) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise MalformedJson("A string holds half of a surrogate pair.", at)
    return value


def _check_number(piece: str, at: int) -> None:
    if piece in {"NaN", "Infinity", "-Infinity"}:
        _refuse_number(piece, at)
    if not (piece[0] == "-" or piece[0].isdecimal()):
        return
    if len(piece) > MAX_DIGITS and len(_DIGIT.findall(piece)) > MAX_DIGITS:
        raise OversizedJson(f"A number is longer than {MAX_DIGITS} digits.", at)
    if "e" in piece or "E" in piece:
        try:
            number = float(piece)
        except ValueError:
            return  # read_json refuses it with its place
        if math.isinf(number):
            _refuse_number(piece, at)


def _refuse_number(piece: str, at: int) -> NoReturn:
    raise MalformedJson(f"{piece[:80]} is not a number that JSON can carry.", at)


MAX_NAME = 128

_FUNCTION = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", re.ASCII)
_CALL = re.compile(rf"(?P<function>{_FUNCTION.pattern})\((?P<value>.*)\);?\s*", re.ASCII | re.DOTALL)
_LINE_ENDS = {"\u2028": r"\u2028", "\u2029": r"\u2029", "<": r"\u003c"}


class MalformedJsonp(ValueError):
    """A text that is no call of one function with one JSON value."""


def is_function(name: str) -> bool:
    """Return whether `name` is a dotted JavaScript name and nothing more, so that it is safe to call."""
    return len(name) <= MAX_NAME and _FUNCTION.fullmatch(name) is not None


def write_jsonp(function: str, value: Any) -> str:
    """Return `function(value);`; raises ValueError for a name that is not one."""
    if not is_function(function):
        raise ValueError(f"{function[:80]!r} cannot name a function")
    text = write_compact_json(value).decode()
    for sign, escaped in _LINE_ENDS.items():  # script readers take these for something else
        text = text.replace(sign, escaped)
    return f"{function}({text});"


def read_jsonp(text: str) -> tuple[str, Any]:
    """Return the function's name and the value; raises MalformedJsonp or MalformedJson."""
    if not (call := _CALL.fullmatch(text)):
        raise MalformedJsonp("The text is not a call of one function.")
    return call["function"], read_json(call["value"].encode())
