"""Short texts that, repeated, have cost some reader somewhere too much time, and where to put them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from simulator import Simulator
from simulator.conformance.contract import Contract
from simulator.conformance.document import lookup
from simulator.conformance.operations import Variant
from simulator.exchange import Headers

UNITS: tuple[str, ...] = (
    *('\\"', "\\", '"', '"a",', '"a":', '{"a":', '{"a":[', "[", "]", "[],", "{}", "\\u0031", "\\ud800"),
    *("key:", "token:", "api_key=", '"api_key":', '"token": "', "token: {", "public_key=b&", "token=b c="),
    *("a=b&", "&", "=", "a;", "%41", "%", "%252B", "%00", "%ff", "%3A%2F%2F", "://", "http://a:b@", "@"),
    *("+", "0", "1.", "1e", "-", "..", "/", "//", "+79161234567,", "79161234567 ", "(1)", "1-", "\\u002B"),
    *(" ", "\t", "\r", "\n", "\r\n", "\0", "\u2028", "\ufeff", "\u00e9", "\U0001f600", "\u0301", "\u0660"),
    *("--b\r\n", "--b", "--b--", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n', 'name="'),
    *("<", "<a>", "</a>", "<!--", "<![CDATA[", "&amp;", "<audio id=", "<audio id='1'/>", "=>", "[a] => b\n"),
    *("a,", '"a"\n', "a;b\n", "a\tb\n", "''", "- a\n", "- ", "a: b\n", "? ", "| \n", "&a ", "# a\n", "---\n"),
    *("((", "()", "${{", "${{ a }}", "$a=1;", "a?b:", "!", "a.b", "a[", "/a/", "{ct_a}", "{", "*", "(a+)+"),
    *("ivr_lvl_1_btn_1_", "QUJD", "Bearer ", "00:00-", "1|", "f(", "{{", "A", "aA ", "2026-01-01 "),
)
"""Brackets, quotes, escapes and keys of every format; separators; what patterns could start at again."""

FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"
LONGEST_QUERY = 7_000
SCRIPT = 'branches: {main: {actions: [{if: "%s", action: "log@v1", params: {message: "%s"}}]}}'

Body = Callable[[bytes], bytes]


def repeated(unit: str, length: int) -> bytes:
    """Return `unit` again and again, `length` bytes of it."""
    one = unit.encode()
    return (one * (length // len(one) + 1))[:length]


@dataclass(frozen=True)
class Door:
    """One place where a client can put a text: `write` makes a body of it, or a query when there is none."""

    vendor: str
    place: str
    method: str
    url: str
    headers: Headers
    write: Body
    in_query: bool = False

    def request(self, unit: str, length: int) -> tuple[str, str, Headers, bytes]:
        """Return what brings `unit` repeated to about `length` bytes through this door."""
        content = self.write(repeated(unit, length))
        if not self.in_query:
            return self.method, self.url, self.headers, content
        return self.method, f"{self.url}&{content.decode()}", self.headers, b""


def doors(simulator: Simulator) -> Iterator[Door]:
    """Yield every place where an operation of a vendor reads text, out of the contracts."""
    for vendor in simulator.vendors:
        contract, known = simulator.worlds.setup.contract(vendor), simulator.worlds.credentials(vendor)
        seen: set[str] = set()
        for operation in contract.operations:
            for variant in operation.variants:
                url, headers = _address(vendor, variant, known)
                for name, kind, write in _writers(contract, variant):
                    if name in seen:  # what reads a raw body does not know the operation yet
                        continue
                    seen |= {name} if name.startswith("raw") else set()
                    sent_headers = (*headers, ("Content-Type", kind)) if kind else headers
                    place = f"{operation.id}: {name}"
                    yield Door(vendor, place, variant.method, url, sent_headers, write, in_query=not kind)


def _address(vendor: str, variant: Variant, known: Mapping[str, Any]) -> tuple[str, Headers]:
    """Return where a form of an operation lives, with what lets its client in."""
    path = variant.path.partition("#")[0]
    for name in variant.variables:
        credential = "token" if "oken" in name else "campaign_id" if "campaign" in name else ""
        path = path.replace(f"{{{name}}}", str(known.get(credential, "x1")))
    key = next((name for name in ("public_key", "api_key") if name in known), "")
    parameters = {name: value or "1" for name, value in variant.selectors.items()}
    headers: Headers = (("X-Api-Key", known[key]),) if vendor == "callr" else ()
    parameters |= {key: known[key]} if key and not headers else {}
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"http://localhost/{vendor}{path}?{query or 'a=1'}", headers


def _writers(contract: Contract, variant: Variant) -> Iterator[tuple[str, str, Body]]:
    """Yield the ways to put a text into a request, each with its name and its content type."""
    names = tuple(name for name in variant.query.properties if name not in variant.selectors) or ("a",)
    yield "query", "", partial(_as_query, names)
    for kind, group in variant.bodies.items():
        fields = tuple(name for name in group.properties if name not in variant.selectors) or ("a",)
        if kind == FORM:
            yield "fields", FORM, partial(_as_form, fields)
            yield "raw form", FORM, bytes
            continue
        boundary = f"{kind}; boundary=b"
        yield "parts", boundary, partial(_as_parts, fields)
        yield "raw parts", boundary, bytes
        for file in group.files:
            yield f"file {file}", boundary, partial(_as_parts, (f'{file}"; filename="a.csv',))
    for kind, pointer in variant.json_bodies.items():
        members = tuple(_schema(contract, pointer).get("properties", ())) or ("a",)
        yield "members", kind, partial(_as_members, members)
        yield "raw JSON", kind, bytes
        yield "raw, cut JSON", kind, b'{"a":"'.__add__
        if "script" in members:
            yield "raw script", kind, _as_script


def _schema(contract: Contract, pointer: str) -> dict[str, Any]:
    schema: dict[str, Any] = lookup(contract.document, pointer)
    while "$ref" in schema:
        schema = lookup(contract.document, schema["$ref"])
    return schema


def _as_query(names: tuple[str, ...], text: bytes) -> bytes:
    return _as_form(names, text[: LONGEST_QUERY // 3])


def _as_form(names: tuple[str, ...], text: bytes) -> bytes:
    value = quote(text[: len(text) // len(names)], safe="").encode()
    return b"&".join(name.encode() + b"=" + value for name in names)


def _as_parts(names: tuple[str, ...], text: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    value = text[: len(text) // len(names)]
    return b"".join(head % (name.encode(), value) for name in names) + b"--b--\r\n"


def _as_members(names: tuple[str, ...], text: bytes) -> bytes:
    value = text[: len(text) // len(names)].decode("utf-8", "ignore")
    return json.dumps(dict.fromkeys(names, value)).encode()


def _as_script(text: bytes) -> bytes:
    inside = json.dumps(text.decode("utf-8", "ignore"))[1:-1]
    return json.dumps({"name": "a", "script": SCRIPT % (inside, inside)}).encode()
