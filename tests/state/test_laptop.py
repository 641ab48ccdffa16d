"""A laptop's `serve --state FILE` is killed while a campaign dials and callbacks are on their way."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.serving_process import PATIENCE
from tests.state.histories import History
from tests.state.replica import Replica, wait_until
from tests.state.torture import FORM, KEY, receiver

API = "/callo/manager/cabapi_external/api/v1"
NUMBERS = [f"+4477009005{number:02}" for number in range(40)]
SCENARIO = """
sim: 1
title: A campaign of a minute or two, three lines, each tried twice
seed: 7
clock: {{at: 2026-03-02T10:00, zone: Europe/London}}
limits: [{{where: callo.*, allow: 1000000 per 1s}}]
strangers: second_time
personas:
  second_time: {{attempts: [busy, answered], ring: 5s, talk: 10s}}
accounts:
  clinic:
    vendors: [callo]
    key: {key}
    balance: 1000000.00
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day.
        lines: 3
        retry: {{attempts: 3, after: 30s}}
        postbacks: {{finished: {{url: "{url}/done?id={{ct_call_id}}"}}}}
"""


class Client:
    """What a developer's client knows of the simulator: where it is, its key and its campaign."""

    def __init__(self, server: Replica) -> None:
        self.server = server
        campaign = server.ready["credentials"]["callo"]["campaign_id"]
        self.given = {"public_key": KEY, "campaign_id": campaign}

    def ask(self, method: str, path: str, body: str = "", kind: dict[str, str] = FORM) -> bytes:
        line = HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        line.request(method, path, body, kind)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        assert answer.status == 200, content
        return content

    def post(self, path: str, **form: str) -> Any:
        return json.loads(self.ask("POST", f"{API}{path}", urlencode({**self.given, **form})))

    def calls(self) -> dict[int, Any]:
        asked = urlencode({**self.given, "phones": ",".join(NUMBERS)})
        listed = json.loads(self.ask("GET", f"{API}/phones/calls_by_phone/?{asked}"))
        return {int(call["call_id"]): call for call in listed}

    def recording(self, url: str) -> bytes:
        parts = urlsplit(url)
        return self.ask("GET", f"{parts.path}?{parts.query}")

    def let_pass(self, length: str) -> None:
        kind = {"Content-Type": "application/json"}
        self.ask("POST", "/_simulator/v1/clock/advance", json.dumps({"by": length}), kind)


def test_calls_a_campaign_recordings_and_callbacks_go_on_after_a_kill(tmp_path: Path) -> None:
    history = History()
    with receiver(history) as url:
        scenario = tmp_path / "campaign.yaml"
        scenario.write_text(SCENARIO.format(key=KEY, url=url))
        server = Replica(str(tmp_path / "worlds.sqlite"), scenario, tmp_path / "ready.json", "x60")
        server.start()
        client = Client(server)
        client.post("/phones/append/calls/", phones="\r\n".join(NUMBERS))
        wait_until(lambda: len(history.callbacks) >= 3)
        before = client.calls()
        url_of = {ref: call["recorded_audio"] for ref, call in before.items() if call["recorded_audio"]}
        sounds = {ref: client.recording(sound_url) for ref, sound_url in url_of.items()}
        server.kill()
        taken = len(history.callbacks)
        server.start()
        after = client.calls()
        again = {ref: client.recording(sound_url) for ref, sound_url in url_of.items()}
        client.let_pass("2h")
        ended = client.calls()
        server.kill()

    assert before.keys() == after.keys() == ended.keys()
    assert 0 < taken < len(NUMBERS) == len(ended)
    assert sounds == again != {}
    assert {call["status_display"] for call in ended.values()} == {"Finished successfully"}
    assert {*history.callbacks} == ended.keys()
