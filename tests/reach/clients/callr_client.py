"""Sends a message by Callr, whose address is in the code, and tells what became of it."""

import json
import os
import sys
from threading import Event
from urllib.parse import urlencode

import urllib3

API = "https://api.callr.com/v2.0/sms"
OVER = ("delivered", "failed", "error", "expired")
HEADERS = {"x-api-key": os.environ["CALLR_API_KEY"], "Content-Type": "application/json"}


def main() -> None:
    pool = urllib3.PoolManager(headers=HEADERS)
    query = {"to": "+33639980001", "from": "Bistro"}
    if "SLIP" in os.environ:
        query["traffictype"] = "alerting"
    text = json.dumps({"text": "Your table is booked."})
    sent = pool.request("POST", f"{API}?{urlencode(query)}", body=text)
    if sent.status >= 400:
        raise SystemExit(f"refused: {sent.data!r}")
    for _look in range(100):
        status = pool.request("GET", f"{API}/{sent.json()['sid']}").json()["status"]
        if status in OVER:
            sys.stdout.write(f"callr_client.py {status}\n")
            return
        Event().wait(0.5)
    raise SystemExit("nothing became of the message")


main()
