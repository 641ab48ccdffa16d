"""NUL has no place in a text: wherever a value holds one, the vendor refuses, and the journal tells of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator import Simulator

NUL = "a\0b"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def callo(client: Client, key: dict[str, Any]) -> TestResponse:
    form = {"public_key": key["public_key"], "campaign_id": key["campaign_id"], "phone": "+447700900001"}
    path = "/callo/manager/cabapi_external/api/v1/phones/call/"
    return client.post(path, data={**form, "text": NUL})


def callr(client: Client, key: dict[str, Any]) -> TestResponse:
    headers = {"x-api-key": key["api_key"]}
    return client.post("/callr/v2.0/sms?to=%2B33639980001", json={"text": NUL}, headers=headers)


def jaicp(client: Client, key: dict[str, Any]) -> TestResponse:
    jobs = [{"phone": "447700900000", "payload": {"name": NUL}}]
    return client.post(f"/jaicp/api/calls/campaign/{key['token']}/addPhones", json=jobs)


def kaleyra(client: Client, key: dict[str, Any]) -> TestResponse:
    form = {"method": "dial.click2call", "caller": "6010000001", "receiver": "6010000002", "custom": NUL}
    return client.post("/kaleyra/v1/?format=json", data=form, headers={"x-api-key": key["api_key"]})


def kaleyra_json(client: Client, key: dict[str, Any]) -> TestResponse:
    calls = {"data": [{"to": "6010000001", "custom": NUL}], "play": "a.sound"}
    query = "?method=voice.json&format=json"
    headers = {"x-api-key": key["api_key"], "Content-Type": "application/json"}
    return client.post(f"/kaleyra/v1/{query}", data=json.dumps(calls), headers=headers)


@pytest.mark.parametrize("ask", [callo, callr, jaicp])
def test_a_text_with_nul_gets_the_vendors_400(simulator: Simulator, ask: Any) -> None:
    answer = ask(Client(simulator), simulator.worlds.credentials(ask.__name__))

    assert answer.status_code == 400
    assert [exchange.answer.status for exchange in simulator.worlds.sandbox().recorder.journal] == [400]


@pytest.mark.parametrize("ask", [kaleyra, kaleyra_json])
def test_kaleyra_refuses_it_in_its_envelope(simulator: Simulator, ask: Any) -> None:
    answer = ask(Client(simulator), simulator.worlds.credentials("kaleyra"))

    assert answer.get_json()["status"].startswith("E")
    assert len([*simulator.worlds.sandbox().recorder.journal]) == 1


def test_the_name_of_a_file_holds_none_either(simulator: Simulator) -> None:
    key = simulator.worlds.credentials("callo")["public_key"]
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\0b.wav"\r\n\r\nRIFF\r\n--b--\r\n'
    path = f"/callo/manager/cabapi_external/api/v1/audio/upload/?public_key={key}"
    answer = Client(simulator).post(path, data=part, content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 400
