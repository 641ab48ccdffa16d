"""A customer of Callr at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from simulator.exchange import Answer, CallbackRequest, Headers, Request
from simulator.telephony.accounts import Account
from simulator.telephony.people import Persona
from simulator.telephony.world import Rules, World
from simulator.vendors.callr import vendor
from tests.vendors.customers import JSON, MULTIPART, START, Customer, crowd_of, multipart

KEY = "0123456789abcdefghijABCDEFGHIJ0123456789"
BASE = "http://127.0.0.1:8070/callr"
ROOT = "/v2.0"
PHONE = "+33639980001"
OWN = "+33199001234"
HOOK = "http://hook.example.com/events"


@dataclass
class Desk(Customer):
    """One account in one world; what falls due is answered with `receiver` statuses."""

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
        query_string = urlencode(query, doseq=True)
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        kinds: Headers = (("Content-Type", kind or JSON),) if body is not None or kind else ()
        who = (("x-api-key", self.key),) if headers is None else headers
        return self.send(
            Request(method, unquote(ROOT + path), query_string, (*who, *kinds), content, base=BASE)
        )

    def get(self, path: str, **query: Any) -> Any:
        return read(self.ask("GET", path, **query))

    def make(self, path: str, body: object = None, **query: Any) -> Any:
        return read(self.ask("POST", path, body, **query), 201)

    def upload(self, method: str, path: str, file: bytes | None, name: str | None = None) -> Answer:
        fields = {} if name is None else {"name": name}
        body = multipart(fields, {} if file is None else {"file": ("hold.wav", file)})
        return self.ask(method, path, body, MULTIPART)

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
        sent = self.receive(timedelta(**length), status)
        self.sent += sent
        return sent

    def events(self, **length: Any) -> list[Any]:
        """Move time on and return the bodies that fell due."""
        return [json.loads(request.body) for request in self.advance(**length)]


def open_desk(people: Mapping[str, Persona] | None = None, **profile: object) -> Desk:
    """Open a world that admits anyone, and an account in it."""
    crowd = crowd_of(people, Persona(name="stranger"))
    world = World(START, {"callr": vendor}, people=crowd, rules=Rules(admits_anyone=True))
    account = world.open_account(
        Account(name="shop", vendor="callr", credential=KEY, opened=START, profile=profile)
    )
    vendor.provision(world, account)
    return Desk(world, account)


def read(answer: Answer, status: int = 200) -> Any:
    """Return the JSON of a success."""
    assert answer.status == status, answer
    return json.loads(answer.body)


def refusal(answer: Answer) -> tuple[int, str, str]:
    """Return status, code and message of a refusal."""
    body = json.loads(answer.body)
    assert set(body) == {"code", "message"}
    return answer.status, body["code"], body["message"]
