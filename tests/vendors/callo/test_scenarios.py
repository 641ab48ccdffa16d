"""The scenarios that ship for Callo: each of their people meets the end that the file describes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator import Simulator
from tests.acceptance.stage_hands import Stranger
from tests.command_line import run
from tests.source_tree import SCENARIOS
from tests.web.receiver import OK, answering, receiving

OPERATIONS = {"tellcode": "tellcode", "flashcall": "flashcall"}
ENDS = {
    "+447700900101": ["pincode_ok", "pincode_ok", "pincode_ok", "compl_finished", "compl_finished"],
    "+447700900102": ["pincode_nook", "pincode_nook", "pincode_ok", "compl_finished", "compl_finished"],
    "+447700900103": ["compl_nofinished", "compl_nofinished", "expires", "compl_finished", "compl_finished"],
}
"""How a call to each of the people ends, in the order of the file's campaigns."""

CLIENT = """
import json, os, urllib.parse, urllib.request

def ask(name, **fields):
    form = {"public_key": os.environ["CALLO_PUBLIC_KEY"], **fields}
    url = f"{os.environ['CALLO_API_URL']}/phones/{name}/"
    return json.load(urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()))

def wait(length):
    url = os.environ["SIMULATOR_URL"] + "/_simulator/v1/clock/advance"
    kind = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps({"by": length}).encode(), kind))
"""
VERIFIES = """
for kind, name in [("PINCODE", "confirm"), ("PINCODE_SHORT", "confirm"), ("PINCODE_INCOMING", "confirm"),
                   ("TELLCODE", "tellcode"), ("FLASHCALL", "flashcall")]:
    for phone in ("+447700900101", "+447700900102", "+447700900103"):
        ask(name, campaign_id=os.environ["CALLO_CAMPAIGN_ID_" + kind], phone=phone)
    wait("20m")
"""
REMINDS = """
for nth in range(12):
    ask("call", campaign_id=os.environ["CALLO_CAMPAIGN_ID"], phone=f"+4479111234{nth:02}")
wait("1h")
"""


def end_of(client: Stranger, kind: str, phone: str) -> str:
    """Return the status of a verification, twenty minutes later."""
    known = {"campaign_id": client.campaign(kind), "phone": phone}
    answer = client.post(f"phones/{OPERATIONS.get(kind, 'confirm')}", **known)
    client.advance(minutes=20)
    rows = client.get("phones/calls_by_phone", **known).json
    assert answer.status_code == 200
    assert rows
    return str(rows[0]["status"])


@pytest.mark.parametrize("phone", ENDS)
def test_each_of_the_people_with_codes_ends_as_described(phone: str) -> None:
    simulator = Simulator(vendors=("callo",))
    simulator.worlds.open("main", "callo/codes")
    client = Stranger(simulator)

    assert [end_of(client, kind, phone) for kind in client.credentials["campaigns"]] == ENDS[phone]


def test_the_people_with_orders_keep_them_or_are_missed_twice() -> None:
    simulator = Simulator(vendors=("callo",))
    simulator.worlds.open("main", "callo/postbacks")
    client = Stranger(simulator)
    for nth in range(20):
        client.post("phones/call", campaign_id=client.campaign(), phone=f"+4479111234{nth:02}")
        client.advance(seconds=1)
    client.advance(hours=1)

    rows = client.get("phones/all_calls", campaign_id=client.campaign(), expand=1).json or []
    ends = {(row["call_status"], row["button_num"], bool(row["ivr_data"])) for row in rows}

    assert ends == {("user", 1, True), ("attempts_exc", None, False)}
    assert {row["ivr_data"][0]["sms_text"] for row in rows if row["ivr_data"]} == {"See you soon."}
    assert {len(row["attempts"]) for row in rows if row["call_status"] == "attempts_exc"} == {2}


@pytest.mark.parametrize(("scenario", "traffic"), [("codes", VERIFIES), ("postbacks", REMINDS)])
def test_a_shipped_scenario_keeps_its_contract_with_traffic(
    tmp_path: Path, scenario: str, traffic: str
) -> None:
    file, played = tmp_path / "client.py", tmp_path / f"{scenario}.yaml"
    file.write_text(CLIENT + traffic)
    text = (SCENARIOS / "callo" / f"{scenario}.yaml").read_text()

    with receiving(answering(OK)) as receiver:
        played.write_text(text.replace(":9000/", f":{receiver.port}/"))
        done = run("check", "--strict", "--scenario", str(played), "--", sys.executable, str(file))

    assert "kept: no violation" in done.stdout
    assert done.returncode == 0, done.stdout
