"""Clients that play the shipped scenarios to the end: run by `check`, they say on stdout what they concluded.

`python -m tests.vendors.kaleyra.players call_centre`
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.web.receiver import OK, Receiver, answering, receiving

AGENT = "9444400001"
NEVER_THERE, BUSY_TWICE = "9555500001", "9555500002"
TEMPLATE = "/?id={id}&status={status}"
OBD_TEMPLATE = "/?obd={obdid}&how={obdstatus}"
RETURN = {"return": "1"}
STRANGERS = [f"95556000{place:02}" for place in range(40)]
PAGE = 20

Json = Any


def ask(method: str, body: Json = None, **fields: str) -> Json:
    """Send one request as JSON is wanted; return the `data` of a success."""
    url, headers = os.environ["KALEYRA_VOICE_URL"], {"x-api-key": os.environ["KALEYRA_API_KEY"]}
    sent = {"method": method, "format": "json", **fields}
    if body is None:
        answer = requests.post(url, sent, headers=headers, timeout=30).json()
    else:
        answer = requests.post(url, params=sent, json=body, headers=headers, timeout=30).json()
    assert answer["status"].strip() in ("200", "OK"), answer
    return answer.get("data")


def advance(by: str) -> None:
    url = f"{os.environ['SIMULATOR_URL']}/_simulator/v1/clock/advance"
    assert requests.post(url, json={"by": by}, timeout=60).ok


def all_rows(method: str) -> list[Json]:
    """Return the rows of every page."""
    rows: list[Json] = []
    while len(page := ask(method, limit=str(PAGE), page=str(len(rows) // PAGE + 1))) == PAGE:
        rows += page
    return [*rows, *page]


def callbacks(receiver: Receiver) -> list[dict[str, str]]:
    """Return the variables of the callbacks that arrived, in order."""
    targets = [raw.split(b" ")[1].decode() for raw in receiver.requests]
    return [
        {name: words[0] for name, words in parse_qs(urlsplit(target).query).items()} for target in targets
    ]


def play_call_centre() -> Json:
    """Call everybody whom the scenario describes, and more; block one, ask an IVR, follow one up."""
    with receiving(answering(OK)) as receiver:
        hook = {"callback": receiver.url(TEMPLATE), "caller_id": os.environ["KALEYRA_CALLER_ID"], **RETURN}
        ids: dict[str, str] = {}
        for place, number in enumerate([NEVER_THERE, BUSY_TWICE, "ivr:1234", *STRANGERS]):
            call = ask("dial.click2call", caller=f"94444000{place:02}", receiver=number, **hook)
            ids[number] = call["id"]
            advance("2m")
        again = {"phone": "9555600001", "follower": AGENT, "name": "Ravi", "ontime": "02-03-2026 15-00"}
        ask("followup", autocall="1", **again)
        patient = ask("voice.call", numbers=BUSY_TWICE, play="1.sound", retries="2", **RETURN)["id"]
        ask("block", number="9555500013")
        advance("9h")
        ends = {words["id"]: words["status"] for words in callbacks(receiver) if words.get("status")}
    rows = {row["id"]: row for row in all_rows("dial.c2cstatus")}
    return {
        "never_there": rows[ids[NEVER_THERE]]["status2"],
        "busy": rows[ids[BUSY_TWICE]]["status2"],
        "busy_twice": [row["status"] for row in ask("voice.status", id=patient).values()],
        "ivr": ends[ids["ivr:1234"]],
        "rows": len(rows),
        "over": all(row["status"] and row["status2"] for row in rows.values()),
        "ended": len(ends),
        "incoming": [row["status"] for row in all_rows("dial")],
        "regions": [incident["type"] for incident in ask("monitor")["incidents"]],
    }


def play_obd_campaign() -> Json:
    """Call half a thousand people and a group; count what callbacks missed from the group's status."""
    numbers = [f"96666{place:05}" for place in range(500)]
    with receiving(answering(OK)) as receiver:
        hook = {"callback": receiver.url(OBD_TEMPLATE)}
        sent = [
            ask("voice.call", numbers=",".join(part), play="1.sound", newgroup="1", **hook, **RETURN)
            for part in (numbers[:200], numbers[200:400], numbers[400:])
        ]
        members = ask("voice.json", {"play": "1.sound", "call": [{"group": "Members", **hook}]})
        advance("2h")
        arrived = callbacks(receiver)
    counts = {words["obd"]: words["how"] for words in arrived}
    rows: list[Json] = []
    for group in [*(data["id"].partition("-")[0] for data in sent), str(members["group_id"])]:
        rows += ask("voice.groupstatus", groupid=group).values()
        advance("11s")
    return {
        "rows": len(rows),
        "sent": sum(row["status"] == "SENT" for row in rows),
        "registered": [row["status"] for row in rows if row["mobile"] == "9555500003"],
        "doubled": len(arrived) > len(counts),
        "lost": len(counts) < len(rows),
        "same": all(row["status"] == counts.get(row["id"], row["status"]) for row in rows),
    }


PLAYERS: Mapping[str, Callable[[], Json]] = {
    "call_centre": play_call_centre,
    "obd_campaign": play_obd_campaign,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PLAYERS[sys.argv[1]]()) + "\n")
