"""A key brings the first answer again on every operation that takes one, and each replay is told as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.vendors.jaicp.test_simulator import Customer

Send = Callable[[Customer, str, str], Any]
"""Sends a request under a key, about a number."""


def add(customer: Customer, key: str, phone: str) -> Any:
    return customer.post("addPhones", [{"phone": phone}], headers={"Idempotence-Key": key})


def cancel(customer: Customer, key: str, phone: str) -> Any:
    return customer.post("callJob/cancel", {"phones": [phone]}, headers={"Idempotence-Key": key})


def control(customer: Customer, key: str, phone: str) -> Any:
    body = {"about": phone}
    return customer.post("control/pause", body, headers={"Idempotence-Key": key})


def query(path: str) -> Send:
    def send(customer: Customer, key: str, phone: str) -> Any:
        url = f"/jaicp/api/{path % customer.token}?phone={phone}&Idempotence-Key={key}"
        return customer.client.get(url, buffered=True)

    return send


PATHS = ("crmCalls/campaign/%s/addPhone", "crmCalls/campaign/%s/test/addPhone", "calls/campaign/%s/addPhone")
SENDS = [add, cancel, control, *map(query, PATHS)]


@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize(("other", "codes"), [("79160000000", []), ("79160000001", ["silent-loss"])])
def test_a_replay_says_so_and_another_body_under_its_key_is_a_finding(
    send: Send, other: str, codes: list[str]
) -> None:
    customer = Customer()
    if send is cancel:
        customer.add(2)
    first = send(customer, "k", "79160000000")
    again = send(customer, "k", other)

    assert (first.status_code, again.status_code, again.data) == (200, 200, first.data)
    assert again.headers["X-Simulator-Rule"].startswith(f"replay of {first.headers['X-Simulator-Exchange']}")
    assert customer.findings() == codes


def test_a_key_used_for_one_operation_is_free_for_another() -> None:
    customer = Customer()

    (job,) = add(customer, "k", "79160000000").json
    answer = cancel(customer, "k", "79160000000")

    assert answer.json == [job]
    assert "X-Simulator-Rule" not in answer.headers


@pytest.mark.parametrize("name", ["Idempotency-Key", "x-idempotency-key", "X-Idempotence-Key"])
def test_a_key_under_another_name_brings_no_answer_again_and_is_told(name: str) -> None:
    customer = Customer()
    first, again = (
        customer.post("addPhones", [{"phone": "79160000000"}], headers={name: "k"}) for _ in range(2)
    )

    assert first.json != again.json
    assert again.headers["X-Simulator-Rule"].startswith("loss: key_misnamed [inferred], at ")
    assert set(customer.findings()) == {"silent-loss"}


@pytest.mark.parametrize(
    ("name", "body"),
    [("addPhones", [{"phone": "79160000000"}]), ("callJob/cancel", {"ids": []}), ("control/pause", None)],
)
def test_where_a_body_is_sent_a_key_in_the_query_is_not_read_as_the_finding_says(
    name: str, body: Any
) -> None:
    customer = Customer()
    for _ in range(2):
        answer = customer.post(f"{name}?Idempotence-Key=k", body)

    assert "replay" not in answer.headers.get("X-Simulator-Rule", "")
    assert set(customer.findings()) == {"unknown-parameter"}
