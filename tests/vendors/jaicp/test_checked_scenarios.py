"""The scenarios that ship for this vendor, each played to its end under `check --strict` by a real client."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import run

CLIENT = """
import json, os
from http.client import IncompleteRead
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ROOT, TOKEN, OWN = (os.environ[name] for name in ("JAICP_API_URL", "JAICP_TOKEN", "SIMULATOR_URL"))

def post(name, body=None, token=TOKEN):
    data = b"" if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    with urlopen(Request(f"{ROOT}/{token}/{name}", data, kind, method="POST")) as answer:
        text = answer.read()
    return json.loads(text) if text else None

def add(first, count, token=TOKEN):
    return post("addPhones", [{"phone": str(first + place)} for place in range(count)], token)

def crm(**fields):
    url = f"{ROOT}/{TOKEN}/addPhone?".replace("/calls/", "/crmCalls/") + urlencode(fields)
    try:
        with urlopen(url) as answer:
            return json.load(answer)
    except (IncompleteRead, ConnectionError):
        return None

def advance(by):
    body, kind = json.dumps({"by": by}).encode(), {"Content-Type": "application/json"}
    urlopen(Request(f"{OWN}/_simulator/v1/clock/advance", body, kind)).close()

def ended(jobs, name="callJob/getReport", token=TOKEN):
    return sorted({row["jobStatus"] for row in post(name, {"ids": jobs}, token)})
"""
PLAYS = {
    "clock_change": (
        """
jobs = add(447700900100, 100) + add(493012345600, 100) + add(12125550100, 10)
advance("3d")
print(json.dumps(ended(jobs)))
""",
        ["longCallWithResult", "noAnswer"],
    ),
    "crm_duplicates": (
        """
jobs = [crm(phone="79161234567", deal="1", **{"Idempotence-Key": "deal-1"})]
lost = crm(phone="79161234568", deal="2", **{"Idempotence-Key": "deal-2"})
jobs.append(crm(phone="79161234568", deal="2", **{"Idempotence-Key": "deal-2"}))
jobs.append(crm(phone="79161234567", deal="1", **{"Idempotence-Key": "deal-1"}))
advance("25h")
jobs.append(crm(phone="79161234567", deal="1"))
advance("1h")
print(json.dumps([lost is None, len(set(jobs)), *ended(jobs)]))
""",
        [True, 3, "longCallWithResult"],
    ),
    "stopped_midway": (
        """
post("control/start")
jobs = add(79160000000, 150)
advance("1h")
print(json.dumps(ended(jobs, "getReport")))
""",
        ["longCallWithResult", "noAnswer", "nonexistentNumber", "notDone"],
    ),
    "two_campaigns": (
        """
statuses = []
for name in ("INVITATIONS", "REMINDERS"):
    token = os.environ[f"JAICP_TOKEN_{name}"]
    jobs = add(79160000000, 30, token)
    advance("2h")
    statuses.append(ended(jobs, token=token))
print(json.dumps(statuses))
""",
        [["longCallWithResult", "noAnswer"]] * 2,
    ),
}


@pytest.mark.parametrize("name", PLAYS)
def test_a_scenario_is_kept_to_the_end_of_its_people(name: str, tmp_path: Path) -> None:
    play, ends = PLAYS[name]
    file = tmp_path / "client.py"
    file.write_text(CLIENT + play)
    options = ("--strict", "--vendor", "jaicp", "--clock", "virtual", "--scenario", f"jaicp/{name}")

    done = run("check", *options, "--", sys.executable, str(file))

    assert done.returncode == 0, done.stdout + done.stderr
    assert results(done.stdout) == ends


def results(text: str) -> Any:
    """Return what the client printed last."""
    return json.loads(next(line for line in reversed(text.splitlines()) if line.startswith("[")))
