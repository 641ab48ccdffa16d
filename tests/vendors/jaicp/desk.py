"""A client of JAICP at their desk: JSON in, JSON out, each exchange held against the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from simulator.conformance.contract import load_contract
from simulator.exchange import Answer, CallbackRequest, Request
from simulator.telephony.accounts import Account
from simulator.telephony.campaigns import Campaign
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona
from simulator.telephony.world import Rules, World
from simulator.vendors.jaicp import vendor
from simulator.vendors.jaicp.routes import campaign_of
from tests.vendors.customers import FORM, JSON, START, Customer, crowd_of

TOKEN = "123456.789.mBoMyfZLZqKHIPKjFjWYfRw9hgfIV9InFC4bHGVw5ND"
PHONE = "79161234567"
OTHER = "79161234568"

CONTRACT = load_contract("jaicp")


@dataclass
class Desk(Customer):
    """One campaign in one world; `findings` are what the contract's judge said of the last exchange."""

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(violation.code for violation in self.accused)

    @property
    def campaign(self) -> Campaign:
        return campaign_of(self.account, TOKEN)

    def ask(
        self, method: str, path: str, query: str = "", body: bytes = b"", kind: str = "", key: str = ""
    ) -> Answer:
        headers = (
            *((("Content-Type", kind),) if kind else ()),
            *((("Idempotence-Key", key),) if key else ()),
        )
        return self.send(Request(method, path, query, headers, body))

    def post(self, name: str, body: object = None, token: str = TOKEN, key: str = "") -> Answer:
        path = f"/api/calls/campaign/{token}/{name}"
        if body is None:
            return self.ask("POST", path, key=key)
        return self.ask("POST", path, body=json.dumps(body).encode(), kind=JSON, key=key)

    def get(self, name: str = "") -> Any:
        return read(self.ask("GET", f"/api/calls/campaign/{TOKEN}{name}"))

    def crm(self, method: str = "GET", key: str = "", **fields: str) -> Answer:
        path, text = f"/api/crmCalls/campaign/{TOKEN}/addPhone", urlencode(fields)
        if method == "GET":
            return self.ask("GET", path, text, key=key)
        return self.ask("POST", path, body=text.encode(), kind=FORM, key=key)

    def add(self, *phones: object, **terms: Any) -> list[str]:
        """Add numbers, all on the same terms, and return their ids."""
        added: list[str] = read(self.post("addPhones", [{"phone": phone, **terms} for phone in phones]))
        return added

    def job(self, job: str) -> Any:
        return read(self.post("callJob/getReport", {"ids": [job]}))[0]

    def status(self, job: str) -> str:
        return str(self.job(job)["jobStatus"])

    def attempts(self, job: str) -> Any:
        return read(self.post("callAttempt/getReport", {"ids": [job]}))

    def advance(
        self, clear: int = 200, reply: Answer | None = None, **length: float
    ) -> list[CallbackRequest]:
        """Move time on, answer what is asked with `clear`, and return the questions, in order."""
        return self.receive(timedelta(**length), clear, reply)


def open_desk(people: Mapping[str, Persona] | None = None, profile: str = "both", **settings: Any) -> Desk:
    """Open a world where everybody answers but for `people`, and a campaign in it."""
    listed = {f"+{number}": persona for number, persona in (people or {}).items()}
    crowd = crowd_of(listed, Persona(name="stranger"))
    world = World(START, {"jaicp": vendor}, people=crowd, rules=Rules(admits_anyone=True))
    account = world.open_account(
        Account(
            name="shop",
            vendor="jaicp",
            credential=TOKEN,
            opened=START,
            profile={"profile": profile, **settings},
        )
    )
    vendor.provision(world, account)
    return Desk(world, account)


def always(*dispositions: Disposition, **conduct: Any) -> dict[str, Persona]:
    """Return the two numbers of the desk, who treat every call like this."""
    return dict.fromkeys((PHONE, OTHER), Persona(name="described", attempts=dispositions, **conduct))


def read(answer: Answer) -> Any:
    """Return the JSON of a success, or None for a success without any."""
    assert answer.status == 200, (answer.status, answer.body)
    return json.loads(answer.body) if answer.body else None


def refusal(answer: Answer, status: int = 400) -> Any:
    """Return the envelope of a refusal."""
    assert answer.status == status, (answer.status, answer.body)
    return json.loads(answer.body)
