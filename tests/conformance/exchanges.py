"""Right exchanges with Callo, to be made wrong one thing at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from simulator.exchange import Answer, Exchange, Request

ROOT = "/manager/cabapi_external/api/v1"
KEY = "0123456789abcdef0123456789abcdef"
CALL = {"public_key": KEY, "phone": "+380123456789", "campaign_id": "1127902348"}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Content-Type": JSON,
    "Server": "gunicorn/19.9.0",
    "X-Frame-Options": "ALLOW-FROM HTTPS://CALLO.COM/*",
    "Content-Language": "en",
    "Vary": "Accept-Language, Cookie",
}
ADDED = {
    "call_id": 999999999999999,
    "phone": "+380123456789",
    "balance": "333.333333",
    "audioclip_id": 9999999999,
    "created": "2019-06-18T10:00:36.667Z",
    "callerid": "+380123456789",
}
ROW = {
    "phone": "+380123456789",
    "status": "user",
    "status_display": "Custom IVR",
    "recorded_audio": None,
    "dial_status": None,
    "dial_status_display": None,
    "call_id": 170925203120219,
    "user_choice": None,
    "updated": "2017-09-22T16:53:12.267Z",
    "user_choice_display": None,
    "action_type": None,
    "created": "2017-09-22T16:53:12.267Z",
    "button_num": 1,
    "completed": None,
    "duration": 20,
}


def answer(body: Any = ADDED, status: int = 200, headers: dict[str, str] = HEADERS) -> Answer:
    """Return an answer; a text is its body as it is, anything else its JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, text.encode(), tuple(headers.items()))


def refusal(text: str) -> Answer:
    """Return a 400 in the vendor's envelope."""
    return answer({"status": "error", "data": text}, 400)


def post(path: str, fields: dict[str, str], kind: str = FORM) -> Request:
    """Return a form sent by POST."""
    return Request("POST", ROOT + path, "", (("Content-Type", kind),), urlencode(fields).encode())


def get(path: str, fields: Any) -> Request:
    """Return a GET with its fields in the query."""
    return Request("GET", ROOT + path, urlencode(fields))


def exchange(request: Request, answered: Answer | None = None, **facts: Any) -> Exchange:
    """Return an exchange; without an answer, one that the operation add_call gives."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    known = {"id": "7", "at": at, "world": "main", "vendor": "callo", "operation": "add_call", **facts}
    return Exchange(request=request, answer=answered or answer(), **known)
