"""A clinic's client at Callo, well-behaved unless told otherwise, and the scenario that judges it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from socket import socket
from threading import Event, Lock
from urllib.parse import urlencode

from simulator import Simulator
from simulator.engine.verification import verdicts_on
from simulator.exchange import Request
from simulator.scenario.loading import load_text
from simulator.verdicts.findings import Verdict
from tests.acceptance.stage_hands import API, Stranger
from tests.web.receiver import OK, receiving

NO = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
ANN, BEN, CAT, DAN, EVE, FAY = (f"+44770090099{digit}" for digit in range(6))

SCENARIO = """
sim: 1
title: Reminders
seed: 3
clock: {{at: 2026-03-02T10:00, zone: Europe/London, mode: {clock}}}
accounts:
  clinic:
    vendors: [callo]
    key: 0123456789abcdef0123456789abcdef
    balance: 100.00
    campaigns:
      - name: Reminders
        type: free_text
        text: Press one to come.
        menu: {{keys: {{"1": {{label: comes}}}}, words: {{"yes": {{label: comes}}}}}}
        retry: {{attempts: 2, after: 1m}}
        postbacks:
          finished: {{url: "{url}?call={{ct_call_id}}&phone={{ct_phone}}"}}
          no_answer: {{url: "{url}?call={{ct_call_id}}&phone={{ct_phone}}"}}
people:
  - {{number: "{ann}", persona: presses}}
  - {{number: "{ben}", persona: says}}
  - {{number: "{cat}", persona: away, zone: Asia/Tokyo}}
  - {{number: "{dan}", persona: presses}}
  - {{number: "{eve}", persona: away}}
  - {{number: "{fay}", persona: away}}
personas:
  presses: {{attempts: [answered], ring: 5s, talk: 30s, press: "1"}}
  says: {{attempts: [answered], ring: 5s, talk: 30s, says: "yes"}}
  away: {{attempts: [no_answer], ring: 20s}}
limits:
  - {{where: callo.add_call, allow: 2 per 10s}}
  - {{where: callo.*, allow: 1000 per 1s}}
{more}
expect:
{expect}
"""

EXPECT = f"""
  - call: {{to: "{ANN}", outcome: answered, pressed: "1", attempts: 1}}
  - call: {{to: "{BEN}", said: "yes"}}
  - calls: {{per_number: at most 3, outside: {{hours: "08:00-20:00", zone: Europe/London}}}}
  - calls: {{no_answer: at most 40%}}
  - calls: {{answered: at least 50%, of: people}}
  - hook: {{event: call.finished, delivered: at least 3, within: 2m}}
  - hooks: {{handled_once: true, slowest: 1m}}
  - client: {{where: callo.*, honours: retry_after, double_dials: 0}}
  - client: {{where: callo.*, refused: at most 20%, polls: at most 1 per 30s}}
  - contract: {{violations: 0}}
  - coverage: {{callo: 10%}}
  - real_time: at most 5s
"""


@dataclass
class Clinic:
    """A client: it reminds people, and calls whoever rang in vain by what callbacks tell it."""

    desk: Stranger
    read: int = 0
    handled: set[bytes] = field(default_factory=set)
    forgetful: bool = False
    lazy: bool = False
    deaf: timedelta = timedelta(0)

    @property
    def campaign(self) -> int:
        return int(self.desk.credentials["campaign_id"])

    def remind(self, phone: str, **more: str) -> int:
        """Ask for a call and return the status."""
        return self.desk.call(phone, campaign_id=self.campaign, **more).status_code

    def request(self, phone: str) -> Request:
        """Return the request by which a call is asked for, to be answered whenever a test says."""
        form = {
            "public_key": self.desk.credentials["public_key"],
            "campaign_id": self.campaign,
            "phone": phone,
        }
        kind = (("Content-Type", "application/x-www-form-urlencoded"),)
        return Request("POST", f"{API}/phones/call/", "", kind, urlencode(form).encode())

    def remind_all(self) -> None:
        """Remind three people; the third one after the wait that the limit asks for."""
        assert [self.remind(phone) for phone in (ANN, BEN)] == [200, 200]
        assert self.remind(CAT) == 429
        self.desk.advance(seconds=10)
        assert self.remind(CAT) == 200

    def look(self, times: int = 3, seconds: int = 60) -> None:
        """Ask how the campaign goes, again and again."""
        for _ in range(times):
            self.desk.get("phones/all_calls", campaign_id=self.campaign)
            self.desk.advance(seconds=seconds)

    def hear(self, requests: list[bytes]) -> bytes:
        """Take callbacks: once Ann has answered, Dan is called, however often that is told."""
        deaf = self.desk.sandbox.world.age < self.deaf
        for call in re.findall(rb"call=([0-9]+)&phone=%%2B%s" % ANN[1:].encode(), b" ".join(requests)):
            if not self.lazy and (self.forgetful or call not in self.handled):
                self.handled.add(call)
                self.remind(DAN)
        return NO if deaf else OK

    def work(self) -> None:
        """Do a day's work, and well; in the end every callback comes once more."""
        self.remind_all()
        self.look(12)
        self.hear_again()

    def hear_again(self) -> None:
        for delivery in list(self.desk.sandbox.world.outbox.deliveries):
            self.desk.sandbox.act("resend", delivery=delivery)
        self.desk.advance(minutes=2)


@contextmanager
def clinic(expect: str = EXPECT, more: str = "", clock: str = "virtual") -> Iterator[Clinic]:
    """Open a clinic in a world of its own, with a real receiver for its callbacks."""
    clients: list[Clinic] = []
    reading = Lock()

    def answer(connection: socket, _over: Event) -> None:
        with reading:
            requests = receiver.requests[clients[0].read :]
            clients[0].read += len(requests)
        connection.sendall(clients[0].hear(requests))

    with receiving(answer) as receiver:
        simulator = Simulator(vendors=("callo",), profile="local")
        numbers = {"ann": ANN, "ben": BEN, "cat": CAT, "dan": DAN, "eve": EVE, "fay": FAY}
        text = SCENARIO.format(url=receiver.url("/done"), expect=expect, more=more, clock=clock, **numbers)
        simulator.worlds.open("main", load_text(text.encode(), "clinic.yaml"))
        clients.append(Clinic(Stranger(simulator)))
        yield clients[0]
        simulator.close()


def verdicts(client: Clinic, seconds: float | None = 1.0) -> list[Verdict]:
    """Judge a client whose run took so many seconds."""
    took = None if seconds is None else timedelta(seconds=seconds)
    return verdicts_on(client.desk.simulator.worlds, client.desk.sandbox, took)


def outcomes(client: Clinic) -> dict[str, list[str]]:
    """Return what was expected, by what became of it."""
    by_outcome: dict[str, list[str]] = {}
    for verdict in verdicts(client):
        by_outcome.setdefault(verdict.outcome, []).append(verdict.expected)
    return by_outcome
