"""A customer of Kaleyra at their desk: requests in, answers out, on a world of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from simulator.conformance.answer_checks import decode_answer
from simulator.conformance.contract import load_contract, match
from simulator.exchange import Answer, Request
from simulator.telephony.limits import Limit
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.people import Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import Rules, World
from simulator.vendors.kaleyra import vendor
from tests.vendors.customers import FORM, START, Customer, crowd_of

KEY = "A0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8070/kaleyra"
ASHA, RAVI = "9876543210", "9123456789"
HOOK = "http://127.0.0.1:9000/hook"

CONTRACT = load_contract("kaleyra")


@dataclass
class Desk(Customer):
    """One account in one world."""

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
        envelope = self.ask(method, **fields)
        assert envelope["status"] == "200", envelope
        return envelope["data"]

    def refusal(self, method: str, **fields: Any) -> tuple[str, str]:
        envelope = self.ask(method, **fields)
        assert envelope["status"].startswith("E"), envelope
        return envelope["status"], envelope["message"]

    def connect(self, caller: str = ASHA, receiver: str = RAVI, **fields: Any) -> str:
        sent = {"caller": caller, "receiver": receiver, "return": "1", **fields}
        return str(self.data("dial.click2call", **sent)["id"])

    def row(self, ref: str) -> Any:
        (row,) = self.data("dial.c2cstatus", id=ref)
        return row

    def advance(self, **length: float) -> list[dict[str, str]]:
        """Move time on and return the variables of the callbacks that fell due, in order."""
        sent = self.receive(timedelta(**length))
        assert {request.method for request in sent} <= {"GET"}
        return [dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)) for request in sent]


def open_desk(
    limits: tuple[Limit, ...] = (),
    profile: Mapping[str, Any] | None = None,
    to_strangers: Mapping[str, Any] | None = None,
) -> Desk:
    """Open a world that admits anyone and in which everybody answers, and an account in it."""
    crowd = crowd_of({}, Persona(name="stranger", ring=seconds(5), talk=seconds(30)))
    profiles = {"kaleyra": to_strangers or {}}
    rules = Rules(limits=limits, admits_anyone=True, profiles=profiles)
    world = World(START, {"kaleyra": vendor}, people=crowd, rules=rules)
    account = world.admit("kaleyra", KEY)
    account.profile = profile or {}
    return Desk(world, account)


def introduce(desk: Desk, number: str, *attempts: Disposition, **conduct: Any) -> None:
    e164 = E164(f"+91{number}")
    desk.world.people.listed[e164] = Person(e164, Persona(name="described", attempts=attempts, **conduct))


def decoded(answer: Answer, **fields: str) -> Any:
    """Return the value of an answer in any format, as the contract reads it."""
    variant = match(CONTRACT, "POST", "/v1/", fields)
    assert variant
    kind = answer.content_type.partition(";")[0]
    return decode_answer(CONTRACT.document, variant.replies["200"].bodies[kind], kind, answer.body)
