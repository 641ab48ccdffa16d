"""A customer of Kaleyra at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask

from simulator.conformance.answer_checks import decode_answer
from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract, match
from simulator.exchange import Answer, Exchange, Request
from simulator.telephony.accounts import Account
from simulator.telephony.limits import Limit
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import Rules, World
from simulator.vendor import RequestContext
from simulator.vendors.kaleyra import vendor
from simulator.web.vendor_app import VendorApp

KEY = "A0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8070/kaleyra"
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ASHA, RAVI = "9876543210", "9123456789"
HOOK = "http://127.0.0.1:9000/hook"
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "frontier"

APP = VendorApp(vendor, Flask("desk"))
CONTRACT = load_contract("kaleyra")


@dataclass
class Desk:
    """One account in one world."""

    world: World
    account: Account

    def send(self, request: Request) -> Answer:
        context = RequestContext(world=self.world, request=request)
        APP.read(context)
        answer = APP.answer(context)
        judge(request, answer)
        return answer

    def get(self, method: str, path: str = "/v1/", **fields: Any) -> Answer:
        query = urlencode({"method": method, "api_key": KEY, **fields})
        return self.send(Request("GET", path, query, base=BASE))

    def post(self, method: str, path: str = "/v1/", **fields: Any) -> Answer:
        body = urlencode({"method": method, "api_key": KEY, **fields}).encode()
        return self.send(Request("POST", path, "", (("Content-Type", FORM),), body, base=BASE))

    def post_json(
        self, method: str, value: object, kind: str = "application/json", **fields: object
    ) -> Answer:
        query = urlencode({"method": method, "api_key": KEY, **fields})
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.send(Request("POST", "/v1/", query, (("Content-Type", kind),), body, base=BASE))

    def ask(self, method: str, **fields: Any) -> Any:
        """Ask in JSON and return the envelope."""
        return json.loads(self.get(method, format="json", **fields).body)

    def data(self, method: str, **fields: Any) -> Any:
        """Ask in JSON and return the data of a success."""
        said = self.ask(method, **fields)
        assert said["status"] == "200", said
        return said["data"]

    def refusal(self, method: str, **fields: Any) -> tuple[str, str]:
        said = self.ask(method, **fields)
        assert said["status"].startswith("E"), said
        return said["status"], said["message"]

    def connect(self, caller: str = ASHA, receiver: str = RAVI, **fields: Any) -> str:
        sent = {"caller": caller, "receiver": receiver, "return": "1", **fields}
        return str(self.data("dial.click2call", **sent)["id"])

    def row(self, ref: str) -> Any:
        (row,) = self.data("dial.c2cstatus", id=ref)
        return row

    def advance(self, **length: float) -> list[dict[str, str]]:
        """Move time on and return the variables of the callbacks that fell due, in order."""
        until, heard = self.world.clock.now + timedelta(**length), []
        while self.world.clock.now < until or self.world.outbox.ready:
            for delivery in self.world.outbox.take_ready():
                assert delivery.request.method == "GET"
                heard.append(dict(parse_qsl(urlsplit(delivery.request.url).query, keep_blank_values=True)))
                self.world.outbox.settle(delivery.id, 200, None)
            self.world.advance_to(until)
        return heard


def open_desk(
    limits: tuple[Limit, ...] = (),
    profile: Mapping[str, Any] | None = None,
    to_strangers: Mapping[str, Any] | None = None,
) -> Desk:
    """Open a world that admits anyone and in which everybody answers, and an account in it."""
    crowd = People(strangers=Persona(name="stranger", ring=seconds(5), talk=seconds(30)))
    profiles = {"kaleyra": to_strangers or {}}
    rules = Rules(limits=limits, admits_anyone=True, profiles=profiles)
    world = World(START, {"kaleyra": vendor}, people=crowd, rules=rules)
    account = world.admit("kaleyra", KEY)
    account.profile = profile or {}
    return Desk(world, account)


def introduce(desk: Desk, number: str, *attempts: Disposition, **conduct: Any) -> None:
    e164 = E164(f"+91{number}")
    desk.world.people.listed[e164] = Person(e164, Persona(name="described", attempts=attempts, **conduct))


def judge(request: Request, answer: Answer) -> None:
    """Hold every answer against the contract: whatever a test sends, we keep our side."""
    found = check(
        CONTRACT,
        Exchange(
            id="1", at=START, world="main", vendor="kaleyra", operation=None, request=request, answer=answer
        ),
    )
    broken = [violation for violation in found if violation.blame != "client"]
    assert not broken, broken


def decoded(answer: Answer, **fields: str) -> Any:
    """Return the value of an answer in any format, as the contract reads it."""
    variant = match(CONTRACT, "POST", "/v1/", fields)
    assert variant
    kind = answer.content_type.partition(";")[0]
    return decode_answer(CONTRACT.document, variant.replies["200"].bodies[kind], kind, answer.body)


def multipart(fields: Mapping[str, object]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()
