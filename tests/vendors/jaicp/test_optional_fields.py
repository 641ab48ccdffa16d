"""Every optional field, left out, null, empty and at its limits: contract and server agree both ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.vendors.jaicp.desk import CONTRACT, PHONE, open_desk

SCHEMAS = CONTRACT.document["components"]["schemas"]
EMPTY: tuple[Any, ...] = (None, "", [], {}, 0, -1, 1, 2**31, True, "?", [None], {"x": 1}, 1.5)
LIMITS = {1, 5, 6, 7, 8, 19, 20, 50, 51, 199, 200, 201, 2880, 2881}


def optional(schema: str) -> list[str]:
    node = SCHEMAS[schema]
    return [name for name in node["properties"] if name not in node.get("required", ())]


def bodies() -> Iterator[tuple[str, Any]]:
    """Yield requests that hold one optional field with a value of every kind, and where each is sent."""
    for name, value in product(optional("CallJobParameters"), [*EMPTY, *sorted(LIMITS)]):
        yield "addPhones", [{"phone": PHONE, name: value}]
    for day, value in product(SCHEMAS["CallJobParameters"]["properties"]["allowedTime"]["properties"], EMPTY):
        yield "addPhones", [{"phone": PHONE, "allowedTime": {day: value}}]
    for value in EMPTY:
        check = {"externalCheckUrl": "http://client.example/", "externalCheckMaxRetries": value}
        yield "addPhones", [{"phone": PHONE, "externalCheck": check}]
    for name, value in product(optional("Jobs"), (None, [], "", {}, 0)):
        yield "callJob/getReport", {name: value}
    for name, value in product(optional("Pagination"), [*EMPTY, *sorted(LIMITS)]):
        yield "callJob/getUnfinished", {name: value}
    for kind, schema in (("callJob", "JobDates"), ("callAttempt", "AttemptDates")):
        names = SCHEMAS[schema]["properties"]["filter"]["properties"]
        for name, value in product(names, (None, "", 0, "2026-03-02T10:00:00Z", "2026-03-02")):
            yield f"{kind}/getReportByDate", {"filter": {name: value}}
        yield f"{kind}/getReportByDate", {}
        for name, value in product(("filter", "pagination"), (None, [], {})):
            yield f"{kind}/getReportByDate", {name: value}


@pytest.mark.parametrize(("operation", "body"), [*bodies()], ids=str)
def test_what_is_taken_is_right_and_what_is_refused_is_a_breach(operation: str, body: Any) -> None:
    desk = open_desk()

    taken = desk.post(operation, body).status == 200

    assert taken is (desk.findings == ())


@pytest.mark.parametrize("body", [{}, [], None])
@pytest.mark.parametrize("action", ["pause", "stop", "start"])
def test_an_action_takes_the_empty_body_that_client_libraries_send(action: str, body: Any) -> None:
    desk = open_desk()

    assert desk.post(f"control/{action}", body).status == 200
    assert desk.findings == ()
