"""What a sandbox does around its world: real time moved on, and a line for whoever listens."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.engine import outbound_queue
from simulator.engine.machine import StateMachine
from simulator.engine.outbound_queue import MOST_HOPS
from simulator.errors import StateUnavailable
from simulator.exchange import Request
from simulator.state.inputs import Cause, DeliverySettled
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.phone_numbers import E164
from simulator.web.destinations import HOP_HEADER
from tests.web.receiver import receiving, silent

ADD_CALL = "/callo/manager/cabapi_external/api/v1/phones/call/"
FORM = "application/x-www-form-urlencoded"
BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"


def test_an_advance_of_real_time_keeps_the_instants_of_what_happens_on_the_way() -> None:
    sandbox = Simulator(clock="real", vendors=("callo",), profile="local").worlds.sandbox()
    account = next(iter(sandbox.world.accounts.values()))
    campaign = next(iter(account.campaigns.values()))
    campaign.postbacks = {"any": Postback("http://192.0.2.1/nobody")}
    sandbox.world.place_call(campaign, Order(callee=E164("+447700900310")))

    sandbox.advance(sandbox.world.clock.now + timedelta(hours=1))

    (delivery,) = sandbox.world.outbox.deliveries.values()
    waits = [
        later.at - earlier.at
        for earlier, later in zip(delivery.attempts, delivery.attempts[1:], strict=False)
    ]
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 5, 15]


def test_who_listens_to_the_access_log_reads_a_masked_line_an_exchange(
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator = Simulator(vendors=("callo",))
    key = simulator.worlds.credentials("callo")["public_key"]
    with caplog.at_level("INFO", "simulator.access"):
        Client(simulator).get(f"{BALANCE}?public_key={key}").close()

    (line,) = caplog.messages
    assert (json.loads(line)["operation"], json.loads(line)["status"]) == ("balance", 200)
    assert key not in line


def told_of(simulator: Simulator) -> list[tuple[str | None, int, str | None]]:
    return [
        (exchange.operation, exchange.answer.status, exchange.rule)
        for exchange in simulator.worlds.sandbox().recorder.journal
    ]


def test_what_the_guard_refuses_stands_in_the_journal_cut_short() -> None:
    simulator = Simulator(vendors=("callo",))
    client = Client(simulator)
    answered = client.post(ADD_CALL, data="a=1&" * 1_001, content_type=FORM)
    client.get(f"{BALANCE}?{'a=1&' * 3_000}").close()

    too_long = "guard: the URL is longer than 8192 bytes"
    assert told_of(simulator) == [
        ("add_call", 413, "guard: more than 1000 form fields"),
        ("balance", 414, too_long),
    ]
    assert answered.headers["X-Simulator-Rule"] == "guard: more than 1000 form fields"
    assert (
        max(len(exchange.request.query) for exchange in simulator.worlds.sandbox().recorder.journal) < 1_100
    )


def test_what_the_guard_refuses_is_masked_and_changes_nothing() -> None:
    simulator = Simulator(vendors=("callo", "jaicp"))
    token, before = simulator.worlds.credentials("jaicp")["token"], simulator.worlds.sandbox().world.inputs
    Client(simulator).get(f"/jaicp/api/calls/campaign/{token}/../x?token={token}").close()
    Client(simulator).get(f"{BALANCE}%00?public_key={token}&phone=%2B380123456789").close()

    recorder = simulator.worlds.sandbox().recorder
    kept = repr([recorder.masker.exchange(exchange) for exchange in recorder.journal])
    assert kept.count("guard: ") == 2
    assert token not in kept
    assert "123456" not in kept
    assert simulator.worlds.sandbox().world.inputs == before


def test_a_refusal_in_a_world_that_is_not_there_is_answered_all_the_same() -> None:
    simulator = Simulator(vendors=("callo",))

    assert Client(simulator).get(f"/@nowhere{BALANCE}%00").status_code == 400
    assert told_of(simulator) == []


def test_requests_that_come_round_for_ever_cost_bounded_memory() -> None:
    sandbox = Simulator(vendors=("callo",)).worlds.sandbox()
    again = Request("GET", BALANCE.removeprefix("/callo"), headers=((HOP_HEADER, "1"),))
    for _ in range(MOST_HOPS + 2):
        sandbox.answer("callo", again)

    assert list(sandbox._outbound.hops) == list(range(3, MOST_HOPS + 3))


def test_what_became_of_a_callback_is_kept_with_the_next_request_where_it_could_not_be_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = Simulator(vendors=("callo",), profile="local").worlds.sandbox()
    account = next(iter(sandbox.world.accounts.values()))
    campaign = next(iter(account.campaigns.values()))
    campaign.postbacks = {"any": Postback("http://192.0.2.1/nobody")}
    sandbox.world.place_call(campaign, Order(callee=E164("+447700900310")))
    enter = StateMachine.enter

    def enter_in_an_outage(machine: StateMachine, cause: Cause, at: datetime | None = None) -> Any:
        if isinstance(cause, DeliverySettled):
            raise StateUnavailable("the disk is full")
        return enter(machine, cause, at)

    with monkeypatch.context() as outage:
        outage.setattr(StateMachine, "enter", enter_in_an_outage)
        with pytest.raises(StateUnavailable):
            sandbox.advance()
    (delivery,) = sandbox.world.outbox.deliveries.values()
    assert delivery.attempts == []
    reply = sandbox.answer("callo", Request("GET", BALANCE.removeprefix("/callo")))
    sandbox.written(reply.number)

    assert len(delivery.attempts) == 1


def test_time_is_not_kept_for_ever_by_a_receiver_that_the_pump_has_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbound_queue, "RECEIVERS_SECONDS", 0.1)
    simulator = Simulator(vendors=("callo",), profile="local", background=True)
    with closing(simulator), receiving(silent) as receiver:
        sandbox = simulator.worlds.sandbox()
        account = next(iter(sandbox.world.accounts.values()))
        campaign = next(iter(account.campaigns.values()))
        campaign.postbacks = {"any": Postback(receiver.url())}
        sandbox.world.place_call(campaign, Order(callee=E164("+447700900310")))
        sandbox.world.advance_to(sandbox.now() + timedelta(hours=1))
        sandbox.keep_up()
        moved = sandbox.advance(timedelta())

    reasons = [pending.reason for pending in moved.pending]
    assert reasons == ["it is under way, and its receiver has not answered yet"]
