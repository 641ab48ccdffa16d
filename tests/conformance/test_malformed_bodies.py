"""What a client is told of a body that cannot be read: what made it so, and what to do instead."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from simulator.exchange import Request
from tests.conformance.exchanges import CALL, FORM, JSON, ROOT
from tests.conformance.test_what_findings_say import JOBS, body, judge

UNREADABLE = [
    (FORM, b"text=%C4%E0", "encode letters as UTF-8: these are of another charset"),
    ("multipart/form-data", b"--x\r\n", "set no Content-Type yourself: what builds the parts writes it"),
    (JSON, b"--x\r\nContent-Disposition: form-data", "set no Content-Type yourself: the body is multipart"),
    (JSON, b"phone=79161234567&a=1", "send JSON, as its Content-Type says: this is a form"),
    (JSON, '[{"phone": "Ж"}]'.encode("cp1251"), "encode letters as UTF-8: these are of another charset"),
    (JSON, "[]".encode("utf-16"), "encode it as UTF-8: this is UTF-16"),
    (JSON, "[]".encode("utf-16-be"), "encode it as UTF-8: this is UTF-16"),
    (JSON, "[]".encode("utf-8-sig"), "leave the byte-order mark out"),
    (JSON, b"\x1f\x8b\x08\x00", "send the body as it is: it is compressed"),
    (
        JSON,
        b"[{'phone': '79161234567'}]",
        "write it by json.dumps, JSON.stringify or their like: this is how Python",
    ),
    (JSON, b'[{"phone": "79161234567", "payload": {"a": True}}]', "write it by json.dumps"),
    (
        JSON,
        b"[object Object]",
        "write it by json.dumps, JSON.stringify or their like: this is what JavaScript",
    ),
    (JSON, b'[{"phone": "79161234567", "payload": {"a": NaN}}]', "leave out what has no value, or send null"),
    (JSON, b'[{"phone": "79161234567",}]', "let a library build the body"),
]


@pytest.mark.parametrize(("kind", "content", "fix"), UNREADABLE)
def test_a_body_that_cannot_be_read_is_told_by_what_made_it_so(kind: str, content: bytes, fix: str) -> None:
    way = f"{JOBS}/addPhones" if kind == JSON else f"{ROOT}/phones/call/"
    vendor = "jaicp" if kind == JSON else "callo"
    (violation,) = judge(vendor, Request("POST", way, "", (("Content-Type", kind),), content))

    assert violation.code == "malformed-body"
    assert violation.fix.startswith(fix)


def test_json_within_json_is_told_as_that() -> None:
    (body_of_text,) = body("jaicp", f"{JOBS}/addPhones", '[{"phone": "79161234567"}]')
    (inner,) = body("jaicp", f"{JOBS}/addPhones", [{"phone": "79161234567", "payload": '{"a": 1}'}])

    assert body_of_text.fix == "encode it once: this is text that holds a list, as JSON within JSON"
    assert inner.fix == "encode it once: this is text that holds an object, as JSON within JSON"


def test_a_form_under_another_type_is_told_as_the_form_that_it_is() -> None:
    (violation,) = judge(
        "callo",
        Request("POST", f"{ROOT}/phones/call/", "", (("Content-Type", JSON),), urlencode(CALL).encode()),
    )

    assert violation.code == "wrong-body-type"
    assert violation.fix == f"send it as {FORM}, which it is: as {JSON} a form is not read"
