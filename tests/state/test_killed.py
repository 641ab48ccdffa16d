"""A server that is killed while clients add calls: what was acknowledged is there after the next start."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Thread

from tests.serving_process import ADD_CALL, PATIENCE, Served, call_form, serving

CYCLES = 4
CLIENTS = 3
AT_LEAST = 40
"""How many calls are acknowledged before a server is killed."""

OPEN = """
sim: 1
extends: happy
limits: [{where: callo.*, allow: 1000000 per 1s}]
"""


class Caller(Thread):
    """A client that adds calls until its server is gone; `acknowledged` holds the ids it was given."""

    def __init__(self, served: Served, numbers: count[int]) -> None:
        super().__init__(daemon=True)
        self.served = served
        self.numbers = numbers
        self.acknowledged: list[int] = []

    def run(self) -> None:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        with closing(HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE)) as line:
            try:
                while True:
                    form = call_form(self.served.ready, phone=f"+4477009{next(self.numbers) % 100_000:05}")
                    line.request("POST", ADD_CALL, form, kind)
                    answer = line.getresponse()
                    content = json.loads(answer.read())
                    self.acknowledged.append(content["call_id"])
            except (OSError, HTTPException):
                return


def ids_of(served: Served) -> list[int]:
    """Return the ids of all calls that a server knows."""
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)) as line:
        line.request("GET", "/_simulator/v1/calls?limit=1000")
        content = json.loads(line.getresponse().read())
    return [int(call["ref"]) for call in content["calls"]]


def test_no_acknowledged_call_is_lost_or_doubled_when_a_server_is_killed(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    numbers = count()
    scenario = tmp_path / "open.yaml"
    scenario.write_text(OPEN)
    options = ["--state", str(tmp_path / "worlds.sqlite"), "--scenario", str(scenario)]
    for _ in range(CYCLES):
        with serving(*options) as served:
            assert set(ids_of(served)) >= set(acknowledged)
            callers = [Caller(served, numbers) for _ in range(CLIENTS)]
            for caller in callers:
                caller.start()
            while sum(len(caller.acknowledged) for caller in callers) < AT_LEAST:
                callers[0].join(0.01)
            served.process.kill()
            for caller in callers:
                caller.join(PATIENCE)
            acknowledged += [ref for caller in callers for ref in caller.acknowledged]
    with serving(*options) as served:
        known = ids_of(served)

    assert len(acknowledged) >= CYCLES * AT_LEAST
    assert len(known) == len(set(known))
    assert set(acknowledged) <= set(known)
