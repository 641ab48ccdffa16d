"""Callr (callr.com): calls, messages, numbers and scripts over a REST API, version 2.0."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.exchange import CallbackRequest
from simulator.telephony.operators import Event, Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.callr.callbacks import EVENTS, SUBSCRIPTIONS, hear, missign
from simulator.vendors.callr.credentials import credentials, issues, new_credential, read_credential
from simulator.vendors.callr.errors import refuse
from simulator.vendors.callr.provisioning import adapt, check_profile, furnish, number, outfit, try_it
from simulator.vendors.callr.routes import routes
from simulator.vendors.callr.settings import setting
from simulator.vendors.callr.staged import staged_refusal

__all__ = ["vendor"]


def _announce(_event: Event) -> Iterable[CallbackRequest]:
    """Say nothing of campaigns' calls, for there are none; `hear` tells of everything else."""
    return ()


vendor = Vendor(
    name="callr",
    title="Callr",
    hosts=("api.callr.com",),
    routes=routes,
    credential=read_credential,
    refuse=refuse,
    staged=staged_refusal,
    number=number,
    issues=issues,
    furnish=furnish,
    outfit=outfit,
    adapt=adapt,
    edition=lambda account: str(setting(account, "endpoints")),
    announce=_announce,
    hear=hear,
    credentials=credentials,
    new_credential=new_credential,
    check_profile=check_profile,
    vocabulary=Vocabulary(
        events=EVENTS,
        signs=True,
        subscriptions=SUBSCRIPTIONS,
        unread=("language", "zone", "groups", "campaigns", "credit"),
        towards_nobody=("absent_credential",),
    ),
    missign=missign,
    callees=("to", "number"),
    try_it=try_it,
    urls={"API_URL": "/v2.0"},
)
