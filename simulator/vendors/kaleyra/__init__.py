"""Kaleyra (once SolutionsInfini): click-to-call, incoming calls, follow-ups and outbound dialing in India."""

from __future__ import annotations

from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.kaleyra.callbacks import EVENTS, announce
from simulator.vendors.kaleyra.endpoint import read_key
from simulator.vendors.kaleyra.errors import mark_of, refuse
from simulator.vendors.kaleyra.paths import OBD, VOICE, canonical_path
from simulator.vendors.kaleyra.profiles import check_profile
from simulator.vendors.kaleyra.provisioning import (
    INCOMING,
    KINDS,
    credentials,
    furnish,
    issues,
    new_credential,
    number,
    outfit,
    try_it,
)
from simulator.vendors.kaleyra.routes import routes
from simulator.vendors.kaleyra.staged import staged_refusal

__all__ = ["vendor"]

vendor = Vendor(
    name="kaleyra",
    title="Kaleyra",
    hosts=(
        "api-voice.kaleyra.com",
        "obd.kaleyra.com",
        "api-voice.solutionsinfini.com",
        "voice.solutionsinfini.com",
        "obd.solutionsinfini.com",
        "voice.sinfini.com",
    ),
    routes=routes,
    credential=read_key,
    refuse=refuse,
    staged=staged_refusal,
    number=number,
    issues=issues,
    furnish=furnish,
    outfit=outfit,
    announce=announce,
    credentials=credentials,
    new_credential=new_credential,
    check_profile=check_profile,
    vocabulary=Vocabulary(
        events=EVENTS,
        campaigns=KINDS,
        receiving=(INCOMING,),
        unread=("language", "zone"),
        towards_nobody=("errors",),
    ),
    callees=(
        "to",
        "callto",
        "call to",
        "call_to",
        "receiver",
        "phone",
        "number",
        "numbers",
        "mobile",
        "caller",
    ),
    rewrite=canonical_path,
    try_it=try_it,
    urls={"VOICE_URL": VOICE, "OBD_URL": OBD},
    json_by_shape=True,
    sure=mark_of,
)
