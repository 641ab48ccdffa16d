"""Odd bodies of every kind: a clear refusal in the vendor's words, and the server lives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vendors.jaicp.test_simulator import Customer

PHONE = b'{"phone": "79161234567"'
ODD = {
    "65 levels deep": b"[" * 65 + b"]" * 65,
    "a million levels deep": b"[" * 400_000,
    "deep payload": b"[" + PHONE + b', "payload": ' + b'{"a":' * 70 + b"1" + b"}" * 70 + b"}]",
    "400 digits": b'[{"phone": ' + b"7" * 400 + b"}]",
    "5,000 digits": b'[{"phone": ' + b"7" * 5_000 + b"}]",
    "NaN": b"[" + PHONE + b', "maxAttempts": NaN}]',
    "Infinity": b"[" + PHONE + b', "maxAttempts": -Infinity}]',
    "1e999": b"[" + PHONE + b', "maxAttempts": 1e999}]',
    "1e30": b"[" + PHONE + b', "maxAttempts": 1e30}]',
    "doubled keys": b"[" + PHONE + b', "phone": "79161234568"}]',
    "lone surrogate": b"[" + PHONE + b', "payload": {"a": "\\ud800"}}]',
    "UTF-16": '[{"phone": "79161234567"}]'.encode("utf-16"),
    "byte-order mark": b"\xef\xbb\xbf[]",
    "bad UTF-8": b'[{"phone": "\xff"}]',
    "trailing comma": b"[" + PHONE + b"},]",
    "single quotes": b"[{'phone': '79161234567'}]",
    "a million values that are no jobs": b"[" + b"1," * 1_000_000 + b"1]",
    "a string of 300 KB": b"[" + PHONE + b', "payload": {"a": "' + b"x" * 300_000 + b'"}}]',
    "a zone that is a folder": b"[" + PHONE + b', "gmtZone": "America"}]',
    "a zone of 10 KB": b"[" + PHONE + b', "gmtZone": "' + b"A" * 10_000 + b'"}]',
    "a NUL in a number": b'[{"phone": "7916\\u00001234567"}]',
    "a form": b"phone=79161234567",
    "Arabic digits": '[{"phone": "٧٩١٦١٢٣٤٥٦٧"}]'.encode(),
    "newline after a number": b'[{"phone": "79161234567", "gmtZone": "+3\\n"}]',
    "zone out of its folder": b'[{"phone": "79161234567", "gmtZone": "../../etc/passwd"}]',
    "zone with NUL": b'[{"phone": "79161234567", "gmtZone": "UTC\\u0000"}]',
    "time with Arabic digits": '[{"phone": "79161234567", "localTimeFrom": "٠٩:٠٠"}]'.encode(),
    "year 10000": b'[{"phone": "79161234567", "startDateTime": "9999-12-31T23:59:59-18:00"}]',
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["addPhones", "callJob/getReport", "callJob/getReportByDate"])
def test_an_odd_body_is_refused_and_changes_nothing(name: str, body: bytes) -> None:
    customer = Customer()

    answer = customer.post(name, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert set(json.loads(answer.data)) & {"type", "error"}
    assert customer.sandbox.world.calls == []
    assert len(customer.add(1)) == 1


@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
@pytest.mark.parametrize("name", ["addPhones", "callJob/cancel", "callJob/getReportByDate"])
def test_a_body_that_is_not_there_is_what_is_missed_whatever_its_type(name: str, kind: str | None) -> None:
    answer = Customer().post(name, data=b"", content_type=kind)

    assert answer.status_code == 400
    assert json.loads(answer.data) == {
        "error": "request.malformed", "message": "Required request body is missing", "args": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"x=1&" * 2_000, "content_type": "application/x-www-form-urlencoded"}, 413),
        ({"data": b"x=%FF", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"--x", "content_type": "multipart/form-data; boundary=x"}, 400),
        ({"data": b"phone=1" * 1_200_000, "content_type": "application/x-www-form-urlencoded"}, 413),
    ],
)
def test_an_odd_form_is_refused_in_the_same_envelope(options: dict[str, Any], status: int) -> None:
    customer = Customer()

    answer = customer.client.post(f"/jaicp/api/crmCalls/campaign/{customer.token}/addPhone", **options)

    assert answer.status_code == status
    assert set(json.loads(answer.data)) == {"error", "message", "args"}


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/api/calls/campaign/%2e%2e/status",
        "/api/calls/campaign//status",
        "/api/calls/campaign/%F0%9F%98%80",
    ],
)
def test_an_odd_path_is_not_found(path: str) -> None:
    customer = Customer()

    answer = customer.client.get("/jaicp" + path)

    assert answer.status_code in (400, 404)
    assert set(json.loads(answer.data)) & {"type", "error"}


def test_secrets_and_numbers_are_shown_nowhere() -> None:
    customer = Customer()
    check = {"externalCheckUrl": "https://me:canary-7-secret@client.example/ask"}
    customer.add(3, externalCheck=check)
    customer.post("addPhones", [{"phone": "79161234567", "gmtZone": "Mars"}])
    customer.post("callJob/getReport", {"phones": [79160000001], "ids": [1]})

    mask = customer.sandbox.recorder.masker.exchange
    kept = "".join(str(mask(exchange)) for exchange in customer.sandbox.recorder.journal)

    assert "canary-7-secret" not in kept
    assert customer.token not in kept
    assert "79160000001" not in kept
    assert "79161234567" not in kept
