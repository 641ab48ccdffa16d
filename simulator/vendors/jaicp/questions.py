"""How a client of JAICP asks what became of a call."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from simulator.exchange import Request
from simulator.formats.json_text import write_json
from simulator.telephony.calls import Call
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.world import World
from simulator.vendors.jaicp.settings import FORMER, JaicpSettings


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield the requests for the report on a job and on its attempts, in the account's edition of the API."""
    if not isinstance(call, Call):
        return
    former = JaicpSettings.of(call.account).profile == FORMER
    for report in ("getReport",) if former else ("callJob/getReport", "callAttempt/getReport"):
        path = f"/api/calls/campaign/{quote(call.campaign.key or call.account.credential, safe='')}/{report}"
        body = write_json({"ids": [call.ref]})
        yield Request("POST", path, "", (("Content-Type", "application/json"),), body)
