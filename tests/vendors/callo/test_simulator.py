"""Callo as a client meets it: through the whole simulator, by path and by host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator

API = "/manager/cabapi_external/api/v1"
PHONE = "+447700900001"


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(vendors=("callo",))


def customer(simulator: Simulator) -> Mapping[str, Any]:
    return simulator.worlds.credentials("callo")


def add_call(simulator: Simulator, base: str = "/callo", **options: Any) -> TestResponse:
    told = customer(simulator)
    sent = {"public_key": told["public_key"], "campaign_id": told["campaign_id"], "phone": PHONE}
    return Client(simulator).post(f"{base}{API}/phones/call/", data=sent, **options)


def read_result(simulator: Simulator, call_id: int) -> Any:
    query = {"public_key": customer(simulator)["public_key"], "call_id": call_id}
    answer = Client(simulator).get(f"/callo{API}/phones/call_by_id/", query_string=query)
    assert answer.json
    return answer.json[0]


def test_a_call_is_added_and_seen_answered(simulator: Simulator) -> None:
    call = add_call(simulator).json["call_id"]  # type: ignore[index]
    before = read_result(simulator, call)["status"]
    sandbox = simulator.worlds.sandbox()

    sandbox.advance(sandbox.world.clock.now + timedelta(minutes=5))

    assert (before, read_result(simulator, call)["status"]) == ("in_process", "compl_finished")


@pytest.mark.parametrize("host", ["callo.localhost:8070", "callo.com", "zvonok.com"])
def test_the_vendors_hosts_lead_to_its_root(simulator: Simulator, host: str) -> None:
    answer = add_call(simulator, base="", headers={"Host": host})

    assert answer.status_code == 200


def test_a_recording_downloads_from_where_the_client_asked(simulator: Simulator) -> None:
    call = add_call(simulator).json["call_id"]  # type: ignore[index]
    sandbox = simulator.worlds.sandbox()
    sandbox.advance(sandbox.world.clock.now + timedelta(minutes=5))

    url = read_result(simulator, call)["recorded_audio"]
    answer = Client(simulator).get(url.removeprefix("http://localhost"))

    assert (answer.status_code, answer.content_type) == (200, "audio/x-wav")


def test_a_client_that_follows_the_redirect_of_a_post_loses_its_body(simulator: Simulator) -> None:
    told = customer(simulator)
    sent = {"public_key": told["public_key"], "campaign_id": told["campaign_id"], "phone": PHONE}

    answer = Client(simulator).post(f"/callo{API}/phones/call", data=sent, follow_redirects=True)

    assert answer.status_code == 400
    assert answer.json
    assert "public_key" in answer.json["data"]


def test_the_twenty_first_request_in_a_second_is_met_by_a_page(simulator: Simulator) -> None:
    answers = [add_call(simulator) for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [400] * 15 + [429]
    assert answers[-1].mimetype == "text/html"
