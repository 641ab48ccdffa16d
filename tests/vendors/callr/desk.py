"""A customer of Callr at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from flask import Flask

from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract
from simulator.exchange import Answer, CallbackRequest, Exchange, Headers, Request
from simulator.telephony.accounts import Account
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import Rules, World
from simulator.vendor import RequestContext
from simulator.vendors.callr import vendor
from simulator.web.vendor_app import VendorApp

KEY = "0123456789abcdefghijABCDEFGHIJ0123456789"
BASE = "http://127.0.0.1:8070/callr"
ROOT = "/v2.0"
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PHONE = "+33639980001"
OWN = "+33199001234"
HOOK = "http://hook.example.com/events"
BOUNDARY = "frontier"
JSON = "application/json"

APP = VendorApp(vendor, Flask("desk"))
CONTRACT = load_contract("callr")


@dataclass
class Desk:
    """One account in one world; what falls due is answered with `receiver` statuses."""

    world: World
    account: Account
    key: str = KEY
    sent: list[CallbackRequest] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        kind: Any = None,
        headers: Any = None,
        **query: Any,
    ) -> Answer:
        told = urlencode(query, doseq=True)
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        kinds: Headers = (("Content-Type", kind or JSON),) if body is not None or kind else ()
        who = (("x-api-key", self.key),) if headers is None else headers
        request = Request(method, unquote(ROOT + path), told, (*who, *kinds), content, base=BASE)
        context = RequestContext(world=self.world, request=request)
        APP.read(context)
        answer = APP.answer(context)
        judge(request, answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        return read(self.ask("GET", path, **query))

    def make(self, path: str, body: object = None, **query: Any) -> Any:
        return read(self.ask("POST", path, body, **query), 201)

    def upload(self, method: str, path: str, file: bytes | None, name: str | None = None) -> Answer:
        body = multipart({} if name is None else {"name": name}, file)
        return self.ask(method, path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def text(self, text: str = "Hello world!", to: str = PHONE, **query: Any) -> Any:
        return self.make("/sms", {"text": text}, to=to, **query)

    def script(self, text: str, name: str = "Support line") -> str:
        return str(self.make("/actions", {"name": name, "script": text})["sid"])

    def answer_with(self, text: str) -> str:
        """Attach the account's number to a script."""
        sid = self.script(text)
        assert self.ask("PUT", f"/numbers/{OWN}/scenario/{sid}").status == 204
        return sid

    def hook(self, kind: str, options: object = None) -> str:
        body = {"endpoint": HOOK} if options is None else {"endpoint": HOOK, "options": options}
        return str(self.make("/webhooks", body, type=kind)["sid"])

    def advance(self, status: int = 200, **length: float) -> list[CallbackRequest]:
        """Move time on and return the requests that fell due, each answered with `status`."""
        until, sent = self.world.clock.now + timedelta(**length), []
        self.world.advance_to(self.world.clock.now)
        while self.world.clock.now < until or self.world.outbox.ready:
            for delivery in self.world.outbox.take_ready():
                sent.append(delivery.request)
                self.world.outbox.settle(delivery.id, status, None)
            self.world.advance_to(until)
        self.sent += sent
        return sent

    def events(self, **length: Any) -> list[Any]:
        """Move time on and return the bodies that fell due."""
        return [json.loads(request.body) for request in self.advance(**length)]


def open_desk(people: Mapping[str, Persona] | None = None, **profile: object) -> Desk:
    """Open a world that admits anyone, and an account in it."""
    crowd = People(strangers=Persona(name="stranger"))
    for number, persona in (people or {}).items():
        crowd.listed[E164(number)] = Person(E164(number), persona)
    world = World(START, {"callr": vendor}, people=crowd, rules=Rules(admits_anyone=True))
    account = world.open_account(
        Account(name="shop", vendor="callr", credential=KEY, opened=START, profile=profile)
    )
    vendor.provision(world, account)
    return Desk(world, account)


def judge(request: Request, answer: Answer) -> None:
    """Hold every answer against the contract: whatever a test sends, we keep our side."""
    found = check(
        CONTRACT,
        Exchange(
            id="1", at=START, world="main", vendor="callr", operation=None, request=request, answer=answer
        ),
    )
    broken = [violation for violation in found if violation.blame != "client"]
    assert not broken, (request, answer, broken)


def read(answer: Answer, status: int = 200) -> Any:
    """Return the JSON of a success."""
    assert answer.status == status, answer
    return json.loads(answer.body)


def refusal(answer: Answer) -> tuple[int, str, str]:
    """Return status, code and message of a refusal."""
    told = json.loads(answer.body)
    assert set(told) == {"code", "message"}
    return answer.status, told["code"], told["message"]


def multipart(fields: Mapping[str, str], file: bytes | None) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if file is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="hold.wav"\r\n\r\n'
        parts.append(head.encode() + file + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
