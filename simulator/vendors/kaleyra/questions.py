"""How a client of Kaleyra asks what became of a call, and where its recording is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.world import World
from simulator.vendors.kaleyra.click2call import click_id
from simulator.vendors.kaleyra.obd import obd_id
from simulator.vendors.kaleyra.paths import OBD, PLAY, VOICE
from simulator.vendors.kaleyra.provisioning import OBD as OBD_KIND
from simulator.vendors.kaleyra.recordings import recording_url
from simulator.vendors.kaleyra.reports import incoming_id


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield what is asked of a call, by its id: at OBD its status, else its row and its report."""
    if isinstance(call, LiveCall):
        yield _read(call, VOICE, "dial", incoming_id(call))
        yield _read(call, VOICE, "dial.callreports", incoming_id(call))
    elif call.campaign.kind == OBD_KIND:
        yield _read(call, OBD, "voice.status", obd_id(call))
    else:
        yield _read(call, VOICE, "dial.c2cstatus", click_id(call))
        yield _read(call, VOICE, "dial.callreports", click_id(call))


def recordings(call: AnyCall) -> Iterator[Request]:
    """Yield where the call can be listened to, once it is over."""
    if (query := recording_url(call).partition("?")[2]) != "":
        yield Request("GET", PLAY, query)


def _read(call: AnyCall, path: str, method: str, name: str) -> Request:
    key = call.account.credential
    return Request("GET", path, urlencode({"api_key": key, "method": method, "format": "json", "id": name}))
