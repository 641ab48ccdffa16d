"""The bodies that the reference shows against those answered and sent: keys, their order, types, nulls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import yaml

from simulator.formats.sound import tone
from tests.contracts.recorded import read_recordings, recorded_body
from tests.contracts.test_callr_coverage import CONTRACT, OTHER, OWN, SCRIPT, Caller, live_a_day
from tests.source_tree import CONTRACTS
from tests.web.receiver import OK, answering, receiving

API = 'branches: {api-initiated: {actions: [{action: dial@v1, params: {to: "+33639980003"}}]}}'
ADDRESS = {"country": "FR"}
SAMPLES = {item["operation"]: item for item in read_recordings("callr") if item["source"] == "documented"}
DELIVERIES = yaml.safe_load((CONTRACTS / "callr/recordings/events/deliveries.yaml").read_bytes())
EVENTS = {item["event"]: item["request"]["body"] for item in DELIVERIES["deliveries"]}
NULL_UNTIL = {
    "error": "something went wrong",
    "sent": "a message has left",
    "delivered": "a message has arrived",
    "readAt": "somebody has listened",
    "ended": "a task or a call is over",
    "lastfailed": "a receiver has failed",
    "hangupTech": "its value is seen somewhere",
}
"""The keys that may hold null where the sample shows a value, and until when."""


class Customer(Caller):
    """Whoever asks every operation once, so that it succeeds."""

    def do(self, method: str, path: str, json: object = None, **query: Any) -> Any:
        answer = self.ask(method, path, json=json, query_string=query)
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json if answer.data else None

    def use_scripts(self) -> None:
        sid = self.do("POST", "/actions", {"name": "Line", "script": SCRIPT})["sid"]
        for path in (f"/actions/{sid}/numbers/{OWN}", f"/numbers/{OWN}/scenario"):
            self.do("PUT", path if "actions" in path else f"{path}/{sid}")
            self.do("DELETE", path)
        self.do("PATCH", f"/numbers/{OWN}", {"scenario": sid})
        self.do("PATCH", f"/actions/{sid}", {"name": "Support line"})
        self.do("GET", f"/actions/{sid}")
        self.do("GET", "/actions")
        other = self.do("POST", "/actions", {"name": "Calls", "script": API})["sid"]
        run = self.do("POST", f"/actions/{other}/runs", {"variables": {"$who": "me"}})["runid"]
        self.do("GET", f"/actions/{other}/runs/{run}")
        self.do("DELETE", f"/actions/{other}/runs/{run}")
        self.do("DELETE", f"/actions/{other}")

    def use_sound(self) -> None:
        sid = self.do("POST", "/audio-files", {"name": "Hold"})["sid"]
        self.ask("PUT", f"/audio-files/{sid}/file", data={"file": (BytesIO(tone(2, 0)), "hold.wav")})
        self.advance(seconds=5)
        self.do("GET", "/audio-files")
        self.do("GET", f"/audio-files/{sid}")
        self.do("PATCH", f"/audio-files/{sid}", {"name": "Wait"})
        self.do("PUT", f"/audio-files/{sid}/phone-id", country="FR")
        self.do("DELETE", f"/audio-files/{sid}")

    def use_calls(self) -> None:
        self.sandbox.act("call_number", number=OTHER, to=OWN)
        self.advance(minutes=10)
        (sid, *_) = [hit["sid"] for hit in self.do("GET", "/recordings")["hits"]]
        self.do("GET", f"/recordings/{sid}")
        self.do("PATCH", f"/recordings/{sid}", {"read": True})
        self.do("DELETE", f"/recordings/{sid}")
        self.do("PATCH", "/recordings", {"read": True})
        self.do("DELETE", f"/tasks/{self.do('DELETE', '/recordings')}")
        live = self.sandbox.act("call_number", number=OTHER, to=OWN)
        self.do("DELETE", f"/calls/{live.ref}")
        period = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-09T00:00:00Z"}
        task = self.do("POST", "/calls/export", direction="inbound", **period)
        self.do("GET", f"/tasks/{task}")

    def use_numbers(self) -> None:
        for list_of, query in (("countries", {}), ("types", {"country": "FR"})):
            self.do("GET", f"/numbers/store/{list_of}", **query)
        mobile = {"country": "FR", "type": "mobile"}
        self.do("GET", "/numbers/store/prefixes", **mobile)
        self.do("DELETE", f"/numbers/store/{self.do('POST', '/numbers/store', **mobile)['token']}")
        token = self.do("POST", "/numbers/store", **mobile)["token"]
        self.do("GET", f"/numbers/store/{token}")
        number = self.do("POST", f"/numbers/store/{token}")["items"][0]["e164"]
        user = self.do("POST", "/end-users", {"name": "French Corp", "address": ADDRESS})["sid"]
        self.do("PUT", f"/numbers/{OWN}/enduser/{user}")
        self.do("GET", f"/numbers/{OWN}")
        self.do("GET", "/numbers")
        self.do("DELETE", f"/numbers/{number}")

    def use_the_rest(self) -> None:
        for path in ("/ping", "/billing/credit", "/billing/destinations", "/end-users", "/webhooks/logs"):
            self.do("GET", path)
        user = self.do("POST", "/end-users", {"name": "Other Corp", "address": ADDRESS})["sid"]
        self.do("PATCH", f"/end-users/{user}", {"comment": "gone soon"})
        self.do("GET", f"/end-users/{user}")
        self.do("DELETE", f"/end-users/{user}")
        message = self.do("POST", "/sms", {"text": "Hello"}, to=OTHER)["sid"]
        self.advance(minutes=1)
        self.do("GET", f"/sms/{message}")
        self.do("GET", "/sms")
        kind = {"type": "v2.task.updated"}
        hook = self.do("POST", "/webhooks", {"endpoint": "http://hook.localhost:1/"}, **kind)["sid"]
        self.do("PATCH", f"/webhooks/{hook}", {"status": "disabled"})
        self.do("GET", f"/webhooks/{hook}")
        self.do("GET", "/webhooks")
        self.do("DELETE", f"/webhooks/{hook}")


@pytest.fixture(scope="module")
def answered() -> dict[str, bytes]:
    customer = Customer()
    customer.use_scripts()
    customer.use_sound()
    customer.use_calls()
    customer.use_numbers()
    customer.use_the_rest()
    journal = customer.sandbox.recorder.journal
    return {
        exchange.operation: exchange.answer.body
        for exchange in journal
        if exchange.operation and exchange.answer.status < 300
    }


@pytest.fixture(scope="module")
def sent() -> dict[str, Any]:
    customer = Customer()
    with receiving(answering(OK)) as receiver:
        for event in CONTRACT.events:
            endpoint = f"http://hook.localhost:{receiver.port}/{event.id}"
            customer.make("/webhooks", {"endpoint": endpoint}, type=event.id)
        live_a_day(customer)
    callbacks = [*customer.sandbox.recorder.callbacks]
    return {callback.operation or "": json.loads(callback.request.body) for callback in callbacks}


def differences(sample: Any, live: Any, at: str = "") -> Iterator[str]:
    """Yield where a body differs from its sample; what the reference folds up may hold anything."""
    if isinstance(sample, dict) and isinstance(live, dict):
        if sample and list(sample) != list(live):
            yield f"{at}: {list(sample)} became {list(live)}"
        for name in [name for name in sample if name in live]:
            yield from differences(sample[name], live[name], f"{at}/{name}")
    elif isinstance(sample, list) and isinstance(live, list):
        if sample and live:
            yield from differences(sample[0], live[0], f"{at}/0")
    elif live is None and at.rpartition("/")[2] in NULL_UNTIL:
        return
    elif type(sample) is not type(live) and sample is not None:
        yield f"{at}: {type(sample).__name__} became {type(live).__name__}"


def test_every_operation_succeeds_once(answered: dict[str, bytes]) -> None:
    assert sorted(answered) == sorted(operation.id for operation in CONTRACT.operations)


@pytest.mark.parametrize("operation", SAMPLES)
def test_an_answer_has_the_keys_of_its_sample_in_order_and_their_types(
    answered: dict[str, bytes], operation: str
) -> None:
    sample = json.loads(recorded_body(SAMPLES[operation]["answer"]))

    assert list(differences(sample, json.loads(answered[operation]))) == []


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_has_the_keys_of_its_sample_in_order_and_their_types(
    sent: dict[str, Any], event: str
) -> None:
    assert list(differences(EVENTS[event], sent[event])) == []
