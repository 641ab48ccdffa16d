"""What a client of JAICP presents, needs to get in, and asks of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypedDict
from urllib.parse import quote

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.formats.json_text import write_json
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.errors import MissingCredential
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.owners import Ref
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import FORMER, JaicpSettings

_PATH = re.compile(r"/api/(?:calls|crmCalls)/campaign/([^/]+)")
KEY = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}\.[A-Za-z0-9]{4,80}")
"""Two numbers and a run of letters and digits, with dots between."""


def read_token(request: Request, form: Form) -> str:  # noqa: ARG001 - a token always stands in the path
    """Return the token that opens a campaign; raises MissingCredential."""
    if not (token := _PATH.match(request.path)):
        raise MissingCredential
    return token[1]


def new_credential(draw: int) -> str:
    """Return a token made out of keyed bits, of the longer form that the 1.10.3 page shows."""
    secret = blake2b(str(draw).encode(), digest_size=21).hexdigest()
    return f"{draw % 900_000 + 100_000}.{draw % 900 + 100}.{secret}"


class Credentials(TypedDict):
    """What a client of JAICP needs: the token of the first campaign, and those of all by their names."""

    token: str
    campaign_id: Ref
    tokens: dict[str, str]


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the token of the first campaign, and those of all by their names."""
    campaigns = list(account.campaigns.values())
    tokens = {campaign.name: campaign.key for campaign in campaigns}
    return {"token": campaigns[0].key, "campaign_id": campaigns[0].ref, "tokens": tokens}


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that adds a number."""
    url = f"{base_url}/api/calls/campaign/{credentials['token']}/addPhones"
    return f"curl -H 'Content-Type: application/json' -d '[{{\"phone\": \"447700900000\"}}]' {url}"


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield the requests for the report on a job and on its attempts, in the account's edition of the API."""
    if not isinstance(call, Call):
        return
    former = JaicpSettings.of(call.account).profile == FORMER
    for report in ("getReport",) if former else ("callJob/getReport", "callAttempt/getReport"):
        path = f"/api/calls/campaign/{quote(call.campaign.key or call.account.credential, safe='')}/{report}"
        body = write_json({"ids": [call.ref]})
        yield Request("POST", path, "", (("Content-Type", "application/json"),), body)
