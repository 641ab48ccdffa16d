"""Callr as a client meets it: through the whole simulator, with receivers that really listen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from socket import socket
from threading import Event
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from simulator.testing.fixtures import VendorFixture
from tests import source_tree
from tests.web.receiver import OK, PATIENCE, Receiver, answering, receiving, silent

SCENARIOS = source_tree.SCENARIOS / "callr"
REFUSED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
PHONE = "+33639980001"


def opened(name: str, *ports: int) -> Simulator:
    """Open a shipped scenario, its receivers at these ports instead of 9000 and those that follow."""
    text = Path(SCENARIOS / f"{name}.yaml").read_text()
    for place, port in enumerate(ports):
        text = text.replace(f"hook.localhost:{9000 + place}/", f"hook.localhost:{port}/")
    simulator = Simulator(vendors=("callr",), profile="local")
    simulator.worlds.open("main", load_text(text.encode(), f"{name}.yaml"))
    be_patient(simulator, PATIENCE)
    return simulator


def be_patient(simulator: Simulator, seconds: float) -> None:
    """Say how long receivers have to answer from now on."""
    for account in simulator.worlds.sandbox().world.accounts.values():
        account.profile = {**account.profile, "patience": str(seconds)}


def ask(simulator: Simulator, verb: str, path: str, body: Any = None, **options: Any) -> TestResponse:
    key = simulator.worlds.credentials("callr")["api_key"]
    headers = {"x-api-key": key, **options.pop("headers", {})}
    return Client(simulator).open(
        f"/callr/v2.0{path}", method=verb, json=body, headers=headers, buffered=True, **options
    )


def advance(simulator: Simulator, **length: float) -> None:
    sandbox = simulator.worlds.sandbox()
    sandbox.advance(sandbox.world.clock.now + timedelta(**length))


@contextmanager
def playing(name: str, *scripts: bytes) -> Iterator[tuple[Simulator, list[Receiver]]]:
    """Open a scenario whose receivers answer with these bytes."""
    if len(scripts) == 1:
        with receiving(answering(scripts[0])) as receiver:
            yield opened(name, receiver.port), [receiver]
        return
    with receiving(answering(scripts[0])) as first, receiving(answering(scripts[1])) as second:
        yield opened(name, first.port, second.port), [first, second]


@pytest.mark.parametrize("host", ["callr.localhost:8070", "api.callr.com"])
def test_the_vendors_hosts_lead_to_its_root(host: str) -> None:
    simulator = Simulator(vendors=("callr",))
    key = simulator.worlds.credentials("callr")["api_key"]

    answer = Client(simulator).get("/v2.0/ping", headers={"Host": host, "x-api-key": key})

    assert (answer.status_code, answer.json and answer.json["pong"]) == (200, "pong")


def test_a_number_in_a_path_may_come_raw_or_escaped() -> None:
    simulator = Simulator(vendors=("callr",))

    answers = [ask(simulator, "GET", f"/numbers/{plus}33199001234").status_code for plus in ("+", "%2B")]

    assert answers == [200, 200]


def test_a_timeline_moves_the_level_at_which_an_account_stops() -> None:
    simulator = Simulator(vendors=("callr",))
    text = b"""
sim: 1
accounts: {mailer: {vendors: [callr], balance: 5.00}}
timeline:
  - {at: +1h, do: profile shutdown_level=500.00}
  - {at: +2h, do: top_up 1.00}
