"""How a client of Callr asks for the recordings of a call: of one that is over, nothing else is told."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.world import World


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield the search for the call's recordings."""
    key = (("x-api-key", call.account.credential),)
    yield Request("GET", "/v2.0/recordings", urlencode({"callid": call.ref}), key)
