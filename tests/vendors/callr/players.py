"""Clients that play the shipped scenarios to the end: run by `check`, they say on stdout what they concluded.

`python -m tests.vendors.callr.players support_line`
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import requests

PHONE, WRITER = "+33639980001", "+33639980002"
SECONDS = 60
Json = Any


def ask(method: str, path: str, body: Json = None, **query: Json) -> requests.Response:
    """Send one request; what stands beside the body goes into the query."""
    headers = {"x-api-key": os.environ["CALLR_API_KEY"]}
    url = os.environ["CALLR_API_URL"] + path
    return requests.request(method, url, params=query, json=body, headers=headers, timeout=SECONDS)


def get(path: str, **query: Json) -> Json:
    answer = ask("GET", path, **query)
    answer.raise_for_status()
    return answer.json()


def do(method: str, path: str, body: Json = None, **query: Json) -> Json:
    answer = ask(method, path, body, **query)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def advance(by: str) -> None:
    url = f"{os.environ['SIMULATOR_URL']}/_simulator/v1/clock/advance"
    assert requests.post(url, json={"by": by}, timeout=SECONDS).ok


def play_support_line() -> Json:
    """Let the day pass, listen to what was left, write back, and have the calls exported."""
    advance("8h")
    recordings = get("/recordings", order="asc", limit=100)["hits"]
    for recording in recordings:
        do("PATCH", f"/recordings/{recording['sid']}", {"read": True})
    (question,) = get("/sms", direction="inbound")["hits"]
    answer = {"text": "Oui, il arrive demain: l'été commence. 😀"}
    reply = do(
        "POST", "/sms", answer, to=question["from"], trafficType="alerting", **{"from": question["to"]}
    )
    rows = {way: exported(way) for way in ("inbound", "outbound")}
    (forwarded,) = rows["outbound"]
    return {
        "answered": [int(row["durationAnswered"]) for row in rows["inbound"]][:2],
        "callers": len(rows["inbound"]),
        "forwarded": (forwarded["callee"], forwarded["hangupSource"]),
        "spoken": [recording["transcription"]["text"] for recording in recordings],
        "unread": get("/recordings", read="false")["total"],
        "asked": question["body"]["text"],
        "reply": (reply["encoding"], reply["parts"], get(f"/sms/{reply['sid']}")["status"]),
    }


def exported(direction: str) -> list[dict[str, str]]:
    """Return the rows of an export, once its task is done."""
    day = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    task = do("POST", "/calls/export", direction=direction, **day)
    advance("10s")
    table = requests.get(get(f"/tasks/{task}")["result"]["url"], timeout=SECONDS).text
    return [*csv.DictReader(io.StringIO(table))]


def play_buying_numbers() -> Json:
    """Buy four numbers with the money for three, give one to somebody, and give one back."""
    held = do("POST", "/numbers/store", country="FR", type="geographic", quantity=4)
    bought = do("POST", f"/numbers/store/{held['token']}")
    first, second, third = [item["e164"] for item in bought["items"]]
    user = do("POST", "/end-users", {"name": "French Corp", "address": {"country": "FR"}})["sid"]
    do("PUT", f"/numbers/{first}/enduser/{user}")
    credit = get("/billing/credit")
    gone = ask("POST", "/numbers/store", country="FR", type="geographic", quantity=2)
    do("DELETE", f"/numbers/{third}")
    advance("1s")
    return {
        "failed": [error["code"] for error in bought["errors"]],
        "ends": get(f"/numbers/{second}")["contract"]["ends"],
        "user": get(f"/numbers/{first}")["enduser"]["name"],
        "credit": (credit, get("/billing/credit")),
        "gone": (gone.status_code, gone.json()["code"]),
        "kept": get("/numbers", sort="e164", order="asc")["total"],
    }


def play_credit_runs_dry() -> Json:
    """Write to twenty people and one more, wait for money, and write to that one again."""
    people = [f"+336399800{place:02}" for place in range(21)]
    answers = [ask("POST", "/sms", {"text": f"Hello {who[-2:]}"}, to=who) for who in people]
    credit = get("/billing/credit")
    advance("1h")
    late = do("POST", "/sms", {"text": "Hello again"}, to=people[-1])
    advance("1m")
    return {
        "sent": sum(answer.status_code == 201 for answer in answers),
        "refused": [answer.json()["code"] for answer in answers if answer.status_code != 201],
        "credit": (credit, get("/billing/credit")),
        "late": get(f"/sms/{late['sid']}")["status"],
        "total": get("/sms", direction="outbound")["total"],
    }


def play_receiver_comes_back() -> Json:
    """Wait until everything has been told, and read in the log how often each was tried."""
    advance("2h")
    hits = get("/webhooks/logs", order="asc", limit=100)["hits"]
    inbox = [hit for hit in hits if hit["endpoint"].endswith("/inbox")]
    last = {hit["id"]: hit["httpcode"] for hit in inbox}
    return {
        "events": len(last),
        "tries": [hit["try"] for hit in inbox if hit["id"] == inbox[0]["id"]],
        "last": sorted(last.values()),
        "archive": [hit["httpcode"] for hit in hits if hit not in inbox],
        "failed": [hook["failed"] for hook in get("/webhooks")["hits"]],
        "texts": [hit["body"]["text"] for hit in get("/sms", order="asc")["hits"]],
    }


PLAYERS: Mapping[str, Callable[[], Json]] = {
    "support_line": play_support_line,
    "buying_numbers": play_buying_numbers,
    "credit_runs_dry": play_credit_runs_dry,
    "receiver_comes_back": play_receiver_comes_back,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PLAYERS[sys.argv[1]]()) + "\n")
