"""A client that goes on running: it asks for cases, several at a time, and says what it concluded."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any
from urllib.parse import urlencode

from simulator.checking.receiver_ports import receiver_port
from simulator.serving.variables import variables_of
from tests.clients.tasks import TaskClient

LOOK_SECONDS = 0.05
PATIENCE = 20.0
Json = Any


def ask(url: str, value: Json = None) -> Json:
    """Ask the control API, or tell it a value."""
    body = None if value is None else json.dumps(value).encode()
    headers = {"Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


class Resident:
    """Lets one of our clients do what the loop hands out, in so many threads, until the suite is over."""

    def __init__(self, control: str, agent: str, kind: type[TaskClient], **query: str) -> None:
        self._next = f"{control}/suite/next"
        self._query = {"agent": agent, **query}
        self._kind = kind
        self._pause = Event()

    def work(self, jobs: int = 1) -> None:
        """Do all cases."""
        with TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
            for over in [pool.submit(self._work, Path(folder)) for _ in range(jobs)]:
                over.result()

    def _work(self, folder: Path) -> None:
        with receiver_port() as port:
            receiver = f"http://hook.localhost:{port}"
            self._work_through(f"{self._next}?{urlencode({**self._query, 'receiver': receiver})}", folder)

    def _work_through(self, url: str, folder: Path) -> None:
        while not (task := ask(url)).get("over"):
            if task["case"] is None:
                self._pause.wait(LOOK_SECONDS)
                continue
            kept = folder / task["case"]
            kept.mkdir(exist_ok=True)
            ask(task["conclude"], self._conclude(task, kept))

    def _conclude(self, task: Json, kept: Path) -> Mapping[str, Json]:
        client = self._kind({**environment(task), "SIMULATOR_STATE": str(kept)})
        client.wait_for_the_end = lambda: self._wait(task["look"])
        return client.perform(task["task"], task["arguments"]) or {"outcome": "unsupported"}

    def _wait(self, look: str) -> None:
        while not (shown := ask(look))["quiet"] and shown["seconds_left"] > 1:
            self._pause.wait(LOOK_SECONDS)


def environment(task: Json) -> dict[str, str]:
    """Return what the client of a vendor reads in its environment, of a case that was handed out."""
    vendor, urls = task["vendor"], {name.upper(): url for name, url in task["urls"].items()}
    of_vendor = {"urls": {vendor: urls}, "credentials": {vendor: task["credentials"]}}
    addresses = {f"{name}s": {vendor: task[name]} for name in ("base_url", "origin")}
    return variables_of({"control": task["control"], **of_vendor, **addresses})
