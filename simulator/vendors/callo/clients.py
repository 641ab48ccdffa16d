"""What a client of Callo presents, needs to get in, and asks of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypedDict
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.errors import MissingCredential
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.owners import Ref
from simulator.telephony.world import World
from simulator.vendors.callo.endpoint import API, ROOT
from simulator.vendors.callo.media import recordings_of
from simulator.vendors.callo.requests import FLASHCALL, FREE_TEXT, PINCODE, TELLCODE

ASKED_KINDS = {"add_confirm_call": PINCODE, "add_tellcode_call": TELLCODE, "add_flashcall": FLASHCALL}
"""The type of campaign that an operation asks for, where it is another one than free text."""

KEY = re.compile(r"[0-9a-f]{32}")
"""32 lowercase hexadecimal digits (observed)."""


def read_key(request: Request, form: Form) -> str:  # noqa: ARG001 - a key is always a parameter
    """Return the key that a request presents; raises MissingCredential."""
    if not (key := (form.get("public_key") or "").strip()):
        raise MissingCredential
    return key


def new_credential(draw: int) -> str:
    """Return a key made out of keyed bits."""
    return blake2b(str(draw).encode(), digest_size=16).hexdigest()


class Credentials(TypedDict):
    """What a client of Callo needs: the first campaign, and the first one of each type."""

    public_key: str
    campaign_id: Ref | None
    campaigns: dict[str, Ref]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the key, a campaign to begin with, and the first campaign of each type."""
    campaigns: dict[str, Ref] = {}
    for campaign in account.campaigns.values():
        campaigns.setdefault(campaign.kind, campaign.ref)
    first = campaigns.get(FREE_TEXT) or next(iter(campaigns.values()), None)
    return {"public_key": account.credential, "campaign_id": first, "campaigns": campaigns}


def fitting(operation: str, credentials: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return credentials with a campaign of the type that an operation asks for."""
    campaign = credentials["campaigns"].get(ASKED_KINDS.get(operation), credentials["campaign_id"])
    return {**credentials, "campaign_id": campaign}


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that adds a call; the plus sign is escaped, for a form reads it as a space."""
    key, campaign = credentials["public_key"], credentials["campaign_id"]
    form = f"public_key={key}&campaign_id={campaign}&phone=%2B447700900000"
    return f"curl -d '{form}' {base_url}/manager/cabapi_external/api/v1/phones/call/"


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
