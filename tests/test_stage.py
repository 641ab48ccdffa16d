"""What a stage does around its world: real time moved on, and a line for whoever listens."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Postback
from simulator.telephony.phone_numbers import E164

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"


def test_an_advance_of_real_time_keeps_the_instants_of_what_happens_on_the_way() -> None:
    stage = Simulator(clock="real", vendors=("callo",), profile="local").stage()
    account = next(iter(stage.world.accounts.values()))
    campaign = next(iter(account.campaigns.values()))
    campaign.postbacks = {"any": Postback("http://192.0.2.1/nobody")}
    stage.world.place_call(campaign, Order(E164("+447700900101")))

    stage.advance(stage.world.clock.now + timedelta(hours=1))

    (delivery,) = stage.world.outbox.deliveries.values()
    waits = [
        later.at - earlier.at for earlier, later in zip(delivery.tries, delivery.tries[1:], strict=False)
    ]
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 5, 15]


def test_who_listens_to_the_access_log_reads_a_masked_line_an_exchange(
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator = Simulator(vendors=("callo",))
    key = simulator.credentials("callo")["public_key"]
    with caplog.at_level("INFO", "simulator.access"):
        Client(simulator).get(f"{BALANCE}?public_key={key}").close()

    (line,) = caplog.messages
    assert (json.loads(line)["operation"], json.loads(line)["status"]) == ("balance", 200)
    assert key not in line
