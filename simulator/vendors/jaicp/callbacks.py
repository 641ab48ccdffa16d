"""The one thing JAICP asks its clients: whether a number may be dialed now (`externalCheck`)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import unquote

from simulator.exchange import Answer, CallbackRequest, Headers
from simulator.formats.json_text import MalformedJson, read_json, write_compact_json
from simulator.formats.urls import basic_authorization, escape_url, split_userinfo
from simulator.telephony.calls import Call
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.outbox import read_status
from simulator.telephony.phone_numbers import digits_of
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import JaicpSettings


def callbacks(world: World, event: NetworkEvent) -> Iterator[CallbackRequest]:  # noqa: ARG001 - the event tells all
    """Yield the question that goes before an attempt; its form is inferred, that it is put is observed."""
    if event.name != "clearance.asked" or (clearance := event.call.order.policy.clearance) is None:
        return
    call = event.call
    question = {
        "callJobId": call.ref,
        "phone": digits_of(call.callee),
        "attemptNumber": len(call.attempts) + 1,
        "payload": call.order.payload or {},
    }
    url, credentials = _without_credentials(clearance.url)
    url = escape_url(url)  # letters that no URL may hold would never arrive
    headers = (("Content-Type", "application/json"), *credentials)
    reads = _reads_bodies(call)
    yield CallbackRequest("POST", url, headers, write_compact_json(question), reads_reply=reads)


def read_clearance(call: Call, status: int | None, reply: Answer | None) -> bool | None:
    """Tell what an answer means: by its status, and where the account wishes so by the body of a 2xx.

    Such a body is JSON: a boolean, or an object with a boolean `allowed`; any other is no answer (inferred).
    """
    meant = read_status(status)
    if not meant or not _reads_bodies(call):
        return meant
    try:
        value = read_json(reply.body if reply else b"")
    except MalformedJson:
        return None
    allowed = value.get("allowed") if isinstance(value, dict) else value
    return allowed if isinstance(allowed, bool) else None


def _reads_bodies(call: Call) -> bool:
    return JaicpSettings.of(call.account).external_check_answer == "body"


def _without_credentials(url: str) -> tuple[str, Headers]:
    """Return a URL without the name and password it may carry, and the header that presents them.

    They stand there as `name:password`, or as the Base64 of that (observed).
    """
    bare, userinfo = split_userinfo(url)
    pair = unquote(userinfo)
    return bare, (basic_authorization((_decoded(pair) or pair).encode()),) if pair else ()


def _decoded(userinfo: str) -> str | None:
    """Return the `name:password` whose Base64 this is, in either alphabet, padded or not; else None."""
    text = userinfo.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        pair = b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except ValueError:
        return None
    return pair if ":" in pair and pair.isprintable() else None
