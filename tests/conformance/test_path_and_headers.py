"""What stands in the path and in headers is judged like any other parameter, and so is a JSON body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.exchange import Answer, Request
from tests.conformance.documents import contract, operation
from tests.conformance.exchanges import exchange

TOKEN = {"type": "string", "pattern": "^[0-9]+\\.[a-z]+$", "x-secret": True}


def parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "in": place, "required": place == "path", "x-provenance": "inferred", "schema": schema,
    }  # fmt: skip


def document(**facts: Any) -> Contract:
    body = {"application/json": {"schema": {"type": "array", "items": {"enum": ["mon", "Cash"]}}}}
    parameters = [
        parameter("token", "path", TOKEN),
        parameter("Idempotence-Key", "header", {"type": "string", "maxLength": 5}),
    ]
    request_body = {"x-provenance": "inferred", "content": body}
    add = operation("add", parameters=parameters, requestBody=request_body, **facts)
    return contract({"/campaign/{token}/add": {"post": add}})


def codes(
    judged: Contract, path: str = "/campaign/1.abc/add", body: object = ("mon",), key: str = "k", **facts: Any
) -> list[str]:
    headers = (("Content-Type", "application/json"), ("idempotence-key", key), ("Accept", "*/*"))
    request = Request("POST", path, "", headers, json.dumps(body).encode())
    answer = Answer(200, b"[]", (("Content-Type", "application/json"),))
    return [violation.code for violation in check(judged, exchange(request, answer, vendor="small", **facts))]


def test_what_is_as_asked_passes() -> None:
    assert codes(document()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"path": "/campaign/x/add"}, "bad-parameter"),
        ({"key": "longer"}, "bad-parameter"),
        ({"body": ["tue"]}, "bad-body"),
        ({"body": {}}, "bad-body"),
    ],
)
def test_each_place_is_judged(changes: dict[str, Any], code: str) -> None:
    assert codes(document(), **changes) == [code]


def test_a_secret_in_the_path_is_told_as_it_came() -> None:
    request = Request("POST", "/campaign/secret/add", "", (("Content-Type", "application/json"),), b"[]")

    (violation,) = check(
        document(), exchange(request, Answer(200, b"[]", (("Content-Type", "application/json"),)))
    )

    assert (violation.where, violation.arrived) == ("token", '"secret"')


def test_a_letter_that_only_looks_right_is_called_by_its_name() -> None:
    body = json.dumps(["С" + "ash"]).encode()
    request = Request("POST", "/campaign/1.abc/add", "", (("Content-Type", "application/json"),), body)

    (violation,) = check(
        document(), exchange(request, Answer(200, b"[]", (("Content-Type", "application/json"),)))
    )

    assert violation.fix == "letter 1 is U+0421 CYRILLIC CAPITAL LETTER ES, not U+0043 LATIN CAPITAL LETTER C"


def test_an_operation_outside_the_accounts_edition_is_a_breach() -> None:
    judged = document(**{"x-editions": ["1.0", "both"]})

    assert codes(judged, edition="both") == codes(judged) == []
    assert codes(judged, edition="2.0") == ["outside-edition"]