"""
    simulator.worlds.open("main", load_text(text, "mine.yaml"))
    statuses = []
    for _ in range(3):
        statuses.append(ask(simulator, "POST", f"/sms?to=%2B{PHONE[1:]}", {"text": "x"}).status_code)
        advance(simulator, hours=1)

    assert statuses == [201, 403, 201]


def test_a_script_waits_for_an_answer_as_long_as_it_says_and_no_longer() -> None:
    with receiving(silent) as receiver:
        simulator = Simulator(vendors=("callr",), profile="local")
        fetch = f"{{action: fetch@v2, params: {{url: '{receiver.url()}', timeout: 0.2}}, result: $answer}}"
        made = ask(
            simulator, "POST", "/actions", {"name": "x", "script": f"branches: {{api-initiated: [{fetch}]}}"}
        )
        assert made.json
        path = f"/actions/{made.json['sid']}/runs"
        run = ask(simulator, "POST", path).json
        assert run

        advance(simulator, minutes=1)

        variables = (ask(simulator, "GET", f"{path}/{run['runid']}").json or {})["variables"]
        assert (variables["$answer"]["ok"], variables["$answer"]["statusText"]) == (False, "timeout")


def test_a_receiver_that_says_nothing_is_not_waited_for() -> None:
    with receiving(silent) as receiver, receiving(silent) as other:
        simulator = opened("receiver_comes_back", receiver.port, other.port)
        be_patient(simulator, 0.2)
        advance(simulator, minutes=1)

        assert tries_at(simulator, receiver) == [("timeout", None)]


def test_a_receiver_that_was_dead_hears_of_everything_when_it_is_back() -> None:
    moods = iter([b"", b"", *[OK] * 9])

    def moody(connection: socket, _over: Event) -> None:
        connection.sendall(next(moods))

    with receiving(moody) as receiver, receiving(answering(OK)) as other:
        simulator = opened("receiver_comes_back", receiver.port, other.port)
        advance(simulator, hours=2)

        tries = tries_at(simulator, receiver)
        assert tries[:3] == [("broken", None), ("broken", None), (None, 200)]
        assert [status for _, status in tries].count(200) == len(other.requests) == 4


def tries_at(simulator: Simulator, receiver: Receiver) -> list[tuple[str | None, int | None]]:
    """Return the error and status of each try to tell a receiver, oldest first."""
    log = ask(simulator, "GET", "/webhooks/logs?limit=100&order=asc").json
    assert log
    return [
        (hit["error"], hit["httpcode"])
        for hit in log["hits"]
        if hit["endpoint"] == receiver.url("/inbox", "hook.localhost")
    ]


def test_a_dead_receiver_delays_nobody_and_hears_of_everything_when_it_is_back() -> None:
    with playing("receiver_comes_back", REFUSED, OK) as (simulator, (dead, alive)):
        advance(simulator, minutes=5)
        assert len(alive.requests) == 4
        assert len(dead.requests) > 20
        log = ask(simulator, "GET", "/webhooks/logs?httpcode=500").json
        assert log
        assert log["total"] == len(dead.requests)
        hook = ask(simulator, "GET", "/webhooks?limit=100").json
        assert hook
        assert [hit["failed"] for hit in hook["hits"]] == [0, 0]


def test_a_receiver_that_stays_dead_is_switched_off() -> None:
    with playing("receiver_comes_back", REFUSED, OK) as (simulator, _):
        (account,) = simulator.worlds.sandbox().world.accounts.values()
        account.profile = {**account.profile, "disable_after": 3}

        advance(simulator, hours=2)

        hooks = ask(simulator, "GET", "/webhooks?status=disabled-system").json
        assert hooks
        assert hooks["hits"][0]["failed"] == 3


def test_a_day_is_the_same_each_time_it_is_lived() -> None:
    days = []
    for _ in range(2):
        with playing("support_line", OK) as (simulator, _):
            advance(simulator, hours=8)
            days.append(_recordings(simulator))

    assert days[0] == days[1]


def _recordings(simulator: Simulator) -> list[str]:
    return [json.dumps(hit) for hit in (ask(simulator, "GET", "/recordings").json or {})["hits"]]


FILTERS = ("", "&status=delivered", "&direction=outbound&trafficType=alerting", "&from=SMS")


@pytest.mark.parametrize("filters", FILTERS)
def test_a_hundred_thousand_messages_are_paged_without_looking_at_each_again(filters: str) -> None:
    simulator = Simulator(vendors=("callr",))
    ask(simulator, "POST", f"/sms?to=%2B{PHONE[1:]}&trafficType=alerting", {"text": "one of many"})
    advance(simulator, minutes=1)
    (account,) = simulator.worlds.sandbox().world.accounts.values()
    (message,) = account.message_log
    account.message_log._messages = rows = Pages([message])
    for _ in range(99_999):
        account.message_log.append(message)
    message.place = 0
    if filters:
        ask(simulator, "GET", f"/sms?limit=1{filters}")
    rows.end = 100

    page = ask(simulator, "GET", f"/sms?offset=99900&limit=100{filters}").json

    assert page
    assert (page["total"], page["hasMore"], len(page["hits"])) == (100_000, False, 100)


class Pages(list[Any]):
    """A list that is never walked through, and of which nothing is read from `end` on."""

    end = 100_000

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("all rows were looked at")

    def __getitem__(self, part: Any) -> Any:
        last = part.stop - 1 if isinstance(part, slice) else part
        assert last < self.end, "rows of other pages were looked at"
        return super().__getitem__(part)


def test_a_fixture_opens_the_vendor_to_a_test(callr: VendorFixture) -> None:
    session = callr.requests_session()

    answer = session.get(f"{callr.base_url}/v2.0/ping", headers={"x-api-key": callr.key})

    assert answer.json()["pong"] == "pong"


def test_the_control_api_tells_what_a_script_did_and_what_it_could_not() -> None:
    simulator = Simulator(vendors=("callr",))
    script = (
        "branches: {api-initiated: [{action: log@v1, params: {message: 'for +33612345678'}}, "
        "{action: voicebot@v1}]}"
    )
    made = ask(simulator, "POST", "/actions", {"name": "Line", "script": script})
    run = ask(simulator, "POST", f"/actions/{(made.json or {})['sid']}/runs")
    advance(simulator, minutes=1)

    (script_run,) = (Client(simulator).get("/_simulator/v1/script-runs").json or {})["script_runs"]

    assert made.headers["X-Simulator-Rule"] == "not simulated: branches.api-initiated[1]: voicebot@v1"
    assert (script_run["ref"], script_run["script"], script_run["state"]) == (
        (run.json or {})["runid"],
        "Line",
        "ended",
    )
    assert [line["kind"] for line in script_run["lines"]] == ["logged", "not simulated"]
    assert script_run["not_simulated"] == ["voicebot@v1"]
    assert "+33612345678" not in str(script_run)


@pytest.mark.parametrize(("act", "words"), [("call", {}), ("text", {"text": "Hi"})])
def test_who_calls_or_writes_to_a_number_that_nobody_owns_hears_which_are_owned(
    act: str, words: dict[str, str]
) -> None:
    simulator = Simulator(vendors=("callr",), show_numbers=True)
    path = f"/_simulator/v1/people/{PHONE}/{act}"

    answer = Client(simulator).post(path, json={"to": "+33100000001", **words})

    assert (answer.status_code, (answer.json or {})["title"]) == (409, "nobody owns it")
    assert (answer.json or {})["detail"] == (
        "no account owns +33100000001; owned: +33199001234, +33639984242"
    )


def test_the_control_api_lists_messages_and_tells_money_as_money() -> None:
    simulator = Simulator(vendors=("callr",), show_numbers=True)
    ask(simulator, "POST", f"/sms?to=%2B{PHONE[1:]}", {"text": "Hello"})
    advance(simulator, minutes=1)
    control = Client(simulator)

    (message,) = (control.get("/_simulator/v1/messages").json or {})["messages"]
    (account,) = (control.get("/_simulator/v1/accounts").json or {})["accounts"]

    assert (message["to"], message["text"], message["state"]) == (PHONE, "Hello", "delivered")
    assert [step["state"] for step in message["history"]][-1] == "delivered"
    assert (message["cost"], account["balance"]) == ("0.055", "999.945")
    ask(simulator, "POST", f"/sms?to=%2B{PHONE[1:]}", {"text": "Hello"})
    assert (control.get("/_simulator/v1/accounts").json or {})["accounts"][0]["balance"] == "999.89"


def test_who_opens_a_world_is_told_the_keys_that_open_it() -> None:
    client = Client(Simulator(vendors=("callr",)))

    made = client.post("/_simulator/v1/worlds", json={"name": "mine", "scenario": "callr/support_line"})
    key = (made.json or {})["credentials"]["callr"]["api_key"]

    answer = client.get("/@mine/callr/v2.0/numbers", headers={"x-api-key": key})
    assert (answer.status_code, (answer.json or {})["total"]) == (200, 2)


def test_somebody_calls_and_writes_at_a_testers_word() -> None:
    simulator = Simulator(vendors=("callr",))
    control, own = Client(simulator), simulator.worlds.credentials("callr")["number"]

    call = control.post(f"/_simulator/v1/people/{PHONE}/call", json={"to": own})
    text = control.post(f"/_simulator/v1/people/{PHONE}/text", json={"to": own, "text": "Hi"})

    assert (call.status_code, text.status_code) == (200, 200)
    page = ask(simulator, "GET", "/sms?direction=inbound").json
    assert page
    assert page["hits"][0]["body"]["text"] == "Hi"
