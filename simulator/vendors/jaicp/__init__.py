"""JAICP (Just AI; Aimylogic and Tovie elsewhere): calling campaigns by token, in two editions of its API."""

from __future__ import annotations

import re

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.telephony.errors import MissingCredential
from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.jaicp.callbacks import announce, weigh
from simulator.vendors.jaicp.errors import refuse
from simulator.vendors.jaicp.provisioning import (
    credentials,
    furnish,
    issues,
    new_credential,
    number,
    outfit,
    try_it,
)
from simulator.vendors.jaicp.routes import routes
from simulator.vendors.jaicp.settings import LARGEST_BODY, check_profile, edition_of
from simulator.vendors.jaicp.staged import staged_refusal

__all__ = ["vendor"]

_TOKEN = re.compile(r"/api/(?:calls|crmCalls)/campaign/([^/]+)")


def _credential(request: Request, form: Form) -> str:  # noqa: ARG001 - a token always stands in the path
    if not (found := _TOKEN.match(request.path)):
        raise MissingCredential
    return found[1]


vendor = Vendor(
    name="jaicp",
    title="JAICP",
    hosts=("app.jaicp.com", "*.just-ai.com", "app.aimylogic.com", "platform.tovie.ai"),
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
    vocabulary=Vocabulary(events=("clearance.asked",), unread=("language", "zone", "groups")),
    callees=("phone", "phones"),
    edition=edition_of,
    keyed_campaigns=True,
    largest_body=LARGEST_BODY,
    try_it=try_it,
    urls={"API_URL": "/api/calls/campaign"},
    weigh=weigh,
)
