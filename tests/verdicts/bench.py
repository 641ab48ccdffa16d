"""A client at each vendor, as plain as can be, and what its conduct is found to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import requests

from simulator.admin.faults import render_action
from simulator.engine.verification import conduct_on
from simulator.faults import Action, Hang
from simulator.testing.fixtures import VendorFixture
from simulator.testing.worlds import FixtureWorld
from simulator.verdicts.conduct import Conduct

CALLO = "/manager/cabapi_external/api/v1"
ANN, BEN = "+447911123456", "+447911123457"
LOST = Hang(timedelta(seconds=35))


class Open(Protocol):
    """Opens a world for clients."""

    def __call__(self, more: str = "", clock: str = "virtual", at: str = "2026-03-02T10:00") -> Bench: ...


@dataclass
class Bench:
    """The world of one test, and clients in it that reach it without a socket."""

    world: FixtureWorld

    def __post_init__(self) -> None:
        self.vendors = {name: VendorFixture(self.world, name) for name in self.world.server.simulator.vendors}
        self.session = self.vendors["callo"].requests_session()

    def ask(self, verb: str, vendor: str, path: str, **options: Any) -> requests.Response | None:
        """Send one request; None where no answer came."""
        try:
            return self.session.request(verb, self.vendors[vendor].base_url + path, **options)
        except requests.RequestException:
            return None

    def callo(self, name: str, verb: str = "POST", **fields: Any) -> requests.Response | None:
        known: Any = self.vendors["callo"].credentials
        values = {"public_key": known["public_key"], **fields}
        if "phone" in fields:
            values.setdefault("campaign_id", known["campaigns"]["free_text"])
        place = {"data": values} if verb == "POST" else {"params": values}
        return self.ask(verb, "callo", f"{CALLO}/{name}/", **place)

    def call(self, phone: str = ANN, verb: str = "POST", **more: Any) -> requests.Response | None:
        return self.callo("phones/call", verb, phone=phone, text="Hello", **more)

    def kaleyra(self, method: str, **fields: Any) -> requests.Response | None:
        values = {"method": method, "api_key": self.vendors["kaleyra"].key, "format": "json", **fields}
        return self.ask("POST", "kaleyra", "/v1/", data=values)

    def connect(self, receiver: str = "919123456789", **more: Any) -> requests.Response | None:
        return self.kaleyra(
            "dial.click2call", caller="919876543210", receiver=receiver, **{"return": "1"}, **more
        )

    def callr(self, verb: str, path: str, body: Any = None, **query: Any) -> requests.Response | None:
        headers = {"x-api-key": self.vendors["callr"].key}
        return self.ask(verb, "callr", f"/v2.0{path}", json=body, params=query, headers=headers)

    def text(self, text: str = "Hello", to: str = "+33639980001") -> requests.Response | None:
        return self.callr("POST", "/sms", {"text": text}, to=to)

    def jaicp(self, name: str, body: Any, **headers: str) -> requests.Response | None:
        token = self.vendors["jaicp"].credentials["token"]
        return self.ask("POST", "jaicp", f"/api/calls/campaign/{token}/{name}", json=body, headers=headers)

    @contextmanager
    def fault(self, where: str, do: Action = LOST) -> Iterator[None]:
        """Let something befall every request at a place."""
        self.world.sandbox.act("arm", fault="test", where=where, do=render_action(do))
        yield
        self.world.sandbox.act("disarm", fault="test")

    def wait(self, length: str) -> object:
        return self.world.clock.advance(length)

    def conduct(self) -> Conduct:
        return conduct_on(self.world.server.simulator.worlds, self.world.sandbox)

    def broken(self) -> list[str]:
        """Return the subjects of conduct that were broken."""
        return re.findall(r"^broken: conduct (\w+)", self.world.misconduct(), re.MULTILINE)
