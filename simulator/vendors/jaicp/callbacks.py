"""The one thing JAICP asks its clients: whether a number may be dialed now (`externalCheck`)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

from simulator.exchange import CallbackRequest, Headers
from simulator.formats.json_text import write_compact_json
from simulator.telephony.operators import Event
from simulator.telephony.phone_numbers import digits_of


def announce(event: Event) -> Iterator[CallbackRequest]:
    """Yield the question that goes before an attempt; its form is inferred, that it is put is documented."""
    clearance = event.call.policy.clearance
    if event.name != "clearance.asked" or clearance is None:
        return
    call = event.call
    asked = {
        "callJobId": call.ref,
        "phone": digits_of(call.callee),
        "attemptNumber": len(call.attempts) + 1,
        "payload": call.payload or {},
    }
    url, credentials = _without_credentials(clearance.url)
    yield CallbackRequest(
        "POST", url, (("Content-Type", "application/json"), *credentials), write_compact_json(asked)
    )


def _without_credentials(url: str) -> tuple[str, Headers]:
    """Return a URL without the name and password it may carry, and the header that presents them."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ()
    token = b64encode(unquote(userinfo).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), (("Authorization", f"Basic {token}"),)
