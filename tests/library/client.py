"""A small client of every vendor, which the plays of shipped scenarios are written with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from simulator.testing.opening import OpenWorld
from tests.verdicts.bench import CALLO, Bench

Answer = requests.Response | None
Handle = Callable[[str, str], int]
"""Takes path and body of a callback and returns the status to answer."""


@dataclass
class Client:
    """A client in one world: `handle` answers callbacks, which arrive at `port`; `taken` are all of them."""

    world: OpenWorld
    port: int = 0
    handle: Handle = lambda _path, _body: 200
    taken: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bench = Bench(self.world.fixture)
        self.start = self.now

    def receive(self, path: str, _headers: dict[str, str], body: bytes) -> int:
        self.taken.append((path, body.decode()))
        return self.handle(path, body.decode())

    # -- time -------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.world.clock.now

    def local(self, zone: str) -> datetime:
        return self.now.astimezone(ZoneInfo(zone))

    def wait(self, length: str | timedelta) -> None:
        self.world.clock.advance(length)

    # -- Callo ------------------------------------------------------------------------------------------

    def ask_callo(self, verb: str, name: str, **fields: Any) -> Answer:
        known = self.world.callo.credentials
        values = {"public_key": known["public_key"], **fields}
        if "phone" in values or "phones" in values:
            values.setdefault("campaign_id", next(iter(known["campaigns"].values())))
        place = {"data": values} if verb == "POST" else {"params": values}
        return self.bench.ask(verb, "callo", f"{CALLO}/{name}/", **place)

    def call(self, phone: str, **more: Any) -> Answer:
        return self.ask_callo("POST", "phones/call", phone=phone, **more)

    def call_gently(self, phone: str, pause: str) -> None:
        """Ask for a call, and again after a pause while the door is shut; look up a lost one first."""
        while not is_taken(answer := self.call(phone)):
            if (answer is None or answer.status_code == 502) and self.calls_to(phone):
                return
            self.wait(pause)

    def calls_to(self, phone: str) -> list[dict[str, Any]]:
        answer = self.ask_callo("GET", "phones/calls_by_phone", phone=phone)
        return list(answer.json()) if is_taken(answer) and answer is not None else []

    def append(self, phones: Iterable[str]) -> Answer:
        return self.ask_callo("POST", "phones/append/calls", phones="\n".join(phones))

    def balance(self) -> float:
        answer = self.ask_callo("GET", "users/balance")
        assert answer is not None
        return float(answer.json()["balance"])

    def confirm(self, phone: str, code: str) -> Answer:
        return self.ask_callo("POST", "phones/confirm", phone=phone, pincode=code)

    # -- Callr ------------------------------------------------------------------------------------------

    def text(self, to: str, text: str = "Hello") -> str:
        """Write to somebody and return the message's id."""
        answer = self.bench.text(text, to)
        assert answer is not None
        return str(answer.json()["sid"])

    def state_of(self, sid: str) -> str:
        answer = self.bench.callr("GET", f"/sms/{sid}")
        assert answer is not None
        return str(answer.json()["status"])

    # -- Kaleyra and JAICP ------------------------------------------------------------------------------

    def connect(self, caller: str, receiver: str, **more: Any) -> Answer:
        return self.bench.kaleyra(
            "dial.click2call",
            caller=caller.strip("+"),
            receiver=receiver.strip("+"),
            **{"return": "1"},
            **more,
        )

    def add(self, phones: Iterable[str]) -> Answer:
        return self.bench.jaicp("addPhones", [{"phone": phone} for phone in phones])


def is_taken(answer: Answer) -> bool:
    """Return whether a vendor took a request."""
    return answer is not None and answer.status_code < 300


def subject_of(body: str) -> dict[str, Any]:
    """Return what a webhook of Callr is about."""
    return dict(json.loads(body)["payload"])
