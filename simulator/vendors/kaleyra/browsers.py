"""CORS, where an account's settings let browsers of other sites in; the documents are silent on it."""

from __future__ import annotations

from dataclasses import replace

from simulator.exchange import Answer, Request
from simulator.telephony.accounts import Account
from simulator.vendors.kaleyra.settings import KaleyraSettings

PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "x-api-key, content-type"),
)


def let_in(answer: Answer, request: Request, account: Account | None) -> Answer:
    """Return an answer with the headers that browsers ask for; a preflight is answered 204 (all inferred)."""
    origin = KaleyraSettings.of(account).cors_origin if account else ""
    if not origin:
        return answer
    allowed = (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))
    if request.method == "OPTIONS":
        return Answer(204, b"", (*allowed, *PREFLIGHT))
    return replace(answer, headers=(*answer.headers, *allowed))
