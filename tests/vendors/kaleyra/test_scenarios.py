"""Kaleyra's own scenarios do what their titles say."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.scenario.files import list_scenarios
from tests.scenario.files import scenario_of
from tests.web.receiver import OK, Receiver, answering, receiving

NUMBERS = ",".join(f"9666600{place:03}" for place in range(200))


def play(name: str) -> Simulator:
    return Simulator(vendors=("kaleyra",), scenario=f"kaleyra/{name}", profile="local")


def heard_by(receiver: Receiver) -> Counter[str]:
    """Return how often each call was told of."""
    return Counter(raw.decode().split()[1].partition("id=")[2] for raw in receiver.requests)


def ask(simulator: Simulator, **fields: str) -> Any:
    key = simulator.worlds.credentials("kaleyra")["api_key"]
    answer = Client(simulator).post(
        "/kaleyra/v1/", data={**fields, "format": "json"}, headers={"x-api-key": key}
    )
    answer.close()  # callbacks wait until the answer has left
    return answer.json


def let_pass(sandbox: Sandbox, **length: float) -> None:
    sandbox.advance(sandbox.world.clock.now + timedelta(**length))


def test_a_call_centres_day_has_calls_both_ways() -> None:
    simulator = play("call_centre")
    agent = {"caller": "9444400001", "receiver": "9555500001", "return": "1"}
    ref = ask(simulator, method="dial.click2call", **agent)["data"]["id"]
    let_pass(simulator.worlds.sandbox(), hours=9)
    incoming = ask(simulator, method="dial")["data"]
    (row,) = ask(simulator, method="dial.c2cstatus", id=ref)["data"]

    assert (row["agent"], row["status"], row["status2"]) == ("Asha Rao", "ANSWER", "NOANSWER")
    assert [call["callfrom"] for call in incoming] == ["9555500012", "9555500099", "9555500011", "9555500010"]
    assert [call["status"] for call in incoming] == ["ANSWER", "BLOCKED", "ANSWER", "ANSWER"]
    assert ask(simulator, method="monitor")["data"]["incidents"][0]["type"] == "warning"


def test_an_ivr_of_the_scenario_is_known_by_its_name() -> None:
    simulator = play("call_centre")
    ask(simulator, method="dial.click2call", caller="9444400001", receiver="ivr:1234")
    (call,) = simulator.worlds.sandbox().world.calls

    assert call.order.script
    assert call.order.script.opening.text == "Welcome to the clinic."


def test_a_campaigns_callbacks_are_lost_and_doubled_but_its_group_tells_all() -> None:
    simulator = play("obd_campaign")
    with receiving(answering(OK)) as receiver:
        hook = receiver.url("/?id={obdid}")
        started = {"numbers": NUMBERS, "play": "1.sound", "return": "1", "callback": hook}
        group = ask(simulator, method="voice.call", **started)["data"]["id"].partition("-")[0]
        let_pass(simulator.worlds.sandbox(), hours=2)
        simulator.close()
    rows = ask(simulator, method="voice.groupstatus", groupid=group)["data"]

    counts = heard_by(receiver)
    assert 180 < len(counts) < 200 < counts.total()
    assert max(counts.values()) == 2
    assert "SENT" not in {row["status"] for row in rows.values()}
    assert len(rows) == 200


def test_a_group_is_called_and_the_registered_are_told_apart() -> None:
    simulator = play("obd_campaign")
    ref = ask(simulator, method="voice.call", group="Members", play="1.sound", **{"return": "1"})["data"][
        "id"
    ]
    let_pass(simulator.worlds.sandbox(), hours=2)
    rows = ask(simulator, method="voice.groupstatus", groupid=ref.partition("-")[0])["data"]

    assert [row["mobile"] for row in rows.values()] == [f"955550000{nth}" for nth in (1, 2, 3, 4)]
    assert rows["2"]["status"] == "DNDNUMB"


LIMITED = """
clock: {at: 2026-03-02T10:00}
accounts: {sender: {vendors: [kaleyra], balance: 10.00}}
limits:
  - where: kaleyra.*
    allow: 1 per 1m
    reply:
      status: 429
      headers: {Retry-After: "60"}
      body:
        application/json: '{"status":"E429","message":"slow"}'
        application/xml: <api><status>E429</status></api>
        text/html: "Array ( [status] => E429 )"
        "*": slow down
"""
SLOW = {
    "json": b'{"status":"E429","message":"slow"}',
    "xml": b"<api><status>E429</status></api>",
    "php": b"Array ( [status] => E429 )",
    "text": b"slow down",
    "jsonp": b"slow down",
}


def test_a_limit_that_the_vendor_words_is_marked_with_how_sure_the_words_are() -> None:
    simulator = play("obd_campaign")
    query = {
        "method": "voice.groupstatus",
        "groupid": "1",
        "api_key": simulator.worlds.credentials("kaleyra")["api_key"],
    }
    _, answer = [Client(simulator).get("/kaleyra/v1/", query_string=query) for _ in range(2)]

    assert answer.data == b"status=E640\nmessage=Too many requests\n"
    rule = answer.headers["X-Simulator-Rule"]
    assert re.fullmatch(
        r"limit: kaleyra/obd_campaign\.yaml:\d+, too_many_requests \[inferred\]; time stands.*", rule
    )


@pytest.mark.parametrize("form", SLOW)
def test_a_scenario_chooses_the_body_of_its_limit_in_each_format(form: str) -> None:
    simulator = Simulator(vendors=("kaleyra",))
    simulator.worlds.open("main", scenario_of(LIMITED))
    query = {
        "method": "voice.status",
        "id": "1-1",
        "format": form,
        "api_key": simulator.worlds.credentials("kaleyra")["api_key"],
    }
    _, answer = [Client(simulator).get("/kaleyra/v1/", query_string=query) for _ in range(2)]

    assert (answer.status_code, answer.data, answer.headers["Retry-After"]) == (429, SLOW[form], "60")
    assert answer.headers["X-Simulator-Rule"].startswith("scenario: limit mine.yaml:6; time stands still")
    assert [exchange.violations for exchange in simulator.worlds.sandbox().recorder.journal][1] == ()


@pytest.mark.parametrize("name", [name for name in list_scenarios() if name.startswith("kaleyra/")])
def test_the_same_scenario_has_the_same_fates_again(name: str) -> None:
    runs = []
    for _ in range(2):
        simulator = play(name.partition("/")[2])
        ask(simulator, method="voice.call", numbers=NUMBERS, play="1.sound")
        let_pass(simulator.worlds.sandbox(), hours=1)
        runs.append([(call.ref, call.ending, call.cost) for call in simulator.worlds.sandbox().world.calls])

    assert runs[0] == runs[1]
