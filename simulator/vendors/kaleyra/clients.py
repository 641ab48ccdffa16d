"""What a client of Kaleyra presents, needs to get in, and asks of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, NotRequired, TypedDict
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.telephony.accounts import Account
from simulator.telephony.errors import MissingCredential
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.world import World
from simulator.vendors.kaleyra.endpoint import OBD_PATH, PLAY_PATH, VOICE_PATH
from simulator.vendors.kaleyra.media import recording_url
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.provisioning import OBD
from simulator.vendors.kaleyra.responses import click_id, incoming_id, obd_id

KEY = re.compile(r"A?[0-9a-f]{32}", re.IGNORECASE | re.ASCII)
"""`A` and 32 hex digits (documented); old ones lack the A (observed)."""


def read_key(request: Request, form: Form) -> str:
    """Return the API key: of header `x-api-key`, header `api_key` or parameter `api_key`, in this order.

    All three are documented, the order is inferred. Raises MissingCredential.
    """
    keys = (
        request.header("x-api-key"),
        request.header("api-key"),
        request.header("api_key"),
        form.get("api_key"),
    )
    if not (key := next((text.strip() for text in keys if text and text.strip()), "")):
        raise MissingCredential
    return key


def new_credential(draw: int) -> str:
    """Return a key made out of keyed bits."""
    return "A" + blake2b(str(draw).encode(), digest_size=16).hexdigest()


class Credentials(TypedDict):
    """What a client of Kaleyra needs: the key, a number to call from and a group to call, if there is one."""

    api_key: str
    caller_id: NotRequired[str]
    group: NotRequired[str]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the key, a number to call from and a group to call."""
    details = Credentials(api_key=account.credential)
    if caller_id := render_number(next(iter(account.caller_ids), None)):
        details["caller_id"] = caller_id
    if group := next(iter(account.groups), None):
        details["group"] = group
    return details


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that connects two people."""
    form = "method=dial.click2call&format=json&return=1&caller=6010000001&receiver=6010000002"
    return f"curl -H 'x-api-key: {credentials['api_key']}' -d '{form}' {base_url}/v1/"


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield what is asked of a call, by its id: at OBD its status, else its row and its report."""
    if isinstance(call, LiveCall):
        yield _read(call, VOICE_PATH, "dial", incoming_id(call))
        yield _read(call, VOICE_PATH, "dial.callreports", incoming_id(call))
    elif call.campaign.kind == OBD:
        yield _read(call, OBD_PATH, "voice.status", obd_id(call))
    else:
        yield _read(call, VOICE_PATH, "dial.c2cstatus", click_id(call))
        yield _read(call, VOICE_PATH, "dial.callreports", click_id(call))


def recordings(call: AnyCall) -> Iterator[Request]:
    """Yield where the call can be listened to, once it is over."""
    if (query := recording_url(call).partition("?")[2]) != "":
        yield Request("GET", PLAY_PATH, query)


def _read(call: AnyCall, path: str, method: str, name: str) -> Request:
    key = call.account.credential
    return Request("GET", path, urlencode({"api_key": key, "method": method, "format": "json", "id": name}))
