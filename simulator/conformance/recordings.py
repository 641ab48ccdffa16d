"""Recorded requests that a vendor took: the nearest one to a wrong request shows how it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import yaml

from simulator.conformance.violations import cut
from simulator.exchange import Answer, Exchange, Request
from simulator.formats.yaml_text import find_too_deep
from simulator.resources import contract_folder

Json = Any
DEEPEST_BODY = 64
"""Levels of a body that is kept as a value."""
MAX_DEPTH = DEEPEST_BODY + 8
"""Levels of a file: those of a body, below the keys that lead to it."""

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
BOUNDARY = "a-boundary"
NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)
UNKEPT = frozenset({"date", "set-cookie", "content-length", "connection", "transfer-encoding"})
"""Headers that say nothing of a contract, or too much of a client."""

Recorded = tuple[frozenset[str], str]
"""The names that a request brings, and the request in one line."""


def nearest(exchange: Exchange) -> str:
    """Return the recorded request of the same operation that shares most names; empty where none is."""
    known = _recorded(exchange.vendor).get(exchange.operation or "", ())
    sent = _names(exchange.request)
    return max(known, key=lambda row: len(row[0] & sent) - len(row[0] ^ sent) / 100, default=("", ""))[1]


def read_recordings(content: bytes) -> Json:
    """Return a file of recordings: a map with `exchanges`, and the `vendor` where it says so.

    Raises ValueError for what is none.
    """
    try:
        if (mark := find_too_deep(content, MAX_DEPTH)) is not None:
            place = f"line {mark.line + 1}, column {mark.column + 1}"
            raise ValueError(f"it is no YAML at {place}: {_TOO_DEEP}")
        written = yaml.load(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no YAML{_fault_of(error)}") from None
    if not isinstance(written, dict) or not isinstance(written.get("exchanges"), list):
        raise ValueError("it has no list of `exchanges`")
    if not isinstance(written.get("vendor", ""), str):
        raise ValueError(f"its `vendor` is no name: {cut(str(written['vendor']))}")
    return written


def _fault_of(error: Exception) -> str:
    """Return where a text is no YAML, and why."""
    if "nesting depth" in str(error):  # newer libraries refuse it before they tell of the first level
        return f": {_TOO_DEEP}"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f" at line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return f": {str(error).splitlines()[0]}"


def recorded_exchange(vendor: str, item: Json, number: int = 1) -> Exchange:
    """Return a recording as the exchange that it must have been; raises ValueError for what is none."""
    try:
        answer, on = item["answer"], item.get("recorded")
        headers = tuple((_text(name), _text(value)) for name, value in answer.get("headers", {}).items())
        return Exchange(
            id=item.get("title") or f"{vendor}-{number}",
            at=datetime(on.year, on.month, on.day, tzinfo=UTC) if isinstance(on, date) else NO_DAY,
            world="recorded",
            vendor=vendor,
            operation=item.get("operation"),
            request=recorded_request(item["request"]),
            answer=Answer(int(answer["status"]), recorded_body(answer), headers),
        )
    except KeyError as error:
        raise ValueError(f"entry {number} is no recording: it lacks {error}") from None
    except (TypeError, AttributeError, ValueError):
        why = "`request` and `answer` are not written as `simulator record` does"
        raise ValueError(f"entry {number} is no recording: {why}") from None


def _text(written: Json) -> str:
    """Return a text, or a number as text; raises TypeError for anything else."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise TypeError(f"{written!r} is no text")
    return str(written)


def recorded_body(answer: Json) -> bytes:
    """Return the body of a recorded answer: text as it is, anything else as JSON; none where none is."""
    body = answer.get("body", "")
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def recorded_request(written: Json) -> Request:
    """Return the request: its fields in the query of a GET, else in the body; multipart with files."""
    method, path, fields = _text(written["method"]), _text(written["path"]), written.get("fields", {})
    query, form = (urlencode(values, doseq=True) for values in (written.get("query", {}), fields))
    if "json" in written:
        query, kind = query or form, "application/json"
        content = json.dumps(written["json"], ensure_ascii=False).encode()
    elif "files" in written:
        kind, content = f"multipart/form-data; boundary={BOUNDARY}", multipart(fields, written["files"])
    elif "body" in written:
        kind, content = _text(written.get("content_type", "text/plain")), written["body"].encode()
    elif not fields or method == "GET":
        return Request(method, path, query or form)
    else:
        kind, content = "application/x-www-form-urlencoded", form.encode()
    return Request(method, path, query, (("Content-Type", kind),), content)


