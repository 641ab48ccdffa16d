"""A customer of Callo at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from simulator.conformance.checks import check_delivery
from simulator.conformance.contract import load_contract
from simulator.exchange import Answer, CallbackRequest, Request, Violation
from simulator.telephony.campaigns import Campaign
from simulator.telephony.limits import Limit
from simulator.telephony.people import Persona
from simulator.telephony.world import Rules, World
from simulator.vendors.callo import vendor
from tests.vendors.customers import FORM, MULTIPART, START, Customer, crowd_of, multipart

KEY = "0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8070/callo"
API = "/manager/cabapi_external/api/v1"
PHONE = "+447700900001"  # always answered

CONTRACT = load_contract("callo")


@dataclass
class Desk(Customer):
    """One account in one world; every parameter is sent as text."""

    base: str = BASE
    findings: list[Violation] = field(default_factory=list)

    def accusations(self) -> list[tuple[str, str]]:
        """Return what the judge has found in the customer's requests so far: code and place."""
        return [(finding.code, finding.where) for finding in self.findings]

    def campaign(self, kind: str = "free_text") -> Campaign:
        return next(campaign for campaign in self.account.campaigns.values() if campaign.kind == kind)

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"", kind: str = FORM) -> Answer:
        request = Request(method, path, query, (("Content-Type", kind),), body, base=self.base)
        answer = self.send(request)
        self.findings += self.accused
        return answer

    def get(self, name: str, **parameters: object) -> Answer:
        return self.ask("GET", f"{API}/{name}/", urlencode({"public_key": KEY, **parameters}))

    def post(self, name: str, **parameters: object) -> Answer:
        body = urlencode({"public_key": KEY, **parameters}).encode()
        return self.ask("POST", f"{API}/{name}/", body=body)

    def upload(self, name: str, files: Mapping[str, tuple[str, bytes]], **parameters: object) -> Answer:
        body = multipart({"public_key": KEY, **parameters}, files)
        return self.ask("POST", f"{API}/{name}/", body=body, kind=MULTIPART)

    def fetch(self, url: str) -> Answer:
        path, _, query = url.removeprefix(self.base).partition("?")
        return self.ask("GET", path, query)

    def call(self, phone: object = PHONE, **parameters: object) -> Any:
        ref = self.campaign().ref
        return read(self.post("phones/call", **{"campaign_id": ref, "phone": phone, **parameters}))

    def result(self, call_id: int, **parameters: object) -> Any:
        return read(self.get("phones/call_by_id", call_id=call_id, **parameters))[0]

    def advance(self, **length: float) -> list[CallbackRequest]:
        """Move time on and return the postbacks that fell due, in order; each must keep its contract."""
        sent = self.receive(timedelta(**length))
        assert [judge_postback(postback) for postback in sent] == [("postback", [])] * len(sent)
        return sent


def open_desk(people: Mapping[str, Persona] | None = None, limits: tuple[Limit, ...] = ()) -> Desk:
    """Open a world that admits anyone, and an account in it."""
    crowd = crowd_of(people, Persona(name="stranger"))
    world = World(START, {"callo": vendor}, people=crowd, rules=Rules(limits=limits, admits_anyone=True))
    account = world.admit("callo", KEY)
    account.reached_at = BASE
    return Desk(world, account)


def judge_postback(sent: CallbackRequest) -> tuple[str | None, list[Violation]]:
    """Return which event of the contract a postback tells, and what is wrong with it."""
    url = urlsplit(sent.url)
    request = Request(sent.method, url.path, url.query, sent.headers, sent.body)
    return check_delivery(CONTRACT, request, sent.filled)


def read(answer: Answer) -> Any:
    """Return the JSON of a success."""
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def refusal(answer: Answer) -> str:
    """Return the words of a refusal."""
    assert answer.status == 400, answer.body
    body = json.loads(answer.body)
    assert body["status"] == "error"
    return str(body["data"])
