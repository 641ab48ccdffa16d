"""All that the contract speaks of happens: operations are asked, events are sent, and each is judged."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.contract import load_contract
from simulator.formats.sound import tone
from tests.contracts.recorded import read_recordings, recorded_exchange
from tests.web.receiver import OK, answering, receiving

CONTRACT = load_contract("callr")
RECORDINGS = read_recordings("callr")
OWN, OTHER = "+33199001234", "+33639980001"
SCRIPT = """
branches:
  inbound-call:
    actions:
      - action: startRecording@v1
        params: {transcription: {language: en-US}}
      - action: say@v2
        params: {what: Hello}
      - action: dial@v1
        params: {to: "+33639980002"}
"""
FETCH = "branches: {api-initiated: {actions: [{action: fetch@v2, params: {url: '%s', method: POST}}]}}"


class Caller:
    """Whoever holds the key of a simulator of its own."""

    def __init__(self) -> None:
        self.simulator = Simulator(vendors=("callr",), profile="local")
        self.sandbox = self.simulator.worlds.sandbox()
        self.client = Client(self.simulator)
        self.key = str(self.simulator.worlds.credentials("callr")["api_key"])

    def ask(self, method: str, path: str, **options: Any) -> Any:
        headers = {"x-api-key": self.key}
        return self.client.open(
            f"/callr/v2.0{path}", method=method, headers=headers, buffered=True, **options
        )

    def make(self, path: str, body: object = None, **query: Any) -> Any:
        answer = self.ask("POST", path, json=body, query_string=query)
        assert answer.status_code < 300, answer.data
        return answer.json

    def advance(self, **length: float) -> None:
        self.sandbox.advance(self.sandbox.world.clock.now + timedelta(**length))


def replay(caller: Caller, recording: dict[str, Any]) -> None:
    request = recorded_exchange("callr", recording).request
    path = request.path.removeprefix("/v2.0")
    caller.ask(
        request.method, path, query_string=request.query, data=request.body, content_type=request.content_type
    )


def test_every_operation_is_asked_as_recorded_and_answers_as_the_contract_says() -> None:
    caller = Caller()

    for recording in RECORDINGS:
        replay(caller, recording)

    assert caller.sandbox.recorder.coverage.missing(CONTRACT) == []
    violations = [violation for _, violation in caller.sandbox.recorder.journal.violations()]
    assert [breach for breach in violations if breach.blame == "simulator"] == []


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_every_event_is_sent_and_keeps_the_contract(caller: Caller) -> None:
    with receiving(answering(OK)) as receiver:
        for event in CONTRACT.events:
            endpoint = f"http://hook.localhost:{receiver.port}/{event.id}"
            caller.make("/webhooks", {"endpoint": endpoint}, type=event.id)
        live_a_day(caller)

    assert caller.sandbox.recorder.coverage.unsent(CONTRACT) == []
    assert caller.sandbox.recorder.callbacks.violations() == []
    paths = {raw.split(b" ")[1].decode() for raw in receiver.requests}
    assert paths == {f"/{event.id}" for event in CONTRACT.events}


def test_what_a_script_fetches_is_its_authors_affair(caller: Caller) -> None:
    with receiving(answering(OK)) as receiver:
        text = FETCH % receiver.url()
        scenario = caller.make("/actions", {"name": "Fetch", "script": text})["sid"]
        caller.make(f"/actions/{scenario}/runs", {})
        caller.advance(minutes=1)

    assert len(receiver.requests) == 1
    assert list(caller.sandbox.recorder.callbacks) == []


def live_a_day(caller: Caller) -> None:
    """Let everything happen to an account that it hears of."""
    scenario = caller.make("/actions", {"name": "Line", "script": SCRIPT})["sid"]
    caller.ask("PUT", f"/numbers/{OWN}/scenario/{scenario}")
    caller.sandbox.act("call_number", number=OTHER, to=OWN)
    caller.advance(minutes=10)
    caller.sandbox.act("text_number", number=OTHER, to=OWN, text="Hello")
    caller.make("/sms", {"text": "Hello"}, to=OTHER)
    token = caller.make("/numbers/store", country="FR", type="geographic")["token"]
    bought = caller.make(f"/numbers/store/{token}")["items"][0]["e164"]
    caller.ask("DELETE", f"/numbers/{bought}")
    upload = {"name": "Hold", "file": (BytesIO(tone(1, 0)), "hold.wav", "audio/wav")}
    caller.ask("POST", "/audio-files", data=upload)
    caller.ask("PATCH", "/recordings", json={"read": True})
    caller.advance(minutes=10)
    run_dry(caller)


def run_dry(caller: Caller) -> None:
    """Let the credit reach its warning level, then the one at which the account stops, and pay some in."""
    account = {"vendor": "callr", "credential": caller.key}
    credit = Decimal(caller.ask("GET", "/billing/credit").json) / 100
    for amount in (Decimal("0.50") - credit, Decimal("-0.45")):
        caller.sandbox.act("top_up", **account, amount=str(amount))
        caller.ask("POST", "/sms", query_string={"to": OTHER}, json={"text": "Hello"})
    caller.sandbox.act("top_up", **account, amount="50")
    caller.advance(minutes=10)
