"""A simulator with one account, one postback and one caller-in, and the control plane in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from tests.state.digest import digest

KEY = "0123456789abcdef" * 2
ANSWERS_AND_PRESSES_ONE = "+447700900310"
API = "/manager/cabapi_external/api/v1/phones"

SCENARIO = f"""
sim: 1
title: One clinic
seed: 7
clock: {{at: 2026-03-02T10:00, zone: Europe/London}}
strangers: listens
personas:
  listens: {{attempts: [answered], ring: 8s, talk: 40s}}
  hesitates: {{attempts: [no_answer], ring: 30s}}
people:
  - {{number: "+447700900999", persona: hesitates}}
accounts:
  clinic:
    vendors: [callo]
    key: {KEY}
    balance: 100.00
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day.
        postbacks: {{finished: {{url: "http://hooks.test/done?phone={{ct_phone}}"}}}}
      - {{name: Codes, type: pincode_incoming}}
faults:
  - {{where: callo.camp_stats, when: first 2 per number, do: slow 2s..8s}}
run: [advance 1m]
expect:
  - call: {{to: "+447700900999", outcome: no_answer}}
  - contract: {{violations: 0}}
  - real_time: at most 5s
"""

EXAMPLES = {
    "name": "other",
    "exchange": "main-1",
    "vendor": "callo",
    "delivery": "delivery-1",
    "fault": "control:1",
    "number": ANSWERS_AND_PRESSES_ONE,
    "call": "callo:1",
    "campaign": "callo:1",
    "snapshot": "noon",
    "case": "CALLO-1.1",
}


@dataclass
class Room:
    """A simulator and a client of its control plane."""

    simulator: Simulator
    http: Client

    def ask(self, verb: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request to the control plane; `body` goes as JSON."""
        return self.http.open(f"/_simulator{path}", method=verb, json=body, **more)

    def get(self, path: str) -> Any:
        """Return what a path shows; it must show something."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def do(self, verb: str, path: str, body: Any = None) -> Any:
        """Return what came of a request that must succeed."""
        answer = self.ask(verb, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Return the status and the problem of a request that must fail."""
        answer = self.ask(verb, path, body)
        assert answer.content_type == "application/problem+json", answer.text
        problem: dict[str, Any] = answer.json or {}
        assert problem["status"] == answer.status_code
        return answer.status_code, problem

    def campaign(self, name: str) -> int:
        """Return a campaign's reference."""
        (account,) = self.get("/v1/accounts")["accounts"]
        ref: int = next(campaign["ref"] for campaign in account["campaigns"] if campaign["name"] == name)
        return ref

    def call(self, phone: str = ANSWERS_AND_PRESSES_ONE, campaign: str = "Reminders", **more: str) -> Any:
        """Place a call as a client of the vendor would."""
        path = "confirm" if campaign == "Codes" else "call"
        form = {"public_key": KEY, "campaign_id": self.campaign(campaign), "phone": phone, **more}
        return self.http.post(f"/callo{API}/{path}/", data=form, buffered=True)

    @property
    def state(self) -> str:
        """A fingerprint of every open world."""
        return " ".join(digest(sandbox.world) for sandbox in self.simulator.worlds)

    def routes(self) -> list[tuple[str, str]]:
        """Return every verb and path of the URL map, with examples for its variables."""
        return [
            (verb, re.sub(r"<(?:path:)?(\w+)>", lambda variable: EXAMPLES[variable[1]], rule.rule))
            for rule in self.simulator.url_map.iter_rules()
            if rule.endpoint.startswith("control.")
            for verb in sorted(rule.methods or ())
        ]


def open_room(**settings: Any) -> Iterator[Room]:
    """Open a simulator for a test and close it afterwards."""
    with closing(Simulator(vendors=("callo",), **settings)) as simulator:
        simulator.worlds.open("main", load_text(SCENARIO.encode(), "clinic.yaml"))
        yield Room(simulator, Client(simulator))
