"""Requests made from the contract, right and wrong ones: each answer is one that the contract knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from simulator.conformance.contract import load_contract
from simulator.exchange import Exchange
from tests.contracts.blame import blamed
from tests.vendors.jaicp.test_simulator import Customer

CONTRACT = load_contract("jaicp")
FORMS = [(form.path, form.method) for operation in CONTRACT.operations for form in operation.variants]
DOCUMENT = "/openapi.json"


class Door:
    """Serves the document, and every campaign's path with a token that opens one."""

    def __init__(self) -> None:
        self.customer = Customer()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == DOCUMENT:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(CONTRACT.document).encode()]
        return self.customer.simulator({**environ, "HTTP_HOST": "app.jaicp.com"}, start_response)


DOOR = Door()
CONFIG = schemathesis.Config.from_dict({"generation": {"allow-x00": False}})  # no text holds a NUL
SCHEMA = schemathesis.openapi.from_wsgi(DOCUMENT, DOOR, config=CONFIG)


def send(case: Case[Any]) -> Exchange:
    """Send one request and return how it went."""
    case.path_parameters["token"] = DOOR.customer.token
    case.call()
    return list(DOOR.customer.sandbox.recorder.journal)[-1]


@pytest.mark.parametrize(("path", "method"), FORMS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_whatever_is_sent_the_vendor_keeps_its_contract(path: str, method: str, mode: GenerationMode) -> None:
    DOOR.customer = Customer()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=SCHEMA[path][method].as_strategy(generation_mode=mode))
    def hold(case: Case[Any]) -> None:
        exchange = send(case)

        sides = blamed(exchange)
        assert exchange.answer.status < 500, exchange
        assert "simulator" not in sides, exchange.violations
        assert mode is GenerationMode.NEGATIVE or not sides, exchange.violations

    hold()
