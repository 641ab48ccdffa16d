"""`simulator check` with the scenarios that ship: a client that behaves keeps every word of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import run

HEAD = """
import json, os, threading, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

BASE = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/"
WHO = {"public_key": os.environ["CALLO_PUBLIC_KEY"], "campaign_id": os.environ["CALLO_CAMPAIGN_ID"]}

def ask(path, form):
    return json.load(urllib.request.urlopen(BASE + path, urllib.parse.urlencode(WHO | form).encode()))
"""

REMINDER = """
heard = threading.Event()

class Receiver(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        heard.set()

    def log_message(self, *told):
        pass

server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
webhook = f"http://127.0.0.1:{server.server_port}/confirmed"
ask("phones/call/", {"phone": "+447700900310", "ivr_lvl_1_btn_1_webhook": webhook})
assert heard.wait(60)
server.shutdown()
"""

SALE = """
numbers = [f"+447700900{number:03}" for number in range(500)] + ["+447700900999"]
assert ask("phones/append/calls/", {"phones": chr(10).join(numbers)})["calls_count"] == 501
"""


def checked(folder: Path, client: str, *options: str) -> tuple[int, list[str]]:
    """Run a client under `check` and return the exit code and what was said of the scenario."""
    file = folder / "client.py"
    file.write_text(HEAD + client)
    done = run("check", *options, "--", sys.executable, str(file))
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    return done.returncode, [line for line in lines if ".yaml:" in line or line.startswith("expected")]


@pytest.mark.parametrize(("scenario", "client", "words"), [("happy", REMINDER, 5), ("campaign", SALE, 7)])
def test_a_client_that_behaves_keeps_a_scenario_that_ships(
    tmp_path: Path, scenario: str, client: str, words: int
) -> None:
    code, lines = checked(tmp_path, client, "--scenario", scenario)

    assert (code, lines[-1]) == (0, f"expected: {words} kept"), lines
    assert len(lines) == words + 1


def test_a_client_that_does_nothing_breaks_it(tmp_path: Path) -> None:
    code, lines = checked(tmp_path, "", "--scenario", "happy")

    assert code == 2
    assert lines[0].startswith('broken: happy.yaml:28 call: {to: "+447700900310"')


def test_a_scenario_that_nobody_named_expects_nothing(tmp_path: Path) -> None:
    assert checked(tmp_path, 'ask("phones/call/", {"phone": "+447700900102"})') == (0, [])


def test_the_steps_are_done_after_the_command_has_ended(tmp_path: Path) -> None:
    words = '[{call: {to: "+447700900310", outcome: answered}}, {real_time: at most 10m}]'
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(
        f"sim: 1\nextends: happy\nclock: {{mode: frozen}}\nrun: [advance 2m]\nexpect: {words}\n"
    )
    client = 'ask("phones/call/", {"phone": "+447700900310"})'
    code, lines = checked(tmp_path, client, "--clock", "frozen", "--scenario", str(scenario))

    assert (code, lines[-1]) == (0, "expected: 2 kept")


WORLDS = """
control = os.environ["SIMULATOR_URL"] + "/_simulator/v1/worlds"
body = json.dumps({"name": "mine", "scenario": "happy"}).encode()
urllib.request.urlopen(urllib.request.Request(control, body, {"Content-Type": "application/json"}))
BASE = BASE.replace("/callo/", "/@mine/callo/")
ask("phones/call/", {"phone": "+447700900102"})
"""


def test_a_world_that_the_client_used_is_judged_and_not_the_one_it_left_alone(tmp_path: Path) -> None:
    code, lines = checked(tmp_path, WORLDS, "--scenario", "happy")

    assert code == 1
    assert len([line for line in lines if "contract" in line]) == 1
