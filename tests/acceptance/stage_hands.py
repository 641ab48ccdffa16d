"""A stranger with an account at Callo: requests through the WSGI callable, and a hand on its clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from simulator import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.scenario.loading import load_text
from tests.vendors.customers import BOUNDARY, multipart

API = "/manager/cabapi_external/api/v1"
START = "2026-03-02T10:00"
PEOPLE = """
  listens:
    first: {answered: 60%, no_answer: 20%, busy: 15%, voicemail: 5%}
    ring: 4s..15s
    talk: 20s..60s
"""


def written(extra: str = "", admit: str = "anyone") -> str:
    """Return a scenario in which no limit slows a test down; `extra` adds words at the top level."""
    return f"""
sim: 1
title: A stranger's world
seed: 7
clock: {{at: {START}, zone: UTC}}
admit: {admit}
strangers: listens
personas:{PEOPLE}
limits:
  - {{where: callo.*, allow: 1000000 per 1s}}
{extra}
"""


@dataclass
class Stranger:
    """One account in one world, reached below `base` at `host`; every parameter is sent as text."""

    simulator: Simulator
    world: str = "main"
    base: str = "/callo"
    host: str = "localhost"

    @property
    def sandbox(self) -> Sandbox:
        return self.simulator.worlds.sandbox(self.world)

    @property
    def credentials(self) -> Mapping[str, Any]:
        return self.simulator.worlds.credentials("callo", self.world)

    def campaign(self, kind: str = "free_text") -> int:
        return int(self.credentials["campaigns"][kind])

    def ask(self, verb: str, path: str, **options: Any) -> TestResponse:
        """Send one request to the vendor; `path` starts at its root."""
        return Client(self.simulator).open(
            self.base + path, method=verb, base_url=f"http://{self.host}", buffered=True, **options
        )

    def get(self, name: str, **parameters: Any) -> TestResponse:
        query = {"public_key": self.credentials["public_key"], **parameters}
        return self.ask("GET", f"{API}/{name}/", query_string=query)

    def post(self, name: str, **parameters: Any) -> TestResponse:
        form = {"public_key": self.credentials["public_key"], **parameters}
        return self.ask("POST", f"{API}/{name}/", data=form)

    def upload(self, name: str, field: str, file: str, content: bytes, **parameters: Any) -> TestResponse:
        form = {"public_key": self.credentials["public_key"], **parameters}
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.ask(
            "POST", f"{API}/{name}/", data=multipart(form, {field: (file, content)}), content_type=kind
        )

    def fetch(self, url: str) -> TestResponse:
        """Follow an absolute URL that the vendor gave away."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}"
        return Client(self.simulator).get(target, base_url=f"http://{parts.netloc}", buffered=True)

    def call(self, phone: str, **parameters: Any) -> TestResponse:
        return self.post("phones/call", **{"campaign_id": self.campaign(), "phone": phone, **parameters})

    def calls_to(self, phone: str) -> bytes:
        """Return what the vendor says of every call to a number, to the byte."""
        answer = self.get("phones/calls_by_phone", campaign_id=self.campaign(), phone=phone, expand=1)
        return bytes(answer.data)

    def told_of(self, phones: Iterable[str]) -> dict[str, bytes]:
        """Return what the vendor says of each number."""
        return {phone: self.calls_to(phone) for phone in phones}

    def advance(self, **length: float) -> None:
        """Move the world's time on; callbacks due on the way are sent."""
        self.sandbox.advance(self.sandbox.world.clock.now + timedelta(**length))


def enter(text: str | None = None, **settings: Any) -> Stranger:
    """Open a simulator whose main world is the scenario `text`, and walk in."""
    simulator = Simulator(vendors=("callo",), **settings)
    simulator.worlds.open("main", load_text((text or written()).encode(), "stranger.yaml"))
    return Stranger(simulator)


def numbers(count: int, first: int = 0) -> list[str]:
    """Return telephone numbers that nobody described."""
    return [f"+4930{1_000_000 + place}" for place in range(first, first + count)]
