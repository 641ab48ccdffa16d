"""How a client of Callo asks what became of a call, and where its recordings are."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.world import World
from simulator.vendors.callo.media import recordings_of
from simulator.vendors.callo.paths import API, ROOT


def questions(world: World, call: AnyCall) -> Iterator[Request]:
    """Yield what is asked of a call: by its id, by its number, and of the list that it came with."""
    if not isinstance(call, Call):
        return
    campaign = world.network.campaign_of(call.campaign)
    yield _read(call, "phones/call_by_id", call_id=call.ref, expand=1)
    yield _read(call, "phones/calls_by_phone", campaign_id=campaign.ref, phone=call.callee)
    for phone_list in campaign.phone_lists.values():
        if call in phone_list.calls:
            yield _read(
                call,
                "phonelists/call_ids_by_phonelist",
                campaign_id=campaign.ref,
                phonelist_id=phone_list.ref,
            )


def recordings(call: AnyCall) -> Iterator[Request]:
    """Yield where each attempt in which somebody spoke can be listened to."""
    if isinstance(call, Call):
        for recording in recordings_of(call):
            _, directory, rest = recording.direct_url.partition("/directcdr/")
            yield Request("GET", f"{ROOT}{directory}{rest}")


def _read(call: Call, operation: str, **parameters: object) -> Request:
    query = urlencode({"public_key": call.account.credential, **parameters})
    return Request("GET", f"{ROOT}{API}/{operation}/", query)
