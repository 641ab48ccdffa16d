"""What vendors say of their calls when nobody asked: every question is answered, and nothing remembers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.admin.page.call_view import recordings_of, statements_of
from simulator.app import Simulator
from simulator.formats.sound import measure
from tests.state.digest import digest

CALLEE, AGENT = "+447700900310", "+447700900000"
Access = Mapping[str, Any]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with closing(Simulator(scenario="happy", clock="virtual")) as opened:
        yield opened


def call_by_callo(client: Client, access: Access) -> None:
    path = "/callo/manager/cabapi_external/api/v1/phones"
    form = {"public_key": access["public_key"], "campaign_id": access["campaign_id"]}
    client.post(f"{path}/append/calls/", data={**form, "phones": CALLEE})


def call_by_kaleyra(client: Client, access: Access) -> None:
    asked = {"api_key": access["api_key"], "method": "dial.click2call", "format": "json"}
    client.get("/kaleyra/v1/", query_string={**asked, "caller": AGENT, "receiver": CALLEE})


def call_by_kaleyra_obd(client: Client, access: Access) -> None:
    asked = {"api_key": access["api_key"], "method": "voice.call", "format": "json", "play": "1.sound"}
    client.get("/kaleyra/api/v1/", query_string={**asked, "numbers": CALLEE})


def call_by_jaicp(client: Client, access: Access) -> None:
    client.post(f"/jaicp/api/calls/campaign/{access['token']}/addPhones", json=[{"phone": CALLEE[1:]}])


def call_to_callr(client: Client, access: Access) -> None:
    client.post(f"/_simulator/v1/people/{CALLEE}/call", json={"to": access["number"]})


PLACED: Mapping[str, tuple[str, Callable[[Client, Access], None], tuple[str, ...]]] = {
    "callo, from a list": (
        "callo", call_by_callo, ("call_by_id", "calls_by_phone", "call_ids_by_phonelist"),
    ),
    "kaleyra": ("kaleyra", call_by_kaleyra, ("click_to_call_status", "call_reports")),
    "kaleyra, outbound dialing": ("kaleyra", call_by_kaleyra_obd, ("obd_api_status",)),
    "jaicp": ("jaicp", call_by_jaicp, ("call_job_report", "call_attempt_report")),
    "callr": ("callr", call_to_callr, ("search_recordings",)),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACED)
def test_every_question_is_answered_and_leaves_no_trace(simulator: Simulator, name: str) -> None:
    vendor, place, operations = PLACED[name]
    client, sandbox = Client(simulator), simulator.worlds.sandbox()
    place(client, simulator.worlds.credentials(vendor))
    client.post("/_simulator/v1/clock/advance", json={"by": "10m"})
    (call,) = sandbox.world.newest_calls()
    before = digest(sandbox.world), sandbox.recorder.journal.recorded
    statements = [*statements_of(call, sandbox)]
    sounds = [play() for play in recordings_of(call, sandbox)]

    assert tuple(exchange.operation for exchange in statements) == operations
    assert {exchange.answer.status for exchange in statements} == {200}
    assert (digest(sandbox.world), sandbox.recorder.journal.recorded) == before
    assert len(sounds) == (vendor in ("callo", "kaleyra"))
    assert [measure(sound).seconds for sound in sounds] == [
        pytest.approx(call.talk.total_seconds(), abs=0.001) for _ in sounds
    ]


def test_what_is_said_is_the_same_as_a_client_is_answered(simulator: Simulator) -> None:
    client, sandbox = Client(simulator), simulator.worlds.sandbox()
    call_by_jaicp(client, simulator.worlds.credentials("jaicp"))
    client.post("/_simulator/v1/clock/advance", json={"by": "10m"})
    (call,) = sandbox.world.newest_calls()
    (statement, _) = statements_of(call, sandbox)
    answered = client.post(f"/jaicp{statement.request.path}", json={"ids": [call.ref]})

    assert answered.data == statement.answer.body
