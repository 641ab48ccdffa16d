"""The scenarios of no single vendor, each played to its end under `check --strict` by a real client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import run

CLIENT = """
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlencode
from urllib.request import Request, urlopen

API = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/"
KEY, CAMPAIGN = os.environ["CALLO_PUBLIC_KEY"], os.environ["CALLO_CAMPAIGN_ID"]

class Receiver(BaseHTTPRequestHandler):
    taken = []

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.taken.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *line):
        pass

def receive():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/taken"

def post(path, **fields):
    form = urlencode({"public_key": KEY, "campaign_id": CAMPAIGN, **fields}).encode()
    with urlopen(API + path, form) as answer:
        return json.load(answer)

def advance(**length):
    body, kind = json.dumps(length).encode(), {"Content-Type": "application/json"}
    urlopen(Request(os.environ["SIMULATOR_URL"] + "/_simulator/v1/clock/advance", body, kind)).close()
"""


EXPLORE = """
from http.client import HTTPException
from urllib.error import HTTPError

def ask(verb, path, **fields):
    # until the door is open, a second apart or as long as the vendor says; None where no answer comes
    form = urlencode({"public_key": KEY, **fields})
    url, body = (API + path, form.encode()) if verb == "POST" else (f"{API}{path}?{form}", None)
    while True:
        advance(by="1s")
        try:
            with urlopen(Request(url, body, method=verb), timeout=8) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code not in (429, 503):
                return error.read().decode()
            advance(by=error.headers.get("Retry-After", "1") + "s")
        except (OSError, HTTPException, ValueError):
            return None

def since(*names):
    return dict.fromkeys(names, "2026-03-01 00:00:00")

STRANGE = {"campaign_id": 1, "phone": "+447700900999"}
for name in ("call", "confirm", "tellcode", "flashcall"):
    code = {"pincode": "1234"} if name in ("confirm", "tellcode") else {}
    ask("POST", f"phones/{name}/", **STRANGE, **code)
ask("POST", "phones/append/calls/", campaign_id=1, phones="+447700900999")
ask("POST", "phones/remove_call/", **STRANGE)
ask("POST", "phones/remove_call/", **{**STRANGE, "campaign_id": CAMPAIGN})
ask("POST", "phones/stoplist/", phone="+447700900999")
for path, fields in (
    ("phones/call_by_id/", {"call_id": 1}),
    ("phones/calls_by_phone/", STRANGE),
    ("phones/calls_by_phone/", {**STRANGE, "campaign_id": CAMPAIGN}),
    ("phones/all_calls/", {"campaign_id": 1, **since("from_created_date", "to_created_date")}),
    ("phones/calls_by_label/", {"campaign_id": 1, "label": "unheard"}),
    ("phones/camp_stats/", {"campaign_id": 1, **since("from_date", "to_date")}),
    ("phones/cost/", {"campaign_id": 1}),
    ("phonelists/call_ids_by_phonelist/", {"campaign_id": 1, "phonelist_id": 1}),
    ("audio/info/", {"audioclip_id": 1}),
    ("campaigns/", {"mode": "all"}),
    ("users/balance/", {}),
):
    ask("GET", path, **fields)
"""


def played(scenario: str, play: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a client of Callo in a scenario, whose `run` follows it and whose `expect` is judged."""
    file = folder / "client.py"
    file.write_text(CLIENT + play)
    arguments = ("--strict", "--vendor", "callo", "--clock", "virtual", "--scenario", scenario, *options)
    return run("check", *arguments, "--", sys.executable, str(file))


def test_a_reminder_is_confirmed_by_a_key_and_its_webhook_is_taken(tmp_path: Path) -> None:
    play = """
post("phones/call/", phone="+447700900310", ivr_lvl_1_btn_1_webhook=receive())
advance(until="idle")
print("taken", len(Receiver.taken))
"""
    done = played("happy", play, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "taken 1" in done.stdout
    assert "expected: 5 kept" in done.stdout


def test_a_client_that_calls_somebody_else_does_not_keep_the_reminder(tmp_path: Path) -> None:
    done = played("happy", 'post("phones/call/", phone="+447700900300")', tmp_path)

    assert done.returncode == 1
    assert "broken: happy.yaml" in done.stdout


def test_a_campaign_reaches_its_people_in_three_days_over_an_outage_and_without_money(tmp_path: Path) -> None:
    play = """
people = ["+447700900999", *(f"+447700900{place:03}" for place in range(500))]
post("phones/append/calls/", phones="\\n".join(people))
"""
    done = played("campaign", play, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "of 501 people" in done.stdout
    assert "expected: 7 kept" in done.stdout


@pytest.mark.parametrize(("again", "code"), [("GET", 0), ("POST", 1)])
@pytest.mark.thorough
def test_on_a_weak_network_only_who_looks_up_what_was_lost_dials_once(
    again: str, code: int, tmp_path: Path
) -> None:
    path = {"GET": "phones/calls_by_phone/", "POST": "phones/call/"}[again]
    play = f"""
order = {{"campaign_id": CAMPAIGN, "phone": "+447700900310"}}
lost = ask("POST", "phones/call/", **order, ivr_lvl_1_btn_1_webhook=receive()) is None
ask("{again}", "{path}", **order)
advance(by="20m")
print("lost" if lost else "answered", len(set(Receiver.taken)))
"""
    done = played("flaky", EXPLORE + play, tmp_path, "--allow-refused")

    assert done.returncode == code, done.stdout + done.stderr
    assert "lost 1" in done.stdout
    assert ("broken: flaky.yaml" in done.stdout) is bool(code)
