"""Callo (callo.com; zvonok.com in Russia): automatic calls, verification by call, bulk campaigns."""

from __future__ import annotations

from datetime import timedelta

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.telephony.errors import MissingCredential
from simulator.telephony.limits import Limit
from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.callo.callbacks import EVENTS, PLACEHOLDERS, POSTBACKS, announce
from simulator.vendors.callo.errors import refuse
from simulator.vendors.callo.paths import API, ROOT, canonical_path
from simulator.vendors.callo.provisioning import (
    KINDS,
    credentials,
    furnish,
    issues,
    new_credential,
    number,
    outfit,
    try_it,
)
from simulator.vendors.callo.routes import routes
from simulator.vendors.callo.settings import check_profile
from simulator.vendors.callo.staged import staged_refusal
from simulator.vendors.callo.statuses import ACTIONS, LANGUAGES

__all__ = ["vendor"]


def _credential(request: Request, form: Form) -> str:  # noqa: ARG001 - a key is always a parameter
    if not (key := (form.get("public_key") or "").strip()):
        raise MissingCredential
    return key


vendor = Vendor(
    name="callo",
    title="Callo",
    hosts=("callo.com", "zvonok.com"),
    routes=routes,
    credential=_credential,
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
        postbacks=POSTBACKS,
        campaigns=tuple(KINDS),
        actions=tuple(ACTIONS),
        placeholders=PLACEHOLDERS,
        languages=LANGUAGES,
        unread=("groups",),
    ),
    limits=(
        Limit(
            "callo documentation: 20 requests a second", "callo.*", 20, timedelta(seconds=1), ("public_key",)
        ),
    ),
    callees=("phone", "phones", "ct_phone"),
    rewrite=canonical_path,
    try_it=try_it,
    urls={"API_URL": f"{ROOT}{API}"},
)
