"""A customer of any vendor, in a world of their own: requests in, answers out, each held to the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType

from flask import Flask
from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract
from simulator.exchange import Answer, CallbackRequest, Exchange, Request, Violation
from simulator.telephony.accounts import Account
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor import RequestContext
from simulator.vendors import load_vendor
from simulator.web.vendor_app import VendorApp

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BOUNDARY = "frontier"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@cache
def app_of(vendor: str) -> VendorApp:
    return VendorApp(load_vendor(vendor), Flask("desk"))


@dataclass
class Customer:
    """One account in one world; `accused` is what the judge has found in their last request."""

    world: World
    account: Account
    accused: list[Violation] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """Return the answer, in which we keep our side of the contract, whatever a test sends."""
        context, app = RequestContext(world=self.world, request=request), app_of(self.account.vendor)
        app.read(context)
        answer = app.answer(context)
        self.accused = judge(self.account, request, answer)
        return answer

    def receive(
        self, length: timedelta, status: int = 200, reply: Answer | None = None
    ) -> list[CallbackRequest]:
        """Move time on and return the callbacks that fell due, in order, each answered like this."""
        until, sent = self.world.clock.now + length, []
        self.world.advance_to(self.world.clock.now)
        while self.world.clock.now < until or self.world.outbox.ready:
            for delivery in self.world.outbox.take_ready():
                sent.append(delivery.request)
                self.world.outbox.settle(delivery.id, status, None, reply)
            self.world.advance_to(until)
        return sent


def judge(account: Account, request: Request, answer: Answer) -> list[Violation]:
    """Return what a client did wrong in an exchange."""
    vendor = load_vendor(account.vendor)
    exchange = Exchange(
        id="1",
        at=START,
        world="main",
        vendor=account.vendor,
        operation=None,
        request=replace(request, path=vendor.canonical_path(request.path)),
        answer=answer,
        edition=vendor.edition(account),
    )
    violations = check(load_contract(account.vendor), exchange)
    broken = [violation for violation in violations if violation.blame != "client"]
    assert not broken, (request, answer, broken)
    return violations


def crowd_of(people: Mapping[str, Persona] | None, stranger: Persona) -> People:
    """Return people who all behave like a stranger, but for some, by their numbers."""
    crowd = People(strangers=stranger)
    for number, persona in (people or {}).items():
        crowd.listed[E164(number)] = Person(E164(number), persona)
    return crowd


def multipart(
    fields: Mapping[str, object], files: Mapping[str, tuple[str, bytes]] = MappingProxyType({})
) -> bytes:
    """Return a body of fields and of files, each with its name and what is in it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (filename, content) in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