def multipart(fields: Json, files: Json) -> bytes:
    """Return a multipart body."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    texts = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    for name, file in files.items():
        kind, content = file["content_type"], file["body"]
        shown = f'"{name}"; filename="{file["filename"]}"'
        texts.append(f"{head}{shown}\r\nContent-Type: {kind}\r\n\r\n{content}\r\n")
    return ("".join(texts) + f"--{BOUNDARY}--\r\n").encode()


def recording_of(exchange: Exchange, on: date) -> Json:
    """Return an exchange, redacted already, as a recording that was made `on` a day."""
    request, answer = exchange.request, exchange.answer
    headers = {name: value for name, value in answer.headers if name.lower() not in UNKEPT}
    return {
        "title": f"{exchange.operation or request.path}, {answer.status}",
        "source": "observed",
        "recorded": on,
        "operation": exchange.operation,
        "request": _written_request(request),
        "answer": {"status": answer.status, "headers": headers, "body": _value_of(answer.body)},
    }


def _written_request(request: Request) -> Json:
    written: dict[str, Json] = {"method": request.method, "path": request.path}
    if request.query:
        written["query"] = _pairs(request.query)
    if not request.body:
        return written
    if request.media_type == "application/x-www-form-urlencoded":
        return {**written, "fields": _pairs(request.body.decode("utf-8", "replace"))}
    value = _value_of(request.body)
    if request.media_type == "application/json" and not isinstance(value, str):
        return {**written, "json": value}
    text = request.body.decode("utf-8", "replace")
    return {**written, "content_type": request.content_type, "body": text}


def _pairs(text: str) -> dict[str, Json]:
    """Return pairs by name, several values of one name as a list."""
    values = parse_qs(text, keep_blank_values=True)
    return {name: many[0] if len(many) == 1 else many for name, many in values.items()}


def _value_of(body: bytes) -> Json:
    """Return a body as a value where it is JSON that can be written and read again, else as text."""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) and not _is_deep(value, DEEPEST_BODY) else text


def _is_deep(value: Json, most: int) -> bool:
    """Tell whether a value has more levels than `most`."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most < 0 or any(_is_deep(entry, most - 1) for entry in below)


def _names(request: Request) -> frozenset[str]:
    """Return the names in a query, in a form or at the top of a JSON body, or of the first item of a list."""
    body = request.body.decode("utf-8", "replace")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = dict(parse_qsl(body))
    first = value[0] if isinstance(value, list) and value else value
    return frozenset(dict(parse_qsl(request.query))) | frozenset(first if isinstance(first, dict) else ())


@cache
def _recorded(vendor: str) -> Mapping[str, tuple[Recorded, ...]]:
    by_operation: dict[str, tuple[Recorded, ...]] = {}
    for item in _read(vendor):
        if item["answer"]["status"] < 300:
            operation = item["operation"]
            by_operation[operation] = (*by_operation.get(operation, ()), _written(item["request"]))
    return by_operation


def _read(vendor: str) -> Iterator[Json]:
    beside = contract_folder(vendor)
    folder = beside / "recordings" if beside is not None else None
    for file in sorted(folder.iterdir(), key=lambda file: file.name) if folder and folder.is_dir() else ():
        if file.name.endswith(".yaml"):
            yield from yaml.safe_load(file.read_bytes())["exchanges"]


def _written(written: Json) -> Recorded:
    """Return the names that a recording brings, and the request in one line, in which files are left out."""
    request = recorded_request({key: value for key, value in written.items() if key != "files"})
    target = f"{request.path}?{request.query}" if request.query else request.path
    line = f"{request.method} {target} {request.body.decode()}".rstrip()
    return _names(request) | frozenset(written.get("files", ())), cut(line)
