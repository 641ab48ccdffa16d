from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from simulator.conformance.contract import Contract
from simulator.conformance.middleware import ContractMiddleware
from simulator.exchange import Exchange
from tests.conformance.exchanges import ADDED, CALL, HEADERS, ROOT, answer


@Request.application
def vendor(request: Request) -> Response:
    body = {**ADDED, "phone": request.form["phone"]}
    return Response(answer(body).body, headers=HEADERS)


def judge(contract: Contract, fields: dict[str, Any]) -> tuple[list[Exchange], Any]:
    """Return the exchanges heard while a form was posted, and the answer."""
    heard: list[Exchange] = []
    wrapped = ContractMiddleware(vendor, contract, heard.append, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    got = Client(wrapped).post(f"{ROOT}/phones/call/?{urlencode({'text': 'Hi'})}", data=fields)
    return heard, got


def test_the_judge_listens_without_changing_request_or_answer(callo: Contract) -> None:
    heard, got = judge(callo, CALL)

    assert (got.status_code, got.json["phone"]) == (200, CALL["phone"])
    assert [(each.operation, each.violations) for each in heard] == [("add_call", ())]
    assert got.headers["Server"] == "gunicorn/19.9.0"


def test_breaches_of_both_sides_reach_the_listener(callo: Contract) -> None:
    heard, _ = judge(callo, {**CALL, "phone": "380123456789", "pin": "1"})

    assert [(each.code, each.blame) for each in heard[0].violations] == [
        ("unknown-parameter", "client"),
        ("bad-answer", "simulator"),
    ]
