"""Each shipped scenario of Callr, played to the end that its people are described with, under `check`."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from hmac import digest
from itertools import count
from pathlib import Path
from socket import socket
from threading import Event
from typing import Any

import pytest

from simulator.scenario.files import list_scenarios
from tests import source_tree
from tests.command_line import run
from tests.vendors.callr.players import PLAYERS
from tests.web.receiver import OK, receiving

CHECK = ("check", "--strict", "--clock", "virtual", "--vendor", "callr", "--scenario")
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
DEAD = 5
"""How many tries find the first receiver of `receiver_comes_back` dead."""

ENDS: dict[str, dict[str, Any]] = {
    "support_line": {
        "answered": [90, 40],
        "callers": 3,
        "forwarded": ["+33639980100", "caller"],
        "spoken": ["", "My order has not arrived.", ""],
        "unread": 0,
        "asked": "Is it on its way?",
        "reply": ["unicode", 1, "delivered"],
    },
    "buying_numbers": {
        "failed": ["insufficient-credit"],
        "ends": "2026-06-02T09:00:00Z",
        "user": "French Corp",
        "credit": ["100.00", "-100.00"],
        "gone": [409, "out-of-stock"],
        "kept": 2,
    },
    "credit_runs_dry": {
        "sent": 20,
        "refused": ["account-suspended"],
        "credit": ["0.00", "994.50"],
        "late": "delivered",
        "total": 21,
    },
    "receiver_comes_back": {
        "events": 4,
        "tries": [0, 1, 2, 3, 4, 5],
        "last": [200, 200, 200, 200],
        "archive": [200, 200, 200, 200],
        "failed": [0, 0],
        "texts": ["One", "Two", "Three", "Four"],
    },
}
HEARD: dict[str, dict[str, int]] = {
    "support_line": {
        "v2.call.inbound.started": 3,
        "v2.call.inbound.ended": 3,
        "v2.call.outbound.ended": 1,
        "v2.recording.updated": 9,
        "v2.sms.inbound.received": 1,
    },
    "buying_numbers": {"v2.number.assigned": 3, "v2.number.unassigned": 1},
    "credit_runs_dry": {
        "v2.billing.credit.warning": 1,
        "v2.billing.credit.shutdown": 1,
        "v2.billing.credit.topup": 1,
    },
    "receiver_comes_back": {"v2.sms.inbound.received": 4 + DEAD},
}


def test_every_shipped_scenario_has_a_player() -> None:
    shipped = {name.partition("/")[2] for name in list_scenarios() if name.startswith("callr/")}

    assert shipped == set(ENDS) == set(PLAYERS)


@pytest.mark.parametrize("name", ENDS)
def test_a_scenario_ends_as_its_people_are_described(name: str, tmp_path: Path) -> None:
    dead = count(DEAD if name == "receiver_comes_back" else 0, -1)

    def answer(connection: socket, _over: Event) -> None:
        connection.sendall(BUSY if next(dead) > 0 else OK)

    with receiving(answer) as first, receiving(lambda connection, _over: connection.sendall(OK)) as second:
        file = at_ports(tmp_path, name, first.port, second.port)
        done = run(*CHECK, file, "--", sys.executable, "-m", "tests.vendors.callr.players", name)

    assert done.returncode == 0, done.stdout
    assert "kept: no violation" in done.stdout
    assert json.loads(done.stdout.splitlines()[0]) == ENDS[name]
    assert Counter(body["type"] for body in map(event_of, first.requests)) == HEARD[name]


def at_ports(folder: Path, name: str, *ports: int) -> str:
    """Return the path of a copy of a shipped scenario whose receivers listen at these ports."""
    text = (source_tree.SCENARIOS / "callr" / f"{name}.yaml").read_text()
    for place, port in enumerate(ports):
        text = text.replace(f"hook.localhost:{9000 + place}/", f"hook.localhost:{port}/")
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return str(file)


def event_of(request: bytes) -> Any:
    """Return an event that arrived, whose signature is the right one where there is any."""
    head, _, body = request.partition(b"\r\n\r\n")
    signature = re.search(rb"(?i)x-callr-hmacsignature: (\S+)", head)
    path = head.split(b" ")[1]
    secret = {b"/recordings": b"support-line", b"/inbox": b"inbox"}.get(path)
    assert (signature[1] if signature else None) == (secret and b64encode(digest(secret, body, sha256)))
    return json.loads(body)
