"""A customer of Callo at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask

from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract
from simulator.conformance.deliveries import check_delivery
from simulator.exchange import Answer, CallbackRequest, Exchange, Request, Violation
from simulator.telephony.accounts import Account
from simulator.telephony.campaigns import Campaign
from simulator.telephony.limits import Limit
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import Rules, World
from simulator.vendor import RequestContext
from simulator.vendors.callo import vendor
from simulator.web.vendor_app import VendorApp

KEY = "0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8070/callo"
API = "/manager/cabapi_external/api/v1"
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PHONE = "+447700900001"  # always answered
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "frontier"

APP = VendorApp(vendor, Flask("desk"))
CONTRACT = load_contract("callo")


@dataclass
class Desk:
    """One account in one world; every parameter is sent as text."""

    world: World
    account: Account
    base: str = BASE
    findings: list[Violation] = field(default_factory=list)

    def accusations(self) -> list[tuple[str, str]]:
        """Return what the judge has found in the customer's requests so far: code and place."""
        return [(finding.code, finding.where) for finding in self.findings]

    def campaign(self, kind: str = "free_text") -> Campaign:
        return next(each for each in self.account.campaigns.values() if each.kind == kind)

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"", kind: str = FORM) -> Answer:
        request = Request(method, path, query, (("Content-Type", kind),), body, base=self.base)
        context = RequestContext(world=self.world, request=request)
        APP.read(context)
        answer = APP.answer(context)
        self.findings += judge(request, answer)
        return answer

    def get(self, name: str, **parameters: object) -> Answer:
        return self.ask("GET", f"{API}/{name}/", urlencode({"public_key": KEY, **parameters}))

    def post(self, name: str, **parameters: object) -> Answer:
        body = urlencode({"public_key": KEY, **parameters}).encode()
        return self.ask("POST", f"{API}/{name}/", body=body)

    def upload(self, name: str, files: Mapping[str, tuple[str, bytes]], **parameters: object) -> Answer:
        body = multipart({"public_key": KEY, **parameters}, files)
        return self.ask("POST", f"{API}/{name}/", body=body, kind=f"multipart/form-data; boundary={BOUNDARY}")

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
        until, sent = self.world.clock.now + timedelta(**length), []
        while self.world.clock.now < until or self.world.outbox.ready:
            for delivery in self.world.outbox.take_ready():
                sent.append(delivery.request)
                assert judge_postback(sent[-1]) == ("postback", [])
                self.world.outbox.settle(delivery.id, 200, None)
            self.world.advance_to(until)
        return sent


def open_desk(people: Mapping[str, Persona] | None = None, limits: tuple[Limit, ...] = ()) -> Desk:
    """Open a world that admits anyone, and an account in it."""
    crowd = People(strangers=Persona(name="stranger"))
    for number, persona in (people or {}).items():
        crowd.listed[E164(number)] = Person(E164(number), persona)
    world = World(START, {"callo": vendor}, people=crowd, rules=Rules(limits=limits, admits_anyone=True))
    account = world.admit("callo", KEY)
    account.reached_at = BASE
    return Desk(world, account)


def judge(request: Request, answer: Answer) -> list[Violation]:
    """Return what a client did wrong; whatever a test sends, we keep our side of the contract."""
    if API not in request.path:
        return []
    exchange = Exchange(
        id="1", at=START, world="main", vendor="callo", operation=None, request=request, answer=answer
    )
    findings = check(CONTRACT, exchange)
    broken = [finding for finding in findings if finding.blame != "client"]
    assert not broken, broken
    return findings


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
    said = json.loads(answer.body)
    assert said["status"] == "error"
    return str(said["data"])


def multipart(fields: Mapping[str, object], files: Mapping[str, tuple[str, bytes]]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (filename, content) in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
