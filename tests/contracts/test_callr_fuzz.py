"""Requests made from the contract, right and wrong, alone and in sequence: it knows every answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from simulator.app import Simulator
from simulator.conformance.contract import load_contract
from simulator.exchange import Exchange
from tests.contracts.blame import blamed

CONTRACT = load_contract("callr")
FORMS = [(form.path, form.method) for operation in CONTRACT.operations for form in operation.variants]
DOCUMENT = "/openapi.json"


class Door:
    """Serves the document, and the vendor to whoever holds its key; every request opens with that."""

    def __init__(self) -> None:
        self.simulator = Simulator(vendors=("callr",))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == DOCUMENT:
            start_response("200 OK", [("Content-Type", "application/json")])
            told = json.dumps(CONTRACT.document).replace(
                '"x-required"', '"required"'
            )  # the same, in our word
            return [told.encode()]
        key = self.simulator.worlds.credentials("callr")["api_key"]
        asked = {**environ, "HTTP_HOST": "api.callr.com", "HTTP_X_API_KEY": key}
        return self.simulator(asked, start_response)

    @property
    def exchanges(self) -> list[Exchange]:
        """What was asked and answered, and what receivers were told."""
        sandbox = self.simulator.worlds.sandbox()
        return [*sandbox.recorder.journal, *sandbox.recorder.callbacks]


DOOR = Door()
SCHEMA = schemathesis.openapi.from_wsgi(DOCUMENT, DOOR)
QUICK = settings(
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


def holds_nul(exchange: Exchange) -> bool:
    """Tell whether a request holds a NUL somewhere, which no schema forbids and the vendor does not take."""
    return b"\\u0000" in exchange.request.body or "%00" in exchange.request.query


def check_kept(exchange: Exchange, may_blame_client: bool) -> None:
    """Claim that the vendor kept its contract, and the client too unless it was meant to break it."""
    sides = blamed(exchange)
    assert exchange.answer.status < 500, exchange
    assert "simulator" not in sides, exchange
    assert may_blame_client or not sides, exchange


@pytest.mark.parametrize(("path", "method"), FORMS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_whatever_is_sent_the_vendor_keeps_its_contract(path: str, method: str, mode: GenerationMode) -> None:
    DOOR.simulator = Simulator(vendors=("callr",))
    operation = SCHEMA[path.removeprefix("/v2.0")][method]

    @settings(QUICK, max_examples=12)
    @given(case=operation.as_strategy(generation_mode=mode))
    def hold(case: Case[Any]) -> None:
        answer = case.call()
        assert answer.status_code < 500  # what the guard refuses never gets to the vendor
        for exchange in list(DOOR.simulator.worlds.sandbox().recorder.journal)[-1:]:
            check_kept(exchange, mode is GenerationMode.NEGATIVE or holds_nul(exchange))

    hold()


def test_what_is_made_is_used_changed_and_removed_in_any_order() -> None:
    DOOR.simulator = Simulator(vendors=("callr",))
    machine = SCHEMA.as_state_machine()
    machine.validate_response = lambda *_args, **_options: None  # type: ignore[method-assign]
    # each example meets a fresh world, so that the same requests are answered alike when they are tried again
    machine.setup = lambda _machine: DOOR.simulator.worlds.open("main")  # type: ignore[assignment, method-assign]
    machine.teardown = lambda _machine: exchanges.extend(DOOR.exchanges)  # type: ignore[assignment, method-assign]
    exchanges: list[Exchange] = []

    machine.run(settings=settings(QUICK, max_examples=25, stateful_step_count=20))

    for exchange in exchanges:
        check_kept(exchange, may_blame_client=True)
    answered = {exchange.operation for exchange in exchanges if exchange.answer.status == 200}
    assert answered & {"get_end_user", "update_end_user", "get_webhook", "get_sms", "get_audio_file"}
