"""Recorded exchanges of a contract, as exchanges that the judge takes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import yaml

from simulator.exchange import Answer, Exchange, Request
from tests.source_tree import CONTRACTS

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
BOUNDARY = "a-boundary"


@cache
def read_recordings(vendor: str) -> list[dict[str, Any]]:
    """Return every recording of a vendor, files in the order of their names."""
    files = sorted((CONTRACTS / vendor / "recordings").glob("*.yaml"))
    return [item for file in files for item in yaml.load(file.read_bytes(), yaml.CSafeLoader)["exchanges"]]


def recorded_exchange(vendor: str, recording: dict[str, Any]) -> Exchange:
    """Return a recording as the exchange that it must have been."""
    answer = recording["answer"]
    request = recorded_request(recording["request"])
    query = urlencode(recording["request"].get("query", ()), doseq=True)
    return Exchange(
        id=recording["title"],
        at=EPOCH,
        world="main",
        vendor=vendor,
        operation=recording["operation"],
        request=replace(request, query=query) if query else request,
        answer=Answer(answer["status"], recorded_body(answer), tuple(answer["headers"].items())),
    )


def recorded_body(answer: dict[str, Any]) -> bytes:
    """Return the body of an answer: text as it is, anything else as JSON; none where none is recorded."""
    body = answer.get("body", "")
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def recorded_request(written: dict[str, Any]) -> Request:
    """Return the request: its fields in the query of a GET, else in the body, multipart with files.

    Beside a JSON body they stand in the query.
    """
    method, path, fields = written["method"], written["path"], written.get("fields", {})
    if "json" in written:
        kind, body = "application/json", json.dumps(written["json"]).encode()
        return Request(method, path, urlencode(fields), (("Content-Type", kind),), body)
    if not fields and "files" not in written:
        return Request(method, path)
    if method == "GET":
        return Request(method, path, urlencode(fields))
    if "files" in written:
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return Request(method, path, "", (("Content-Type", kind),), multipart(fields, written["files"]))
    kind = "application/x-www-form-urlencoded"
    return Request(method, path, "", (("Content-Type", kind),), urlencode(fields).encode())


def multipart(fields: dict[str, str], files: dict[str, dict[str, str]]) -> bytes:
    """Return a multipart body."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    texts = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    for name, file in files.items():
        kind, content = file["content_type"], file["body"]
        texts.append(
            f'{head}"{name}"; filename="{file["filename"]}"\r\nContent-Type: {kind}\r\n\r\n{content}\r\n'
        )
    return ("".join(texts) + f"--{BOUNDARY}--\r\n").encode()
