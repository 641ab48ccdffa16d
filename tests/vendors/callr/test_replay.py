"""What happened once to an account of Callr happens again, from the inputs alone."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import timedelta
from zlib import crc32

from simulator.app import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.exchange import Answer, DeliveryAttempt
from simulator.scenario.loading import load_text
from simulator.telephony.outbox import Delivery
from tests.source_tree import SCENARIOS
from tests.state.digest import digest
from tests.vendors.callr.test_simulator import PHONE, ask

DAY = (SCENARIOS / "callr" / "support_line.yaml").read_bytes()
FETCHES = """
branches:
  api-initiated:
    actions:
      - {action: fetch@v2, params: {url: "http://crm.test/new"}, result: $answer}
      - {action: log@v1, params: {message: "got ${{ $answer.json.id }}"}, result: $told}
"""


def moody(delivery: Delivery) -> Future[DeliveryAttempt]:
    """Answer some tries with an error, and scripts with JSON."""
    future: Future[DeliveryAttempt] = Future()
    status = 500 if crc32(delivery.subject.encode()) % 3 == 0 and len(delivery.attempts) < 3 else 200
    future.set_result(DeliveryAttempt(status, reply=Answer(status, b'{"id":7}')))
    return future


def silent(delivery: Delivery) -> Future[DeliveryAttempt]:
    raise AssertionError(f"a replay sends nothing, but this went out: {delivery}")


def open_day(simulator: Simulator, send: object) -> Sandbox:
    sandbox = simulator.worlds.open("main", load_text(DAY, "support_line.yaml"))
    sandbox._outbound._send = send  # type: ignore[assignment]
    return sandbox


def live(simulator: Simulator) -> str:
    """Let a customer do a little of everything, and return the id of a run."""
    sandbox = simulator.worlds.sandbox()
    sid = (ask(simulator, "POST", "/actions", {"name": "Fetch", "script": FETCHES}).json or {})["sid"]
    run = (ask(simulator, "POST", f"/actions/{sid}/runs").json or {})["runid"]
    ask(simulator, "POST", f"/sms?to=%2B{PHONE[1:]}", {"text": "Hello"})
    sandbox.act("call_number", number=PHONE, to="+33199001234")
    held = (ask(simulator, "POST", "/numbers/store?country=FR&type=mobile").json or {})["token"]
    ask(simulator, "POST", f"/numbers/store/{held}")
    ask(simulator, "PATCH", "/recordings", {"read": True})
    sandbox.advance(sandbox.world.clock.now + timedelta(hours=2))
    ask(simulator, "DELETE", "/numbers/%2B33639984242")
    return f"/actions/{sid}/runs/{run}"


def test_a_day_is_replayed_from_its_inputs_to_the_same_world() -> None:
    simulator = Simulator(vendors=("callr",))
    first = open_day(simulator, moody)
    live(simulator)

    again = open_day(simulator, silent)
    again.replay(list(first.inputs))

    assert digest(again.world) == digest(first.world)
    assert len(again.world.outbox.deliveries) > 10


def test_a_script_reads_what_it_fetched() -> None:
    simulator = Simulator(vendors=("callr",))
    open_day(simulator, moody)

    run = live(simulator)

    variables = (ask(simulator, "GET", run).json or {})["variables"]
    assert variables["$told"] == "got 7"
